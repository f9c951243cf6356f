package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stores that share memory and threads. */
final class StoreRuntimeTest {
    private static final int STORES = 500;
    private static final long ANONYMOUS_MIB_MAX = 256;
    private static final Pattern HELD =
            Pattern.compile("flushes=(\\d+) memtables=(\\d+) KiB of (\\d+) anonymous=(\\d+) MiB");

    @TempDir(factory = SharedMemoryDirectory.class)
    Path parent;

    @Test
    void fiveHundredStoresShareTwoThreadsAndOneBudget() throws IOException, InterruptedException {
        Process child = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx96m",
                        "-XX:+UseSerialGC",
                        "-ea",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ManyStoresChild.class.getName(),
                        parent.resolve("many").toString(),
                        Integer.toString(STORES),
                        Long.toString(Campaign.standard(150, 1_500))))
                .redirectErrorStream(true)
                .start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, child.waitFor(), said);
        System.out.print(said);
        Matcher held = HELD.matcher(said);
        assertTrue(held.find(), said);
        assertTrue(Long.parseLong(held.group(1)) > STORES / 10, said);
        long limitKib = Long.parseLong(held.group(3));
        assertTrue(Long.parseLong(held.group(2)) <= limitKib + limitKib / 10, said);
        assertTrue(Long.parseLong(held.group(4)) <= ANONYMOUS_MIB_MAX, said);
    }

    /** One store fills the memory, and it is the other that writes. */
    @Test
    void theLargestMemtableIsFlushedWhichStoreEverItIsOf() {
        try (StoreRuntime runtime = StoreRuntime.start(8 << 20, 1)) {
            StoreOptions options = StoreOptions.builder()
                    .runtime(runtime)
                    .segmentMemtableBytesMax(64 << 20)
                    .syncIntervalMillis(0)
                    .build();
            try (SegmentStore full = SegmentStore.open(parent.resolve("full"), options);
                    SegmentStore other = SegmentStore.open(parent.resolve("other"), options)) {
                SegmentIndex large = full.index("main");
                byte[] value = new byte[1 << 10];
                for (int i = 0; i < 4 << 10; i++) {
                    large.put(key(i), value);
                }
                assertEquals(0, full.stats().flushes());
                SegmentIndex small = other.index("main");
                for (int i = 0; full.stats().flushes() == 0; i++) {
                    small.put(key(i), value);
                    assertTrue(i < 8 << 10, "the other store's memtable was not flushed");
                }
                assertArrayEquals(value, large.get(key(7)));
                assertArrayEquals(value, small.get(key(7)));
            }
        }
    }

    @Test
    void aStoreThatIsClosedLeavesTheOthersGoingOn() {
        try (StoreRuntime runtime = StoreRuntime.start(8 << 20, 2)) {
            StoreOptions options = StoreOptions.builder().runtime(runtime).build();
            try (SegmentStore stays = SegmentStore.open(parent.resolve("stays"), options)) {
                for (int round = 0; round < 5; round++) {
                    try (SegmentStore goes = SegmentStore.open(parent.resolve("goes"), options)) {
                        goes.index("main").put(key(round), key(round));
                        assertEquals(2, runtime.storeCount());
                    }
                    stays.index("main").put(key(round), key(round));
                    stays.index("main").compact();
                }
                assertEquals(1, runtime.storeCount());
                IllegalStateException e = assertThrows(IllegalStateException.class, runtime::close);
                assertTrue(e.getMessage().contains(parent.resolve("stays").toString()), e.getMessage());
                stays.index("main").put(key(9), key(9));
            }
        }
    }

    @Test
    void aRuntimeThatHasEndedOpensNoStore() {
        StoreRuntime runtime = StoreRuntime.start(8 << 20, 1);
        runtime.close();
        runtime.close();
        StoreOptions options = StoreOptions.builder().runtime(runtime).build();
        Path store = parent.resolve("late");
        assertThrows(IllegalStateException.class, () -> SegmentStore.open(store, options));
        try (SegmentStore opened = SegmentStore.open(store)) {
            assertTrue(opened.indexNames().isEmpty());
        }
    }

    @Test
    void aRuntimeWithoutThreadsIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> StoreRuntime.start(8 << 20, 0));
    }

    private static byte[] key(int number) {
        return String.format("key-%08d", number).getBytes(StandardCharsets.UTF_8);
    }
}
