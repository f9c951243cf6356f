package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.resource.Epoch;
import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls at the very end of a stack end with an error, wherever it strikes; no lock stays taken, and the store closes. */
final class StoreDeepStackTest {
    private static final Path STORE = SimulatedStorage.DIRECTORY.resolve("store");
    private static final long STACK_BYTES = 256 << 10;
    private static final int DESCENTS = 12;
    private static final int ERRORS_OF_DESCENT = 40;

    private enum Call {
        GET,
        PUT,
        PUT_UNLOGGED,
        BATCH,
        CURSOR,
        SNAPSHOT
    }

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final SimulatedStorage storage = leaks.watch(new SimulatedStorage(1));
    private QuietLog quiet;
    private SegmentStore store;
    private SegmentIndex index;
    private int errors;
    private int errorsOfDescent;

    @BeforeEach
    void silence() {
        quiet = new QuietLog();
    }

    @AfterEach
    void speak() {
        quiet.close();
    }

    private static byte[] bytes(Object value) {
        return DamageSubject.bytes(String.valueOf(value));
    }

    @ParameterizedTest
    @EnumSource
    void anErrorAtTheEndOfTheStackLeavesNoLockTaken(Call call) throws InterruptedException {
        StoreOptions options =
                StoreOptions.builder().storage(storage).maintenanceThreads(0).build();
        store = SegmentStore.open(STORE, options);
        index = store.index("a");
        for (int i = 0; i < 100; i++) {
            index.put(bytes(i), bytes("value " + i));
        }
        Thread deep = new Thread(null, () -> descendAgainAndAgain(call), "deep", STACK_BYTES);
        deep.start();
        deep.join();
        assertTrue(errors > 0, "the end of the stack was never met");
        assertFalse(store.engine().context().commitLock().isLocked());
        assertFalse(store.engine().context().snapshots().isLocked());
        assertArrayEquals(bytes("value 7"), index.get(bytes(7)));
        try (Cursor cursor = index.cursor()) {
            assertTrue(cursor.next());
        }
        boolean refused = false;
        try {
            index.put(bytes(7), bytes("later"));
        } catch (StoreException.Poisoned e) {
            refused = true;
        }
        assertEquals(refused, store.engine().gate().poison() != null);
        store.close();
        assertEquals(0, Epoch.reclaim(), "somebody is still inside an epoch");
        try (SegmentStore again = SegmentStore.open(STORE, options)) {
            assertArrayEquals(
                    bytes(refused ? "value 7" : "later"), again.index("a").get(bytes(7)));
            assertEquals(0, again.leaks().handles(), "forgotten handles");
        }
    }

    private void descendAgainAndAgain(Call call) {
        for (int i = 0; i < DESCENTS; i++) {
            errorsOfDescent = 0;
            try {
                assertTrue(descend(call, i) > 0);
            } catch (StackOverflowError e) {
                errors++;
            }
        }
    }

    /** Calls on the way back, each time with a little more room. */
    @SuppressWarnings("InfiniteRecursion") // until the stack ends, which is what is tried
    private int descend(Call call, int depth) {
        try {
            return descend(call, depth + 1) + 1;
        } finally {
            if (errorsOfDescent < ERRORS_OF_DESCENT) {
                tryOnce(call);
            }
        }
    }

    private void tryOnce(Call call) {
        try {
            run(call);
        } catch (StackOverflowError e) {
            errorsOfDescent++;
        } catch (StoreException.Poisoned e) {
            errorsOfDescent += ERRORS_OF_DESCENT;
        }
    }

    private void run(Call call) {
        switch (call) {
            case GET -> index.get(bytes(1));
            case PUT -> index.put(bytes(1), bytes(1));
            case PUT_UNLOGGED -> index.put(bytes(1), bytes(1), Durability.MEMORY);
            case BATCH -> {
                try (WriteBatch batch = store.batch()) {
                    batch.put(index, bytes(1), bytes(1));
                    batch.delete(index, bytes(2));
                    batch.commit();
                }
            }
            case CURSOR -> {
                try (Cursor cursor = index.cursor()) {
                    cursor.next();
                    cursor.seek(bytes(1));
                }
            }
            case SNAPSHOT -> {
                try (Snapshot snapshot = store.snapshot()) {
                    snapshot.get(index, bytes(1));
                }
            }
        }
    }
}
