package io.cleave.log;

import io.cleave.core.entry.EntryLimits;
import io.cleave.core.parts.LogEnd;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One reading of a whole log: finds the chain of files, hands over every record, and decides whether the log ends where
 * the records do. Changes nothing.
 *
 * <p>Rules, by number in docs/format/log.md, "Recovery". Belongs to one thread, used once.
 *
 * <p>Errors: {@code Corrupt} for damage and foreign files, {@code FormatVersion} for files of another version.
 */
final class LogRecovery {
    /** So many files may have been begun one after the other, none of which got as far as to say whose it is. */
    private static final int BEGUN_MAX = 1 << 20;

    /**
     * What the log is.
     *
     * @param chain files whose records belong to it, oldest first
     * @param discarded files that belong to it no longer, or never did
     * @param end position after the last record
     * @param lastNumber highest file number seen, 0 when there is no file
     * @param lastSequence highest sequence number used, 0 when none was
     * @param records how many records there are, of all kinds
     * @param ending how it ends
     */
    record Log(
            List<LogFileInfo> chain,
            List<Path> discarded,
            long end,
            long lastNumber,
            long lastSequence,
            long records,
            Ending ending) {}

    /**
     * How a log ends.
     *
     * @param clean true when the last record marks a clean end, or the log is empty
     * @param dropped whole records behind the end, which nothing says were durable
     * @param reached what the ledger is compared with
     */
    record Ending(boolean clean, long dropped, LogEnd reached) {}

    private final Storage storage;
    private final StoreIdentity identity;
    private final List<LogFileInfo> files;
    private final ReplaySink sink;

    private long lastSequence;
    private long records;
    private boolean closed;

    private LogRecovery(Storage storage, List<LogFileInfo> files, StoreIdentity identity, ReplaySink sink) {
        this.storage = storage;
        this.files = files;
        this.identity = identity;
        this.sink = sink;
    }

    static Log run(Storage storage, Path directory, StoreIdentity identity, ReplaySink sink) {
        List<LogFileInfo> files = LogDirectory.read(storage, directory);
        return new LogRecovery(storage, files, identity, sink).run();
    }

    private Log run() {
        files.forEach(this::requireOwn);
        int last = files.size() - 1;
        while (last >= 0 && files.get(last).chain() == null) {
            last--;
        }
        List<LogFileInfo> unstarted = files.subList(last + 1, files.size());
        List<LogFileInfo> chain = last < 0 ? List.of() : chainTo(files.get(last));
        LogEvidence trailing = new LogEvidence(storage, identity);
        unstarted.forEach(trailing::searchUnused);

        long end = 0;
        int kept = 0;
        boolean whole = true;
        while (whole && kept < chain.size()) {
            LogFileInfo file = chain.get(kept++);
            List<LogFileInfo> later = chain.subList(kept, chain.size());
            long limit = later.isEmpty() ? file.bytes() : later.get(0).base() - file.base();
            long stop = replay(file, limit, later, trailing);
            end = file.base() + stop;
            whole = stop == limit;
        }
        List<LogFileInfo> result = List.copyOf(chain.subList(0, kept));
        if (!files.isEmpty()) {
            LogFileInfo file = kept == 0 ? files.get(0) : chain.get(kept - 1);
            trailing.requireNoMarkAbove(end, file.path(), kept == 0 ? LogChainFormat.AT : end - file.base());
        }
        List<Path> discarded = new ArrayList<>();
        for (LogFileInfo file : files) {
            if (result.stream().noneMatch(chained -> chained.number() == file.number())) {
                discarded.add(file.path());
            }
        }
        LogIdentity newest = last < 0 ? null : files.get(last).identity();
        LogEnd reached = new LogEnd(
                lastSequence,
                closed && !result.isEmpty(),
                newest == null ? 0 : newest.number(),
                newest == null ? LogEnd.NO_LEDGER : newest.ledgerVersion());
        Ending ending = new Ending(closed || result.isEmpty(), trailing.records(), reached);
        return new Log(result, discarded, end, lastNumber(), lastSequence, records, ending);
    }

    /**
     * The number after which new files are numbered. A file that does not say whose it is may have been begun by a process that died, so it
     * counts; but not one whose number nobody can have come to, which would use up all that there are.
     */
    private long lastNumber() {
        long last = 0;
        for (LogFileInfo file : files) {
            if (file.identity() != null || file.number() - last <= BEGUN_MAX) {
                last = file.number();
            }
        }
        return last;
    }

    /** Rule R1: every file that says whose it is belongs to this store and has the name and length it was given. */
    private void requireOwn(LogFileInfo file) {
        LogIdentity found = file.identity();
        if (found == null) {
            return;
        }
        if (!found.store().equals(identity)) {
            throw new StoreException.Corrupt(
                    file.path(), LogIdentityFormat.STORE_HIGH_OFFSET, "store", identity, found.store());
        }
        require(file, LogIdentityFormat.NUMBER_OFFSET, "file number", file.number(), found.number());
        require(file, LogIdentityFormat.FILE_BYTES_OFFSET, "file length", found.fileBytes(), file.bytes());
        if (file.chain() != null && (file.base() < 0 || file.base() > LogChainFormat.BASE_MAX)) {
            throw new StoreException.Corrupt(
                    file.path(), LogChainFormat.AT, "base position", "0 to " + LogChainFormat.BASE_MAX, file.base());
        }
    }

    /** Rule R2: the files from the last started one back to the oldest, each named by the one after it. */
    private List<LogFileInfo> chainTo(LogFileInfo last) {
        Map<Long, LogFileInfo> byNumber = new HashMap<>();
        files.forEach(file -> byNumber.put(file.number(), file));
        ArrayDeque<LogFileInfo> chain = new ArrayDeque<>();
        LogFileInfo at = last;
        while (at != null) {
            chain.addFirst(at);
            at = predecessor(at, byNumber);
        }
        return List.copyOf(chain);
    }

    private LogFileInfo predecessor(LogFileInfo file, Map<Long, LogFileInfo> byNumber) {
        long number = file.chain().predecessor();
        long field = LogChainFormat.AT + LogChainFormat.PREDECESSOR_OFFSET;
        if (number < 0 || number >= file.number()) {
            throw new StoreException.Corrupt(
                    file.path(), field, "predecessor", "a number below " + file.number(), number);
        }
        LogFileInfo found = byNumber.get(number);
        if (found == null) {
            if (number > 0 && files.get(0).number() < number) {
                throw new StoreException.Corrupt(file.path(), field, "predecessor", "file " + number, "no such file");
            }
            return null;
        }
        if (found.identity() == null) {
            throw new StoreException.Corrupt(found.path(), 0, "identity block", "a whole one", "a damaged one");
        }
        if (found.chain() == null) {
            throw new StoreException.Corrupt(
                    found.path(), LogChainFormat.AT, "chain block", "a whole one", "a damaged one");
        }
        long end = file.base() - found.base();
        if (end < LogChainFormat.FILE_HEADER_BYTES || end > found.bytes()) {
            throw new StoreException.Corrupt(
                    file.path(),
                    LogChainFormat.AT + LogChainFormat.BASE_OFFSET,
                    "base position",
                    "a place in file " + number,
                    file.base());
        }
        return found;
    }

    /** Hands over the records of one file; returns the offset after the last. */
    private long replay(LogFileInfo file, long limit, List<LogFileInfo> later, LogEvidence trailing) {
        try (LogReader reader =
                new LogReader(storage, file.path(), file.base(), file.identity().seed())) {
            long offset = LogChainFormat.FILE_HEADER_BYTES;
            LogReader.Found found = reader.look(offset, limit);
            closed = false;
            while (found == LogReader.Found.RECORD && !closed) {
                take(reader.record());
                offset = reader.recordEnd();
                found = reader.look(offset, limit);
            }
            if (offset == limit || (closed && later.isEmpty())) {
                return offset;
            }
            if (closed) {
                throw new StoreException.Corrupt(file.path(), offset, "after a clean end", limit, offset);
            }
            judge(new LogEvidence.Hole(file, offset, limit), reader, later, trailing);
            return offset;
        }
    }

    private void take(LogRecord record) {
        long first = record.firstSequence();
        boolean rises = record.kind() == LogRecordKind.DATA ? first > lastSequence : first >= lastSequence;
        if (!rises || record.lastSequence() > EntryLimits.SEQUENCE_MAX) {
            throw new StoreException.Corrupt(
                    record.file(),
                    record.offset() + LogRecordFormat.SEQUENCE_AND_KIND_OFFSET,
                    "sequence number",
                    "above " + lastSequence,
                    first);
        }
        lastSequence = record.lastSequence();
        records++;
        closed = record.kind() == LogRecordKind.CLOSE;
        if (record.kind() != LogRecordKind.CLOSE) {
            sink.record(record);
        }
    }

    /** Rules R3 and R5: is a hole the end of the log, or damage? */
    private void judge(LogEvidence.Hole hole, LogReader reader, List<LogFileInfo> later, LogEvidence evidence) {
        evidence.search(reader, hole.offset() + LogRecordFormat.ALIGNMENT, hole.limit());
        for (int i = 0; i < later.size(); i++) {
            LogFileInfo file = later.get(i);
            boolean tail = i == later.size() - 1;
            evidence.search(file, tail ? file.bytes() : later.get(i + 1).base() - file.base());
        }
        evidence.requireNoMarkAbove(
                hole.file().base() + hole.offset(), hole.file().path(), hole.offset());
    }

    private static void require(LogFileInfo file, long offset, String what, long expected, long found) {
        if (expected != found) {
            throw new StoreException.Corrupt(file.path(), offset, what, expected, found);
        }
    }
}
