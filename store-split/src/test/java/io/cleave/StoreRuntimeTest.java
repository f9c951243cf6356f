package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.Fault;
import io.cleave.core.storage.FaultingStorage;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stores that share memory and threads. */
final class StoreRuntimeTest {
    private static final int STORES = 500;
    private static final long ANONYMOUS_MIB_MAX = 256;
    private static final Pattern HELD =
            Pattern.compile("flushes=(\\d+) memtables=(\\d+) KiB of (\\d+) anonymous=(\\d+) MiB");

    @TempDir(factory = SharedMemoryDirectory.class)
    Path parent;

    @Test
    void threadsAreNamedAfterTheirStore(@TempDir Path parent) {
        try (SegmentStore store = SegmentStore.open(parent.resolve("orders"));
                StoreRuntime runtime = StoreRuntime.start(16 << 20, 1)) {
            Set<String> names = Thread.getAllStackTraces().keySet().stream()
                    .map(Thread::getName)
                    .collect(Collectors.toSet());
            assertTrue(names.contains("cleave-maintenance-1 \"orders\""), names::toString);
            assertTrue(names.contains("cleave-log \"orders\""), names::toString);
            assertTrue(names.contains("cleave-maintenance-1 shared"), names::toString);
            assertTrue(store.directory().endsWith("orders"));
            assertEquals(0, runtime.storeCount());
        }
    }

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

    /** The disk of one is full with half of the memory in its memtables, and later with all of it. */
    @ParameterizedTest
    @ValueSource(ints = {4 << 10, 64 << 10})
    void aStoreWhoseDiskIsFullStopsItsOwnWritersAndNoOthers(int putsMax) {
        FaultingStorage disk = new FaultingStorage(new SimulatedStorage(1));
        try (QuietLog quiet = new QuietLog();
                StoreRuntime runtime = StoreRuntime.start(8 << 20, 2)) {
            assertTrue(quiet.isQuiet());
            StoreOptions options = on(null, runtime);
            try (SegmentStore good = SegmentStore.open(parent.resolve("good"), options)) {
                SegmentIndex roomy = good.index("main");
                byte[] value = new byte[1 << 10];
                try (SegmentStore full =
                        SegmentStore.open(SimulatedStorage.DIRECTORY.resolve("store"), on(disk, runtime))) {
                    SegmentIndex stuck = full.index("main");
                    disk.failAt(0, Fault.NO_ROOM, true);
                    StoreException refused = assertThrows(StoreException.DiskFull.class, () -> {
                        for (int i = 0; i < putsMax; i++) {
                            stuck.put(key(i), value, Durability.MEMORY);
                        }
                        stuck.flush();
                    });
                    assertTrue(refused.getMessage().contains("NO_ROOM"), refused.getMessage());
                    for (int i = 0; i < 32 << 10; i++) {
                        roomy.put(key(i), value);
                    }
                    assertTrue(good.stats().flushes() > 0);
                    long held = runtime.memtableBytes();
                    assertTrue(held <= (8 << 20) * 3L / 2, held + " bytes of memtables");
                    disk.disarm();
                    stuck.flush();
                    stuck.put(key(0), value, Durability.MEMORY);
                    assertArrayEquals(value, stuck.get(key(1)));
                }
                assertArrayEquals(value, roomy.get(key(9)));
            }
        }
    }

    @Test
    void aPoisonedStoreStopsNoOthers() {
        FaultingStorage disk = new FaultingStorage(new SimulatedStorage(1));
        try (QuietLog quiet = new QuietLog();
                StoreRuntime runtime = StoreRuntime.start(8 << 20, 2)) {
            assertTrue(quiet.isQuiet());
            StoreOptions options = on(null, runtime);
            try (SegmentStore good = SegmentStore.open(parent.resolve("good"), options)) {
                byte[] value = new byte[1 << 10];
                SegmentIndex roomy = good.index("main");
                SegmentStore broken = SegmentStore.open(SimulatedStorage.DIRECTORY.resolve("store"), on(disk, runtime));
                SegmentIndex stuck = broken.index("main");
                for (int i = 0; i < 4 << 10; i++) {
                    stuck.put(key(i), value, Durability.MEMORY);
                }
                broken.engine().gate().poison(new StoreException.Io("wanted by StoreRuntimeTest", null));
                for (int i = 0; i < 32 << 10; i++) {
                    roomy.put(key(i), value);
                }
                assertTrue(good.stats().flushes() > 0);
                broken.close();
                roomy.put(key(0), value);
                assertEquals(0, good.engine().budget().aside());
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

    /** Null for the real disk. */
    private static StoreOptions on(Storage disk, StoreRuntime runtime) {
        return StoreOptions.builder()
                .storage(disk)
                .runtime(runtime)
                .segmentMemtableBytesMax(64 << 20)
                .syncIntervalMillis(0)
                .waitMillisMax(600_000)
                .build();
    }

    private static byte[] key(int number) {
        return String.format("key-%08d", number).getBytes(StandardCharsets.UTF_8);
    }
}
