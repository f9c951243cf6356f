package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.Fault;
import io.cleave.core.storage.FaultingStorage;
import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageLock;
import io.cleave.error.StoreException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A drop is decided once the catalog is published: what fails later neither takes it back nor keeps its files. */
final class StoreDropFaultTest {
    private static final byte[] KEY = "key".getBytes(StandardCharsets.US_ASCII);

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    /** A store with two indexes, each with a segment on the disk. */
    private static SegmentStore open(Storage storage) {
        SegmentStore store = SegmentStore.open(CrashWorkload.DIRECTORY, CrashWorkload.options(storage));
        for (String name : List.of("a", "b")) {
            store.index(name).put(KEY, KEY);
            store.index(name).flush();
        }
        return store;
    }

    @ParameterizedTest
    @EnumSource(names = {"NO_ROOM", "SYNC_FAILS"})
    void aDropThatHasHappenedNeedsNoRoomAndNoSync(Fault fault) {
        int happened = 0;
        for (int call = 1; call < 40; call++) {
            FaultingStorage faulting = new FaultingStorage(leaks.watch(new SimulatedStorage(call)));
            SegmentStore store = open(faulting);
            faulting.listCalls().failAt(faulting.callCount() + call, fault, false);
            StoreException failed = StoreFaultTest.failureOf(() -> store.dropIndex("b"));
            boolean struck = faulting.fired() > 0;
            faulting.disarm();
            // A lock file that is there needs no room, but the fault does not know that it is.
            boolean locking = struck && faulting.calls().get(call - 1).startsWith("tryLock");
            if (!locking && !store.indexNames().contains("b")) {
                happened += struck ? 0 : 1;
                assertNull(failed, "call " + call);
                StoreOrphans.requireNone(store);
                store.index("a").put(KEY, KEY, Durability.DEVICE);
            }
            StoreFaultTest.failureOf(store::close);
        }
        assertTrue(happened > 5, "no drop went through");
    }

    @Test
    void aDropWhoseSegmentsFailToCloseDeletesItsFilesAllTheSame() {
        SimulatedStorage simulated = leaks.watch(new SimulatedStorage(1));
        AtomicBoolean armed = new AtomicBoolean();
        SegmentStore store = open(failingUnlock(simulated, armed));
        armed.set(true);
        StoreException.Io thrown = assertThrows(StoreException.Io.class, () -> store.dropIndex("b"));
        assertEquals("injected", thrown.getMessage());
        assertEquals(Set.of("a"), store.indexNames());
        StoreOrphans.requireNone(store);
        store.close();
        try (SegmentStore again = SegmentStore.open(CrashWorkload.DIRECTORY, CrashWorkload.options(simulated))) {
            assertEquals(Set.of("a"), again.indexNames());
        }
    }

    /** A storage on which the next lock to be given back says that it failed. */
    private static Storage failingUnlock(Storage inner, AtomicBoolean armed) {
        return (Storage) Proxy.newProxyInstance(
                StoreDropFaultTest.class.getClassLoader(),
                new Class<?>[] {Storage.class},
                (proxy, method, arguments) -> {
                    try {
                        Object result = method.invoke(inner, arguments);
                        return result instanceof StorageLock lock ? failingUnlock(lock, armed) : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static StorageLock failingUnlock(StorageLock lock, AtomicBoolean armed) {
        return () -> {
            lock.close();
            if (armed.getAndSet(false)) {
                throw new StoreException.Io("injected", new IOException("injected"));
            }
        };
    }
}
