package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.error.StoreClosedException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A snapshot that is closed between two steps of a call on it: the call is served, or refused as closed. */
final class SnapshotCloseTest {
    private static final int ROUNDS = 3_000;
    private static final byte[] KEY = {7};

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final SimulatedStorage storage = leaks.watch(new SimulatedStorage(1));
    private SegmentStore store;
    private SegmentIndex index;

    @BeforeEach
    void open() {
        store = SegmentStore.open(
                SimulatedStorage.DIRECTORY.resolve("store"),
                StoreOptions.builder()
                        .storage(storage)
                        .maintenanceThreads(0)
                        .logFileBytes(64 << 10)
                        .build());
        index = store.index("events");
        index.put(KEY, KEY);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private long readers() {
        return store.engine().context().snapshots().readers(0).count();
    }

    @Test
    void aCursorIsOpenedAtAMomentOnlyWhileASnapshotHoldsIt() {
        Snapshot snapshot = store.snapshot();
        try (Cursor cursor = Cursor.at(index, KeyRange.all(), snapshot.sequence())) {
            assertTrue(cursor != null && cursor.next());
            snapshot.close();
            assertEquals(1, readers(), "the cursor holds it by itself");
        }
        assertNull(Cursor.at(index, KeyRange.all(), snapshot.sequence()));
        assertEquals(0, readers());
        assertEquals(
                "snapshot is closed",
                assertThrows(StoreClosedException.class, () -> snapshot.cursor(index))
                        .getMessage());
    }

    @Test
    void aCloseBesideTheOpeningOfACursorRefusesItAsClosedOrComesAfterIt() throws Exception {
        ExecutorService closer = Executors.newSingleThreadExecutor();
        CyclicBarrier together = new CyclicBarrier(2);
        int refused = 0;
        try {
            for (int round = 0; round < ROUNDS; round++) {
                Snapshot snapshot = store.snapshot();
                Future<?> closing = closer.submit(() -> {
                    together.await();
                    snapshot.close();
                    return null;
                });
                together.await();
                try (Cursor cursor = snapshot.cursor(index)) {
                    assertTrue(cursor.next());
                } catch (StoreClosedException e) {
                    assertEquals("snapshot is closed", e.getMessage());
                    refused++;
                }
                closing.get();
            }
        } finally {
            closer.shutdownNow();
        }
        assertEquals(0, readers());
        System.out.printf("snapshots closed beside the opening of a cursor: %d, refused %d%n", ROUNDS, refused);
    }
}
