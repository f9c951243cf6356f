package io.cleave.log;

import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageFile;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import java.nio.file.Path;

/**
 * What stands behind the last readable record of a log: whole records and header blocks, and how far they say the log
 * was durable. Tells a torn tail from damage.
 *
 * <p>Belongs to one recovery. Reads, changes nothing.
 */
final class LogEvidence {
    /**
     * Where the records of a log end.
     *
     * @param file the file
     * @param offset where the next record would stand
     * @param limit end of the part of the file that belongs to the log
     */
    record Hole(LogFileInfo file, long offset, long limit) {}

    private final Storage storage;
    private final StoreIdentity identity;

    /** Highest position that something says was durable. */
    private long mark;
    /** Whole records behind the end. */
    private long records;

    LogEvidence(Storage storage, StoreIdentity identity) {
        this.storage = storage;
        this.identity = identity;
    }

    /** Collects the whole records of a part of a file. */
    void search(LogReader reader, long from, long limit) {
        for (long at = reader.search(from, limit); at >= 0; at = reader.search(reader.recordEnd(), limit)) {
            mark = Math.max(mark, reader.recordSynced());
            records++;
        }
    }

    /** Collects the header of a later file and its whole records. */
    void search(LogFileInfo file, long limit) {
        mark = Math.max(mark, file.chain().synced());
        try (LogReader reader =
                new LogReader(storage, file.path(), file.base(), file.identity().seed())) {
            search(reader, LogChainFormat.FILE_HEADER_BYTES, limit);
        }
    }

    /**
     * Rule R6: a file behind the last started one holds nothing, unless its chain block was lost and records of it were not; their
     * marks count then.
     */
    void searchUnused(LogFileInfo file) {
        long seed = LogIdentity.seed(identity, file.number());
        LogIdentity identity = file.identity();
        if (identity == null && chainIsWhole(file, seed)) {
            throw new StoreException.Corrupt(file.path(), 0, "identity block", "a whole one", "a damaged one");
        }
        try (LogReader reader = new LogReader(storage, file.path(), 0, seed)) {
            long limit = file.bytes();
            long at = reader.search(LogChainFormat.FILE_HEADER_BYTES, limit);
            if (at < 0) {
                return;
            }
            if (identity == null) {
                throw new StoreException.Corrupt(
                        file.path(), 0, "identity block", "a whole one before the record at " + at, "a damaged one");
            }
            search(reader, at, limit);
        }
    }

    /** A hole below what was known to be durable is damage. */
    void requireNoMarkAbove(long position, Path file, long offset) {
        if (mark > position) {
            throw new StoreException.Corrupt(
                    file,
                    offset,
                    "record",
                    "one, because the log was durable up to position " + mark,
                    "none at position " + position);
        }
    }

    /** Whole records behind the end. */
    long records() {
        return records;
    }

    private boolean chainIsWhole(LogFileInfo file, long seed) {
        byte[] block = new byte[LogChainFormat.LENGTH];
        try (StorageFile reading = storage.openForReading(file.path())) {
            return reading.read(LogChainFormat.AT, block, 0, block.length) == block.length
                    && LogChainFormat.decode(block, seed) != null;
        }
    }
}
