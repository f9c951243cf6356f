package io.cleave;

import static io.cleave.OrderingRules.require;

import io.cleave.ProtocolTrace.Event;
import io.cleave.catalog.StoreCatalog;
import io.cleave.catalog.StoreLayout;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.segment.SegmentManifest;
import io.cleave.log.LogChain;
import io.cleave.log.LogFileBytes;
import io.cleave.log.LogRecord;
import io.cleave.log.LogRecordKind;
import io.cleave.log.OperationsDecoder;
import io.cleave.route.KeyMap;
import io.cleave.route.KeyMapFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** The part of the {@link OrderingRules} that looks into the log. */
final class LogOrderingRules {
    /** A log file that has its chain block. */
    private record Started(
            long number, Path path, LogFileBytes bytes, TracedDisk.Content content, List<LogRecord> records) {
        LogChain chain() {
            return bytes.chain();
        }

        long end() {
            return records.isEmpty() ? chain().base() + LogFileBytes.RECORDS_AT : last().endPosition();
        }

        LogRecord last() {
            return records.get(records.size() - 1);
        }
    }

    /** A record and its file. */
    private record Appended(Started file, LogRecord record) {}

    private final Path directory;
    private final TracedDisk disk;
    private final Function<Path, Object> durable;
    private final Map<OrderingRules.Publish, Integer> counts;
    private final TreeMap<Long, Started> started = new TreeMap<>();
    /** Records in the order in which they were appended, those of released files included. */
    private final List<Appended> appended = new ArrayList<>();
    /** Those before are forced or released. */
    private int forcedCount;

    private Started newest;
    private int begunAt;

    /** @param durable what a metadata file holds after a power cut at worst, or null */
    LogOrderingRules(
            Path directory,
            TracedDisk disk,
            Function<Path, Object> durable,
            Map<OrderingRules.Publish, Integer> counts) {
        this.directory = directory;
        this.disk = disk;
        this.durable = durable;
        this.counts = counts;
    }

    void before(Event event) {
        switch (event.kind()) {
            case CREATE_WRITABLE -> beforeCreate(event.path());
            case FORCE -> beforeForce(event.path(), Long.MAX_VALUE);
            case FORCE_RANGE -> beforeForce(event.path(), event.offset() + event.length());
            case DELETE -> beforeDelete(event.path());
            case BEGIN -> begunAt = appended.size();
            case ACKNOWLEDGE_PROCESS, ACKNOWLEDGE_DEVICE, ACKNOWLEDGE_SYNC -> acknowledge(event);
            default -> {
                // Nothing to check before it.
            }
        }
    }

    void after(Event event) {
        switch (event.kind()) {
            case BASE_FILE -> readBase(event.path());
            case PUT -> {
                if (isLog(event.path()) && event.offset() == LogFileBytes.CHAIN_AT) {
                    start(event.path());
                }
            }
            case PUT_INT -> append(event.path(), (int) event.offset());
            default -> {
                // Nothing to remember.
            }
        }
    }

    /** Rule 6 for runs: nothing in them is newer than what the durable log leads up to. */
    void requireForcedUpTo(long sequence, Path manifest) {
        for (Started file : started.values()) {
            for (LogRecord record : file.records()) {
                if (record.kind() == LogRecordKind.DATA && record.firstSequence() <= sequence) {
                    require(
                            isForced(file, record),
                            6,
                            manifest + " is published up to " + sequence + ", " + where(record) + " is not forced");
                }
            }
        }
    }

    private void beforeCreate(Path path) {
        if (!isLog(path)) {
            return;
        }
        require(disk.isNameDurable(directory), 3, "parent of " + directory + " is not forced");
        require(
                newest == null || isChainForced(newest),
                7,
                path + " is made before the chain block of its predecessor is forced");
    }

    private void start(Path path) {
        counts.merge(OrderingRules.Publish.LOG_FILE, 1, Integer::sum);
        LogFileBytes bytes = bytes(path);
        require(bytes.chain() != null, 1, path + " is started without an identity");
        require(
                disk.file(path).isForced(0, LogFileBytes.CHAIN_AT),
                1,
                path + " is started, its identity is not forced");
        require(disk.isNameDurable(path), 2, path + " is started, its directory is not forced");
        Started file = new Started(number(path), path, bytes, disk.file(path), new ArrayList<>());
        Started before = started.get(file.chain().predecessor());
        require(
                before == null || before.end() == file.chain().base(),
                7,
                path + " begins at " + file.chain().base() + ", its predecessor ends at "
                        + (before == null ? 0 : before.end()));
        started.put(file.number(), file);
        newest = file;
    }

    private void append(Path path, int offset) {
        Started file = started.get(number(path));
        LogRecord record = file == null ? null : file.bytes().record(offset);
        require(record != null, 1, "a record of " + path + " at " + offset + " is shown before its bytes are there");
        LogRecord last = lastOf(chain());
        boolean rises = last == null
                || (record.kind() == LogRecordKind.DATA
                        ? record.firstSequence() > last.lastSequence()
                        : record.firstSequence() >= last.lastSequence());
        require(rises, 8, where(record) + " uses sequence number " + record.firstSequence() + " again");
        file.records().add(record);
        appended.add(new Appended(file, record));
    }

    private void beforeForce(Path path, long end) {
        Started file = isLog(path) ? started.get(number(path)) : null;
        boolean recordsToo = file != null
                && end > LogFileBytes.CHAIN_AT
                && !disk.file(path).isForced(LogFileBytes.CHAIN_AT, end == Long.MAX_VALUE ? Integer.MAX_VALUE : end);
        Started before = recordsToo ? started.get(file.chain().predecessor()) : null;
        if (before != null) {
            boolean forced =
                    isChainForced(before) && before.records().stream().allMatch(record -> isForced(before, record));
            require(forced, 7, path + " is forced before its predecessor " + before.path());
        }
    }

    private void beforeDelete(Path path) {
        Started file = isLog(path) ? started.get(number(path)) : null;
        if (file == null) {
            return;
        }
        counts.merge(OrderingRules.Publish.DELETION, 1, Integer::sum);
        List<Started> chain = chain();
        // The file after it; not the newest, which an appender may have started this moment.
        int at = chain.indexOf(file);
        Started successor = at < 0 ? newest : at + 1 < chain.size() ? chain.get(at + 1) : null;
        require(successor != null && isChainForced(successor), 5, path + " is unlinked before a successor is durable");
        if (at >= 0) {
            require(
                    chain.get(0).equals(file),
                    7,
                    path + " is unlinked before " + chain.get(0).path());
            require(!disk.hasUndead(directory), 7, path + " is unlinked before the last deletion is durable");
            file.records()
                    .forEach(record -> require(
                            isInRuns(record), 5, where(record) + " is in no durable run, its file is unlinked"));
            requireSequenceKept(chain.subList(1, chain.size()), file);
        }
        started.remove(file.number());
    }

    /** Rule 8 for sequence numbers: those of the file that goes are not given out again after a power cut. */
    private void requireSequenceKept(List<Started> staying, Started going) {
        long kept = staying.stream()
                .flatMap(file -> file.records().stream().filter(record -> isForced(file, record)))
                .mapToLong(LogRecord::lastSequence)
                .max()
                .orElse(0);
        long used = going.records().isEmpty() ? 0 : going.last().lastSequence();
        require(
                kept >= used,
                8,
                going.path() + " is unlinked, the log keeps " + kept + " of sequence numbers up to " + used);
    }

    private void acknowledge(Event event) {
        counts.merge(OrderingRules.Publish.ACKNOWLEDGEMENT, 1, Integer::sum);
        int end = begunAt;
        if (event.kind() != ProtocolTrace.Kind.ACKNOWLEDGE_SYNC) {
            while (end < appended.size() && appended.get(end).record().kind() != LogRecordKind.DATA) {
                end++;
            }
            require(end < appended.size(), 6, "acknowledged without a log record");
            end++;
        }
        if (event.kind() != ProtocolTrace.Kind.ACKNOWLEDGE_PROCESS) {
            for (; forcedCount < end; forcedCount++) {
                Appended next = appended.get(forcedCount);
                boolean released = !next.file().equals(started.get(next.file().number()));
                boolean forced = released || isForced(next.file(), next.record());
                require(forced, 6, where(next.record()) + " is acknowledged and not forced");
            }
        }
    }

    private boolean isForced(Started file, LogRecord record) {
        long end = record.offset() + record.endPosition() - record.position();
        return isChainForced(file) && file.content().isForced(record.offset(), end);
    }

    private boolean isChainForced(Started file) {
        return disk.isNameDurable(file.path())
                && file.content().isForced(LogFileBytes.CHAIN_AT, LogFileBytes.CHAIN_END);
    }

    private boolean isInRuns(LogRecord record) {
        OperationsDecoder operations = record.decoder();
        while (record.kind() == LogRecordKind.DATA && operations.next()) {
            StoreCatalog catalog = (StoreCatalog) durable.apply(directory.resolveSibling(StoreCatalog.FILE_NAME));
            if (catalog.indexes().containsValue(operations.indexId()) && !isInRuns(operations)) {
                return false;
            }
        }
        return true;
    }

    private boolean isInRuns(OperationsDecoder operation) {
        Path index = StoreLayout.indexDirectory(directory.getParent(), operation.indexId());
        KeyMap map = (KeyMap) durable.apply(index.resolve(KeyMapFormat.FILE_NAME));
        byte[] key = operation.key();
        long segment = map.ranges().stream()
                .filter(range -> Arrays.compareUnsigned(range.lower(), key) <= 0)
                .reduce((lower, higher) -> higher)
                .orElseThrow()
                .segmentId();
        Path file = index.resolve(SegmentDirectory.name(segment)).resolve(SegmentManifest.FILE_NAME);
        SegmentManifest manifest = (SegmentManifest) durable.apply(file);
        return manifest != null && operation.sequence() <= manifest.flushedSequence();
    }

    /** The files of the log, oldest first. */
    private List<Started> chain() {
        List<Started> chain = new ArrayList<>();
        for (Started file = newest;
                file != null;
                file = started.get(file.chain().predecessor())) {
            chain.add(0, file);
        }
        return chain;
    }

    private static LogRecord lastOf(List<Started> chain) {
        for (int i = chain.size() - 1; i >= 0; i--) {
            if (!chain.get(i).records().isEmpty()) {
                return chain.get(i).last();
            }
        }
        return null;
    }

    private void readBase(Path path) {
        if (!isLog(path) || bytes(path).chain() == null) {
            return;
        }
        LogFileBytes bytes = bytes(path);
        Started file = new Started(number(path), path, bytes, disk.file(path), new ArrayList<>());
        int offset = LogFileBytes.RECORDS_AT;
        for (LogRecord record = bytes.record(offset); record != null; record = bytes.record(offset)) {
            file.records().add(record);
            appended.add(new Appended(file, record));
            offset = (int) (record.endPosition() - file.chain().base());
        }
        started.put(file.number(), file);
        newest = newest == null || newest.number() < file.number() ? file : newest;
    }

    private LogFileBytes bytes(Path path) {
        return new LogFileBytes(path, disk.file(path).bytes());
    }

    private boolean isLog(Path path) {
        return directory.equals(path.getParent()) && LogFileBytes.number(path).isPresent();
    }

    private static long number(Path path) {
        return LogFileBytes.number(path).orElse(-1);
    }

    private static String where(LogRecord record) {
        return "record " + record.kind() + " " + record.firstSequence() + " of " + record.file();
    }
}
