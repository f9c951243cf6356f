package io.cleave;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.metrics.KeptCells;
import io.cleave.core.resource.Epoch;
import io.cleave.core.resource.KeptSlots;
import io.cleave.core.run.Compression;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Threads that come, use a store once and go, of both kinds where there are two, leave nothing behind but what they counted. */
@Timeout(1_800)
final class StoreThreadChurnTest {
    private static final int PLATFORM_THREADS = (int) Campaign.count(2_000, 50_000);
    private static final int VIRTUAL_THREADS = (int) Campaign.count(20_000, 500_000);

    /** Threads at a time. */
    private static final int AT_A_TIME = 64;

    /** Twice the threads at a time, those of the process, and as many again: what may wait for a pass. */
    private static final int KEPT_MAX = 512;

    private static final byte[] KEY = "key".getBytes(UTF_8);

    @TempDir(factory = SharedMemoryDirectory.class)
    Path parent;

    /** How threads are begun. */
    private interface Starter {
        void start(Runnable body) throws ReflectiveOperationException;
    }

    @Test
    void platformThreadsThatReadOnceAreForgotten() throws Exception {
        churn(PLATFORM_THREADS, body -> new Thread(null, body, "once", 1 << 16).start());
    }

    @Test
    void virtualThreadsThatReadOnceAreForgotten() throws Exception {
        if (Runtime.version().feature() >= 21) {
            Method start = Thread.class.getMethod("startVirtualThread", Runnable.class);
            churn(VIRTUAL_THREADS, body -> start.invoke(null, body));
        }
    }

    private void churn(int threads, Starter starter) throws Exception {
        try (SegmentStore store = SegmentStore.open(parent.resolve("store"))) {
            SegmentIndex index = store.index("index");
            Epoch.forgetEnded();
            index.put(KEY, new byte[100]);
            index.flush();
            Semaphore free = new Semaphore(AT_A_TIME);
            CountDownLatch ended = new CountDownLatch(threads);
            AtomicLong found = new AtomicLong();
            int slots = 0;
            int cells = 0;
            for (int i = 0; i < threads; i++) {
                free.acquire();
                starter.start(() -> {
                    found.addAndGet(index.get(KEY).length);
                    free.release();
                    ended.countDown();
                });
                slots = Math.max(slots, KeptSlots.count());
                cells = Math.max(
                        cells, KeptCells.count(store.engine().operations().counters()));
            }
            ended.await();
            assertEquals(100L * threads, found.get());
            assertEquals(threads, store.metrics().operations().gets().hits(), "reads that ended threads have counted");
            assertTrue(slots < KEPT_MAX && cells < KEPT_MAX, slots + " slots, " + cells + " cells");
            System.out.printf("churn: threads=%d slots<=%d cells<=%d%n", threads, slots, cells);
        }
    }

    @Test
    void aThreadKeepsNothingOfWhatItRead() {
        StoreOptions options =
                StoreOptions.builder().compression(Compression.LZ4).build();
        try (SegmentStore store = SegmentStore.open(parent.resolve("store"), options)) {
            SegmentIndex index = store.index("index");
            byte[] value = new byte[1 << 20];
            index.put(KEY, value);
            index.compact();
            assertArrayEquals(value, index.get(KEY));
            requireNothingKept();
            assertEquals(value.length, index.get(KEY, new byte[10]));
            requireNothingKept();
            assertTrue(index.containsKey(KEY));
            requireNothingKept();
        }
    }

    private static void requireNothingKept() {
        assertThrows(
                NullPointerException.class, () -> CallerState.own().lookup().copyValue(new byte[1], 0, 1));
    }
}
