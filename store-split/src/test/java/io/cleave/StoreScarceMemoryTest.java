package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The JVM gives no more memory outside the heap: a write is refused before it is logged, and the store goes on. */
final class StoreScarceMemoryTest {
    private static final Path STORE = SimulatedStorage.DIRECTORY.resolve("store");

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final SimulatedStorage simulated = leaks.watch(new SimulatedStorage(1));
    private long left = Long.MAX_VALUE;
    private QuietLog quiet;

    @BeforeEach
    void silence() {
        quiet = new QuietLog();
    }

    @AfterEach
    void speak() {
        quiet.close();
    }

    /** Gives memory {@link #left} times. */
    private Storage storage() {
        return (Storage) Proxy.newProxyInstance(
                Storage.class.getClassLoader(), new Class<?>[] {Storage.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("allocate") && left-- <= 0) {
                        throw new StoreException.LimitReached("off-heap memory: none left");
                    }
                    try {
                        return method.invoke(simulated, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private SegmentStore open() {
        return SegmentStore.open(
                STORE,
                StoreOptions.builder()
                        .storage(storage())
                        .maintenanceThreads(0)
                        .syncIntervalMillis(0)
                        .memtableBytesMax(8 << 20)
                        .memtableChunkBytes(512)
                        .build());
    }

    private static byte[] bytes(Object value) {
        return DamageSubject.bytes(String.valueOf(value));
    }

    @ParameterizedTest
    @EnumSource
    void aWriteThatFindsNoMemoryIsRefusedAndChangesNothing(Durability durability) {
        SplittableRandom random = new SplittableRandom(1);
        int refused = 0;
        try (SegmentStore store = open()) {
            SegmentIndex a = store.index("a");
            SegmentIndex b = store.index("b");
            for (int i = 0; i < 2_000; i++) {
                left = random.nextInt(3);
                int length = random.nextInt(4) == 0 ? random.nextInt(400) : random.nextInt(20);
                try (WriteBatch batch = store.batch()) {
                    batch.put(a, bytes(i), new byte[length]);
                    batch.put(b, bytes(i), new byte[length / 2]);
                    batch.put(a, bytes("again " + i % 100), new byte[i % 30]);
                    batch.commit(durability);
                    left = Long.MAX_VALUE;
                    assertEquals(length, a.get(bytes(i)).length);
                    assertEquals(length / 2, b.get(bytes(i)).length);
                } catch (StoreException.LimitReached e) {
                    refused++;
                    left = Long.MAX_VALUE;
                    assertNull(a.get(bytes(i)));
                    assertNull(b.get(bytes(i)));
                }
                assertNull(store.engine().gate().poison());
            }
        }
        assertTrue(refused > 20, "refused " + refused);
    }

    @Test
    void aReplayThatFindsNoMemoryFlushesAndGoesOn() {
        SegmentStore store = open();
        SegmentIndex index = store.index("a");
        for (int i = 0; i < 500; i++) {
            index.put(bytes(i), bytes("value " + i));
        }
        SimulatedStorage next = simulated.kill();
        CrashWorkload.abandon(store);
        long[] given = {0};
        Storage scarce = (Storage) Proxy.newProxyInstance(
                Storage.class.getClassLoader(), new Class<?>[] {Storage.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("allocate") && ++given[0] % 20 == 0) {
                        throw new StoreException.LimitReached("off-heap memory: none left");
                    }
                    try {
                        return method.invoke(next, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        StoreOptions options = StoreOptions.builder()
                .storage(scarce)
                .maintenanceThreads(0)
                .memtableChunkBytes(512)
                .build();
        try (SegmentStore again = SegmentStore.open(STORE, options)) {
            for (int i = 0; i < 500; i++) {
                assertArrayEquals(bytes("value " + i), again.index("a").get(bytes(i)));
            }
        }
        assertTrue(given[0] > 20, "memory was never scarce");
    }

    /** What was logged and could not be applied has used a sequence number; background work goes on. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theSequenceMarkIsNotBelowWhatTheLogHasUsed(boolean logged) {
        try (SegmentStore store = open()) {
            SegmentIndex index = store.index("a");
            index.put(bytes(1), bytes(1), logged ? Durability.PROCESS : Durability.MEMORY);
            store.engine().context().commitLock().lock();
            try {
                long used = store.engine().context().snapshots().visible() + 5;
                store.engine().log().append(used, 1, new byte[] {2, 1, 1, 1}, 4);
            } finally {
                store.engine().context().commitLock().unlock();
            }
            store.engine().shared().log().rememberSequence();
            store.awaitMaintenance();
            assertEquals(0, store.stats().failures());
        }
    }
}
