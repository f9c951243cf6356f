package io.cleave.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;

/** What was appended to a log, synced and released, and the log itself. Belongs to one test. */
final class LogHistory {
    static final Path DIRECTORY = SimulatedStorage.DIRECTORY.resolve("log");
    static final StoreIdentity STORE = new StoreIdentity(0x0123_4567_89AB_CDEFL, 0x1122_3344_5566_7788L);
    static final LogOptions SMALL = new LogOptions(LogOptions.FILE_BYTES_MIN);

    /** One record; the body as hex, so that lists compare. */
    record Entry(LogRecordKind kind, long firstSequence, int operations, String body, long end) {
        static Entry of(LogRecord record) {
            return new Entry(
                    record.kind(),
                    record.firstSequence(),
                    record.operations(),
                    HexFormat.of().formatHex(record.copyBody()),
                    record.endPosition());
        }
    }

    final List<Entry> entries = new ArrayList<>();
    private final SplittableRandom random;
    WriteAheadLog log;
    int synced;
    long released;
    /** The entry whose append has not returned. */
    Entry pending;

    private final OperationsEncoder encoder = new OperationsEncoder();
    private long sequence;

    LogHistory(long seed) {
        random = new SplittableRandom(seed);
    }

    static WriteAheadLog open(Storage storage, ReplaySink sink) {
        return WriteAheadLog.open(storage, DIRECTORY, STORE, SMALL, sink);
    }

    /** Opens a log, leaves it open, and returns what it replayed. */
    static List<Entry> replay(Storage storage) {
        List<Entry> found = new ArrayList<>();
        open(storage, record -> found.add(Entry.of(record)));
        return found;
    }

    /** What a recovery would replay; changes nothing. */
    static List<Entry> read(Storage storage) {
        List<Entry> found = new ArrayList<>();
        LogRecovery.run(storage, DIRECTORY, STORE, record -> found.add(Entry.of(record)));
        return found;
    }

    void open(Storage storage) {
        List<Entry> found = new ArrayList<>();
        log = open(storage, record -> found.add(Entry.of(record)));
        assertComplete(found, entries.size());
        synced = entries.size();
    }

    /** Appends a few operations with one value of the given length. */
    void append(int valueBytes) {
        encoder.reset();
        byte[] value = new byte[valueBytes];
        random.nextBytes(value);
        encoder.put(random.nextInt(300), new byte[1 + random.nextInt(9)], value);
        for (int more = random.nextInt(3); more > 0; more--) {
            encoder.delete(more, new byte[more]);
        }
        int operations = encoder.operations();
        long first = sequence + 1 + random.nextInt(2);
        String body = HexFormat.of().formatHex(encoder.array(), 0, encoder.length());
        pending = new Entry(LogRecordKind.DATA, first, operations, body, -1);
        long end = log.append(first, operations, encoder.array(), encoder.length());
        assertEquals(end, log.endPosition());
        entries.add(new Entry(LogRecordKind.DATA, first, operations, body, end));
        pending = null;
        sequence = first + operations - 1;
    }

    void mark() {
        long mark = sequence + random.nextInt(3);
        pending = new Entry(LogRecordKind.SEQUENCE_MARK, mark, 0, "", -1);
        entries.add(new Entry(LogRecordKind.SEQUENCE_MARK, mark, 0, "", log.appendSequenceMark(mark)));
        pending = null;
        sequence = mark;
    }

    void sync() {
        int covered = entries.size();
        log.sync(log.endPosition());
        assertTrue(log.syncedPosition() >= log.endPosition());
        synced = covered;
    }

    void release() {
        if (!entries.isEmpty()) {
            long position = entries.get(random.nextInt(entries.size())).end();
            released = Math.max(released, position);
            int before = log.files();
            log.release(position);
            assertTrue(log.files() <= before);
        }
    }

    void close() {
        log.close();
        synced = entries.size();
    }

    /** One random step. */
    void step(Storage storage) {
        switch (random.nextInt(20)) {
            case 0, 1 -> sync();
            case 2, 3 -> log.prepareNext();
            case 4 -> release();
            case 5 -> mark();
            case 6 -> append(3000 + random.nextInt(4000));
            case 7 -> {
                close();
                open(storage);
            }
            case 8 -> append(0);
            default -> append(random.nextInt(700));
        }
    }

    /**
     * Holds when {@code found} is a part without a hole: from the released position at the latest, to the last synced.
     */
    void assertSurvived(List<Entry> found) {
        assertComplete(found, synced);
    }

    private void assertComplete(List<Entry> found, int entriesMin) {
        List<Entry> possible = new ArrayList<>(entries);
        if (!found.isEmpty() && pending != null) {
            Entry last = found.get(found.size() - 1);
            if (new Entry(last.kind(), last.firstSequence(), last.operations(), last.body(), -1).equals(pending)) {
                possible.add(last);
            }
        }
        int from = found.isEmpty() ? entriesMin : possible.indexOf(found.get(0));
        assertTrue(from >= 0, "replayed what was never appended");
        if (from > 0 && (!found.isEmpty() || entriesMin > 0)) {
            assertTrue(possible.get(from - 1).end() <= released, "a record above the released position is missing");
        }
        int to = from + found.size();
        assertTrue(to <= possible.size(), "replayed more than was appended");
        assertEquals(possible.subList(from, to), found);
        assertTrue(to >= entriesMin, "lost a synced record: " + to + " of " + entriesMin);
    }
}
