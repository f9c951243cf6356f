package io.cleave.log;

import io.cleave.core.parts.LogEnd;
import java.util.function.LongSupplier;

/**
 * How a log is laid out.
 *
 * @param fileBytes length of a log file in bytes, a multiple of 8 and at least {@link #FILE_BYTES_MIN}; a record that
 *     needs more gets a file of its own size
 * @param ledgerVersion the version of the store's ledger that is durable when it is asked, or {@link LogEnd#NO_LEDGER}
 */
public record LogOptions(int fileBytes, LongSupplier ledgerVersion) {
    /** Smallest length of a file. */
    public static final int FILE_BYTES_MIN = 4096;

    /** 32 MiB a file. */
    public static final LogOptions DEFAULT = new LogOptions(32 << 20);

    /** The log of a store without a ledger. */
    public LogOptions(int fileBytes) {
        this(fileBytes, () -> LogEnd.NO_LEDGER);
    }

    public LogOptions {
        if (fileBytes < FILE_BYTES_MIN || fileBytes % Long.BYTES != 0) {
            throw new IllegalArgumentException(
                    "log file bytes: expected a multiple of 8, at least " + FILE_BYTES_MIN + ", found " + fileBytes);
        }
    }
}
