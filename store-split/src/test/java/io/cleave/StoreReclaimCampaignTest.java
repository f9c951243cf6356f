package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.run.Compression;
import io.cleave.core.storage.SimulatedStorage;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Random histories of windows, queues, deletes and short sessions, some of them killed, under random options: at rest a store
 * takes a factor of what lives in it, and no more runs than it should.
 */
final class StoreReclaimCampaignTest {
    private static final Path DIRECTORY = SimulatedStorage.DIRECTORY.resolve("store");

    /** What a run takes however little is in it. */
    private static final int RUN_BYTES = 6 << 10;
    /** Beside key and value: block, index, filter. */
    private static final int ENTRY_OVERHEAD_BYTES = 48;

    private static final int VALUE_BYTES_MAX = 300;

    private final CampaignSeries series = CampaignSeries.of("reclaim", 30, 5_000);

    @Test
    void aStoreAtRestTakesAFactorOfWhatLivesInIt() {
        while (series.next()) {
            try {
                new History(new SplittableRandom(series.seed())).run();
            } catch (RuntimeException | Error e) {
                throw new AssertionError(series.place() + ": " + e.getMessage(), e);
            }
        }
        System.out.println(series);
        assertTrue(series.sum("deleted") > 0 && series.sum("sessions") > 0);
    }

    private final class History {
        private final SplittableRandom random;
        private final TreeMap<Long, Integer> live = new TreeMap<>();
        private final int deltasMax;
        private final double mainShare;
        private final long segmentBytesMax;
        private final StoreOptions.Builder options;
        private SimulatedStorage storage;
        private SegmentStore store;
        private SegmentIndex index;
        private long next = 1_000_000;

        History(SplittableRandom random) {
            this.random = random;
            this.deltasMax = 1 + random.nextInt(6);
            this.mainShare = 0.3 + 0.7 * random.nextDouble();
            this.segmentBytesMax = 16L << 10 << random.nextInt(5);
            this.storage = new SimulatedStorage(random.nextLong());
            this.options = StoreOptions.builder()
                    .maintenanceThreads(0)
                    .syncIntervalMillis(0)
                    .leakDetection(LeakDetection.OFF)
                    .deltasMax(deltasMax)
                    .mainShare(mainShare)
                    .segmentBytesMax(segmentBytesMax)
                    .compression(random.nextInt(4) == 0 ? Compression.LZ4 : Compression.NONE)
                    .memtableBytesMax(4 << 20)
                    .segmentMemtableBytesMax(2 << 10 << random.nextInt(6))
                    .memtableChunkBytes(512)
                    .logFileBytes(16 << 10 << random.nextInt(3))
                    .logBytesMax(256 << 10);
        }

        void run() {
            int sessions = 1 + random.nextInt(12);
            for (int i = 0; i < sessions; i++) {
                open();
                int works = random.nextInt(4);
                for (int work = 0; work < works; work++) {
                    work();
                }
                series.add("sessions", 1);
                if (random.nextInt(4) == 0) {
                    series.add("killed", 1);
                    storage = storage.kill();
                } else {
                    store.close();
                }
            }
            open();
            requireEntries();
            index.flush();
            store.awaitMaintenance();
            requireRest();
            store.close();
        }

        private void open() {
            store = SegmentStore.open(DIRECTORY, options.storage(storage).build());
            index = store.index("a");
            assertTrue(store.stats().logFiles() <= 1 + Math.max(DueWork.LOG_FILES_MAX, (256 << 10) / (16 << 10)));
        }

        private void work() {
            int steps = 1 + random.nextInt(400);
            switch (random.nextInt(5)) {
                case 0 -> fill(steps);
                case 1 -> slide(steps);
                case 2 -> take(Math.min(steps, 150));
                case 3 -> deleteAtRandom(steps);
                default -> deleteFirst(steps);
            }
        }

        private void fill(int steps) {
            boolean ascending = random.nextBoolean();
            for (int i = 0; i < steps; i++) {
                put(ascending ? next++ : random.nextLong(2_000));
            }
        }

        private void slide(int steps) {
            for (int i = 0; i < steps; i++) {
                put(next++);
                deleteFirst(1);
            }
        }

        private void take(int steps) {
            for (int i = 0; i < steps && !live.isEmpty(); i++) {
                put(next++);
                try (Cursor cursor = index.cursor()) {
                    assertTrue(cursor.next());
                    assertEquals(live.firstKey(), cursor.key().getLong(0));
                }
                deleteFirst(1);
            }
        }

        private void deleteAtRandom(int steps) {
            for (int i = 0; i < steps; i++) {
                delete(random.nextLong(2_000));
            }
        }

        private void deleteFirst(int steps) {
            for (int i = 0; i < steps && !live.isEmpty(); i++) {
                delete(live.firstKey());
            }
        }

        private void put(long number) {
            int length = random.nextInt(VALUE_BYTES_MAX);
            byte[] value = new byte[length];
            for (int i = 0; i < length; i += 7) {
                value[i] = (byte) random.nextInt();
            }
            index.put(key(number), value);
            live.put(number, length);
            series.add("put", 1);
        }

        private void delete(long number) {
            index.delete(key(number));
            live.remove(number);
            series.add("deleted", 1);
        }

        /** Loads every segment, too. */
        private void requireEntries() {
            try (Cursor cursor = index.cursor()) {
                for (long number : live.keySet()) {
                    assertTrue(cursor.next());
                    assertEquals(number, cursor.key().getLong(0));
                    assertEquals(live.get(number), cursor.valueLength());
                }
                assertTrue(!cursor.next());
            }
        }

        private void requireRest() {
            IndexStats stats = index.stats();
            long segments = stats.segments().size();
            long liveBytes = 0;
            for (int length : live.values()) {
                liveBytes += Long.BYTES + length + ENTRY_OVERHEAD_BYTES;
            }
            for (IndexStats.SegmentStats segment : stats.segments()) {
                assertTrue(segment.runs() <= deltasMax + 1, segment.runs() + " runs with " + deltasMax + " deltas");
            }
            // Overwritten entries may hide behind the share of deltas, deleted ones behind that of garbage, each once.
            double factor = (1 + mainShare) * (1 + mainShare);
            double bound = factor * liveBytes + segments * (deltasMax + 1.0) * RUN_BYTES;
            assertTrue(
                    stats.runBytes() <= bound,
                    () -> stats.runBytes() + " bytes of runs for " + live.size() + " live entries in " + segments
                            + " segments");
            double segmentsMax = 2 + 8.0 * stats.runBytes() / segmentBytesMax;
            assertTrue(segments <= segmentsMax, () -> segments + " segments for " + stats.runBytes() + " bytes");
            series.add("bytes of runs", stats.runBytes());
            series.add("bytes that live", liveBytes);
            series.add(
                    "runs",
                    stats.segments().stream()
                            .mapToLong(IndexStats.SegmentStats::runs)
                            .sum());
            series.add("segments", segments);
        }

        private byte[] key(long number) {
            return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
        }
    }
}
