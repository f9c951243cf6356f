package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.resource.CollectedGarbage;
import io.cleave.core.resource.LeakDetector;
import io.cleave.core.storage.RealStorage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Any sequence of opening, using, closing and forgetting ends with what was forgotten counted, once each, and nothing held. */
@Timeout(1_800)
final class StoreLeakModelTest {
    private static final long SEQUENCES = Campaign.count(6, 300);
    private static final int STEPS = 400;
    private static final int KEYS = 50;

    @TempDir(factory = SharedMemoryDirectory.class)
    Path parent;

    private final SplittableRandom random = new SplittableRandom(Campaign.seed());
    private final RealStorage storage = RealStorage.open();
    private final ExecutorService other = Executors.newSingleThreadExecutor();

    private enum Step {
        OPEN,
        MOVE,
        CLOSE,
        CLOSE_FROM_ANOTHER_THREAD,
        FORGET,
        PUT,
        COMPACT
    }

    @Test
    void whatIsForgottenIsCountedAndNothingIsHeld() {
        try (QuietLog quiet = new QuietLog()) {
            assertTrue(quiet.isQuiet());
            for (int sequence = 0; sequence < SEQUENCES; sequence++) {
                try {
                    play(parent.resolve("store-" + sequence));
                } catch (Exception | AssertionError e) {
                    throw new AssertionError(
                            "sequence " + sequence + ", -Dcleave.seed=" + Campaign.seed() + ": " + e, e);
                }
            }
        } finally {
            other.shutdownNow();
        }
    }

    private void play(Path directory) throws Exception {
        StoreOptions options = StoreOptions.builder()
                .storage(storage)
                .memtableBytesMax(4 << 20)
                .logFileBytes(1 << 20)
                .logBytesMax(4 << 20)
                .segmentEntriesMax(20)
                .build();
        SegmentStore store = SegmentStore.open(directory, options);
        List<AutoCloseable> open = new ArrayList<>();
        Map<HandleKind, Integer> forgotten = new EnumMap<>(HandleKind.class);
        SegmentIndex index = store.index("a");
        for (int i = 0; i < STEPS; i++) {
            step(store, index, open, forgotten);
        }
        LeakStats expected = new LeakStats(
                forgotten.getOrDefault(HandleKind.CURSOR, 0),
                forgotten.getOrDefault(HandleKind.SNAPSHOT, 0),
                forgotten.getOrDefault(HandleKind.BATCH, 0),
                0,
                0);
        CollectedGarbage.until(() -> store.leaks().handles() >= expected.handles(), expected);
        assertEquals(expected, store.leaks());
        assertEquals(1 + open.size(), LeakDetector.tracked().size(), "open handles and the store");
        for (AutoCloseable handle : open) {
            if (random.nextBoolean()) {
                handle.close();
            }
        }
        store.close();
        assertEquals(0, store.engine().context().snapshots().registered().length);
        assertEquals(expected, store.leaks());
        // Those that the close has cut off.
        for (AutoCloseable handle : open) {
            handle.close();
        }
        assertTrue(storage.counters().nothingHeld(), () -> "left open: " + storage.counters());
        assertEquals(List.of(), LeakDetector.tracked());
    }

    private void step(
            SegmentStore store, SegmentIndex index, List<AutoCloseable> open, Map<HandleKind, Integer> forgotten)
            throws Exception {
        Step step = open.isEmpty() ? Step.OPEN : Step.values()[random.nextInt(Step.values().length)];
        switch (step) {
            case OPEN -> open.add(openOne(store, index));
            case MOVE -> {
                if (open.get(random.nextInt(open.size())) instanceof Cursor cursor && !cursor.next()) {
                    assertTrue(cursor.previous() || index.stats().segments().size() > 0);
                }
            }
            case CLOSE -> open.remove(random.nextInt(open.size())).close();
            case CLOSE_FROM_ANOTHER_THREAD -> closeElsewhere(open.remove(random.nextInt(open.size())));
            case FORGET -> forgotten.merge(kind(open.remove(random.nextInt(open.size()))), 1, Integer::sum);
            case PUT -> {
                byte[] key = "key-%02d".formatted(random.nextInt(KEYS)).getBytes(StandardCharsets.US_ASCII);
                index.put(key, new byte[random.nextInt(200)]);
            }
            default -> {
                if (random.nextInt(5) == 0) {
                    index.compact();
                }
            }
        }
    }

    private AutoCloseable openOne(SegmentStore store, SegmentIndex index) {
        return switch (random.nextInt(4)) {
            case 0 -> store.snapshot();
            case 1 -> store.batch();
            case 2 -> index.cursor(KeyRange.all().descending());
            default -> cursorOfSnapshot(store, index);
        };
    }

    private static Cursor cursorOfSnapshot(SegmentStore store, SegmentIndex index) {
        try (Snapshot snapshot = store.snapshot()) {
            return snapshot.cursor(index);
        }
    }

    private void closeElsewhere(AutoCloseable handle) throws Exception {
        if (handle instanceof WriteBatch) {
            // Belongs to one thread.
            handle.close();
            return;
        }
        other.submit(() -> {
                    handle.close();
                    return null;
                })
                .get();
    }

    private static HandleKind kind(AutoCloseable handle) {
        if (handle instanceof Cursor) {
            return HandleKind.CURSOR;
        }
        return handle instanceof Snapshot ? HandleKind.SNAPSHOT : HandleKind.BATCH;
    }
}
