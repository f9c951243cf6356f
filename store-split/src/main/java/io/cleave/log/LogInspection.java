package io.cleave.log;

import io.cleave.core.parts.LogEnd;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Looks at a log without changing it, be it closed or in use by this or another process. For tools.
 *
 * <p>Stateless, thread-safe. Errors: {@code Corrupt} for damage, {@code FormatVersion} for files of another version.
 */
public final class LogInspection {
    /** How often {@link #verify} reads a log whose files are released meanwhile. */
    public static final int PASSES_MAX = 32;

    /**
     * What a whole log is.
     *
     * @param files files that belong to it
     * @param unusedFiles files that were made ahead, or dropped by a recovery that has not removed them
     * @param records records of all kinds
     * @param endPosition position after the last of them
     * @param lastSequence highest sequence number used
     * @param clean true when the last record marks a clean end
     * @param ending what the ledger is compared with
     */
    public record Continuity(
            int files,
            int unusedFiles,
            long records,
            long endPosition,
            long lastSequence,
            boolean clean,
            LogEnd ending) {}

    private LogInspection() {}

    /** The log files of a directory with what their headers say, lowest number first. */
    public static List<LogFileInfo> files(Storage storage, Path directory) {
        return LogDirectory.read(storage, directory);
    }

    /** The same beside a live writer, without those that it releases while they are looked at. */
    public static List<LogFileInfo> filesBesideWriter(Storage storage, Path directory) {
        return LogDirectory.readBesideWriter(storage, directory);
    }

    /** True for the name that a log file of some number has. */
    public static boolean isFileName(String name) {
        return LogDirectory.number(name) > 0;
    }

    /** True when there is a log file that has ever been written to. */
    public static boolean isStarted(Storage storage, Path directory) {
        // One without an identity is damaged, or nothing yet; recovery tells.
        return files(storage, directory).stream().anyMatch(file -> file.identity() == null || file.chain() != null);
    }

    /**
     * Requires a log file that has ever been written to: a store without one gives its sequence numbers out again, beside runs that
     * hold them. Only the very first open meets none: before an index is created a log file is durable, and the last one is never
     * released.
     */
    public static void requireStarted(Storage storage, Path directory) {
        if (!isStarted(storage, directory)) {
            throw new StoreException.Corrupt(directory, 0, "log", "a started file, because there was an index", "none");
        }
    }

    /**
     * Reads everything as a recovery does, hands over its records, and leaves the log as it is. One pass: whoever reads beside a
     * writer looks again whether anything has changed.
     */
    public static Continuity replay(Storage storage, Path directory, StoreIdentity identity, ReplaySink sink) {
        LogRecovery.Log log = LogRecovery.run(storage, directory, identity, sink);
        return new Continuity(
                log.chain().size(),
                log.discarded().size(),
                log.records(),
                log.end(),
                log.lastSequence(),
                log.ending().clean(),
                log.ending().reached());
    }

    /**
     * Hands over the records of one file, of every kind, up to the first place that holds none. Records
     * behind a cut that a recovery made are among them.
     *
     * @return the offset of that place
     */
    public static long records(Storage storage, LogFileInfo file, ReplaySink sink) {
        if (file.identity() == null || file.chain() == null) {
            return LogChainFormat.FILE_HEADER_BYTES;
        }
        try (LogReader reader =
                new LogReader(storage, file.path(), file.base(), file.identity().seed())) {
            long offset = LogChainFormat.FILE_HEADER_BYTES;
            while (reader.look(offset, file.bytes()) == LogReader.Found.RECORD) {
                sink.record(reader.record());
                offset = reader.recordEnd();
            }
            return offset;
        }
    }

    /** Reads everything as a recovery would and checks every operation, whichever index it belongs to. */
    public static Continuity verify(Storage storage, Path directory, StoreIdentity identity) {
        return verify(storage, directory, identity, indexId -> true);
    }

    /**
     * Reads everything as a recovery would and checks every operation.
     *
     * <p>An appender that is at work can make one pass see a record behind an empty place; damage is found at the same
     * place by two passes.
     *
     * @param handedOut true for an index id that the store has given to an index, even if that was dropped; may be asked again
     * @throws StoreException.NotFound when a live writer has released files during each of {@link #PASSES_MAX} passes
     */
    public static Continuity verify(Storage storage, Path directory, StoreIdentity identity, IntPredicate handedOut) {
        StoreException.Corrupt before = null;
        for (int pass = 1; ; pass++) {
            try {
                return replay(storage, directory, identity, record -> check(record, handedOut));
            } catch (StoreException.Corrupt e) {
                if (pass == PASSES_MAX || (before != null && isSamePlace(before, e))) {
                    throw e;
                }
                before = e;
            } catch (StoreException.NotFound e) {
                // A file that was released between the listing and the reading.
                if (pass == PASSES_MAX) {
                    throw e;
                }
            }
        }
    }

    private static void check(LogRecord record, IntPredicate handedOut) {
        if (record.kind() != LogRecordKind.DATA) {
            return;
        }
        OperationsDecoder operations = record.decoder();
        while (operations.next()) {
            assert operations.sequence() <= record.lastSequence();
            if (!handedOut.test(operations.indexId())) {
                throw new StoreException.Corrupt(
                        record.file(),
                        record.offset(),
                        "index id",
                        "one that the catalog has handed out",
                        operations.indexId());
            }
        }
    }

    private static boolean isSamePlace(StoreException.Corrupt a, StoreException.Corrupt b) {
        return a.offset() == b.offset() && a.file().equals(b.file());
    }
}
