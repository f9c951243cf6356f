package io.cleave.log;

import io.cleave.core.parts.LogEnd;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageFile;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What can still be read of a log, be it whole or damaged, and the writing of a new log with it. For repairs.
 *
 * <p>Of a whole log it hands over what a recovery would. Of a damaged one it hands over every whole record that was ever
 * part of the log, in order: damaged ones are stepped over, since each record is checked by itself. Left out are the
 * records that a recovery had cut off: those in files that the chain passes over, and those whose numbers a later file
 * gives to others. A log that looks whole and ends before what segments hold is a damaged one, see {@link #expect}.
 *
 * <p>Belongs to one thread. Changes nothing but in {@link #rewrite}. Errors: {@code FormatVersion} for a file of another
 * version, {@code Io} for a read that fails where the first look met none; none for damage.
 */
public final class LogSalvage {
    private static final int FILE_BYTES_MAX = 16 << 20;

    private final Storage storage;
    private final Path directory;
    private final StoreIdentity identity;
    private final LogInspection.Continuity continuity;
    private final StoreException failure;
    /** Something proves that the log was longer than a recovery takes it to be. */
    private boolean cutShort;

    /** 0 until somebody asks. */
    private long holdsFrom;

    /** By file, where its last record ends: what lies behind may be long, and is searched once. */
    private final Map<Path, Long> searched = new HashMap<>();

    /** Reads the log once. An absent directory is an empty log. */
    public LogSalvage(Storage storage, Path directory, StoreIdentity identity) {
        this.storage = storage;
        this.directory = directory;
        this.identity = identity;
        LogInspection.Continuity found = null;
        StoreException wrong = null;
        try {
            found = LogInspection.verify(storage, directory, identity);
        } catch (StoreException.Corrupt | StoreException.Io | StoreException.NotFound e) {
            wrong = e;
        }
        this.continuity = found;
        this.failure = wrong;
    }

    /** What is wrong with the log, null when it is whole. */
    public StoreException failure() {
        return failure;
    }

    /** Highest sequence number of a whole log, 0 of a damaged one. */
    public long lastSequence() {
        return continuity == null ? 0 : continuity.lastSequence();
    }

    /**
     * Tells a sequence number that was durable in the log, as a segment that holds it proves. If a recovery would end below it,
     * what lies behind that end is a part of the log as well.
     */
    public void expect(long sequence) {
        cutShort = continuity != null && continuity.lastSequence() < sequence;
    }

    /**
     * True when the log proves that it holds every write from one sequence number up to another, whatever was lost elsewhere.
     * Writes that were never logged leave numbers out, and so does a log that was written anew.
     */
    public boolean holdsAll(long from, long to) {
        return failure == null && !cutShort && to <= lastSequence() && from >= holdsFrom();
    }

    private long holdsFrom() {
        if (holdsFrom == 0) {
            long[] from = {1};
            long[] last = {0};
            records(record -> {
                long first = record.firstSequence();
                boolean data = record.kind() == LogRecordKind.DATA;
                if (data ? first != last[0] + 1 : first > last[0]) {
                    from[0] = data ? first : first + 1;
                }
                last[0] = record.lastSequence();
            });
            holdsFrom = last[0] == 0 ? Long.MAX_VALUE : from[0];
        }
        return holdsFrom;
    }

    /** True for a whole log that has a clean end. */
    public boolean isClean() {
        return continuity != null && continuity.clean();
    }

    /** True for a whole log whose newest file was made for a store with a ledger. */
    public boolean isOfLedger() {
        return continuity != null && continuity.ending().ledgerVersion() != LogEnd.NO_LEDGER;
    }

    /** True when there is a file with records, or the log is damaged. */
    public boolean isStarted() {
        return continuity == null || continuity.files() > 0;
    }

    /** Hands over every DATA and SEQUENCE_MARK record that can be read, in order. */
    public void records(ReplaySink sink) {
        if (failure == null && !cutShort) {
            LogRecovery.run(storage, directory, identity, sink);
            return;
        }
        List<LogFileInfo> files = readable();
        long[] limits = new long[files.size() + 1];
        limits[files.size()] = Long.MAX_VALUE;
        for (int i = files.size() - 1; i > 0; i--) {
            limits[i] = Math.min(limits[i + 1], usedBefore(files.get(i)));
        }
        long[] last = {0};
        for (int i = 0; i < files.size(); i++) {
            long sequenceMax = limits[i + 1];
            scan(files.get(i), record -> {
                boolean data = record.kind() == LogRecordKind.DATA;
                boolean rises = data ? record.firstSequence() > last[0] : record.firstSequence() >= last[0];
                if (rises && record.lastSequence() <= sequenceMax && record.kind() != LogRecordKind.CLOSE) {
                    last[0] = record.lastSequence();
                    sink.record(record);
                }
                return true;
            });
        }
    }

    /**
     * Writes a new log with everything that can be read, durable, without the mark of a clean end where there is a ledger.
     *
     * @param target where the new log goes: an absent directory
     * @param sequence numbers up to here are marked as used
     * @param ledgerVersion version of the store's ledger, {@link LogEnd#NO_LEDGER} when it has none
     */
    public void rewrite(Storage out, Path target, long sequence, long ledgerVersion) {
        long[] bytes = {0};
        records(record -> bytes[0] = Math.max(bytes[0], record.bodyLength()));
        int fileBytes = (int) Math.min(FILE_BYTES_MAX, Math.max(1 << 16, 16 * bytes[0])) & -Long.BYTES;
        LogOptions options = new LogOptions(fileBytes, () -> ledgerVersion);
        WriteAheadLog log = WriteAheadLog.open(out, target, identity, options, record -> {});
        try {
            records(record -> {
                if (record.kind() == LogRecordKind.DATA) {
                    log.append(record.firstSequence(), record.operations(), record.copyBody(), record.bodyLength());
                } else {
                    log.appendSequenceMark(record.firstSequence());
                }
            });
            log.appendSequenceMark(Math.max(sequence, log.lastSequence()));
            if (ledgerVersion == LogEnd.NO_LEDGER) {
                // An upgrade asks for it.
                log.close();
            }
        } finally {
            log.abandon();
        }
    }

    /** True when a directory holds a log that ended cleanly. */
    public static boolean isClean(Storage storage, Path directory, StoreIdentity identity) {
        try {
            LogInspection.Continuity found = LogInspection.verify(storage, directory, identity);
            return found.files() > 0 && found.clean();
        } catch (StoreException.Corrupt | StoreException.Io | StoreException.NotFound e) {
            return false;
        }
    }

    /** True when a directory holds a whole log with a record in it. */
    public static boolean isWhole(Storage storage, Path directory, StoreIdentity identity) {
        try {
            LogInspection.Continuity found = LogInspection.verify(storage, directory, identity);
            return found.records() > 0;
        } catch (StoreException.Corrupt | StoreException.Io | StoreException.NotFound e) {
            return false;
        }
    }

    /** Which log file a file is, whatever its name; null when it is none or its identity block is damaged. */
    public static LogIdentity identityOf(Storage storage, Path path) {
        byte[] block = new byte[LogIdentityFormat.LENGTH];
        try (StorageFile file = storage.openForReading(path)) {
            if (file.read(0, block, 0, block.length) < block.length) {
                return null;
            }
        }
        return LogIdentityFormat.decode(path, block);
    }

    /** Where the log file of a number belongs. */
    public static Path file(Path directory, long number) {
        return LogDirectory.file(directory, number);
    }

    /** Own files that the chain does not pass over, lowest number first. */
    private List<LogFileInfo> readable() {
        List<LogFileInfo> files = LogDirectory.readable(storage, directory, this::requireLost);
        files.removeIf(file -> file.identity() != null
                && (!file.identity().store().equals(identity) || file.identity().number() != file.number()));
        List<LogFileInfo> passedOver = new ArrayList<>();
        for (LogFileInfo file : files) {
            if (file.chain() == null) {
                continue;
            }
            files.stream()
                    .filter(other -> other.number() > file.chain().predecessor() && other.number() < file.number())
                    .forEach(passedOver::add);
        }
        files.removeAll(passedOver);
        return files;
    }

    /** The highest sequence number that was used before a file was started. */
    private long usedBefore(LogFileInfo file) {
        long[] used = {Long.MAX_VALUE};
        scan(file, record -> {
            used[0] = record.firstSequence() - (record.kind() == LogRecordKind.DATA ? 1 : 0);
            return false;
        });
        return used[0];
    }

    /** Takes a record; false ends the scan. */
    private interface Scan {
        boolean take(LogRecord record);
    }

    private void scan(LogFileInfo file, Scan scan) {
        long seed = LogIdentity.seed(identity, file.number());
        long limit = searched.getOrDefault(file.path(), file.bytes());
        long end = LogChainFormat.FILE_HEADER_BYTES;
        try (LogReader reader = new LogReader(storage, file.path(), 0, seed)) {
            long at = reader.search(end, limit);
            while (at >= 0) {
                if (isSound(reader) && !scan.take(reader.record())) {
                    return;
                }
                end = reader.recordEnd();
                at = reader.search(end, limit);
            }
            searched.put(file.path(), end);
        } catch (StoreException.Io | StoreException.NotFound e) {
            requireLost(e);
        }
    }

    /** Where the log was found unreadable before, a failed read is the damage; else the file may be readable in a moment. */
    private void requireLost(StoreException e) {
        if (e instanceof StoreException.Io && !(failure instanceof StoreException.Io)) {
            throw e;
        }
    }

    /** True when the record that the last look found means something. */
    private static boolean isSound(LogReader reader) {
        try {
            LogRecord record = reader.record();
            if (record.kind() == LogRecordKind.DATA) {
                OperationsDecoder operations = record.decoder();
                long last = record.firstSequence() - 1;
                while (operations.next()) {
                    last = operations.sequence();
                }
                return last == record.lastSequence();
            }
            return true;
        } catch (StoreException.Corrupt e) {
            return false;
        }
    }
}
