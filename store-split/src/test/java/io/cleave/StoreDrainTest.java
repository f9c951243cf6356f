package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.RealStorage;
import io.cleave.error.StoreClosedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A close that waits for its users: they are told, waited for, and cut off in the end. */
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class StoreDrainTest {
    private static final byte[] KEY = {1};

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final RealStorage storage = leaks.watch(RealStorage.open());

    @TempDir(factory = SharedMemoryDirectory.class)
    Path parent;

    private SegmentStore open(StoreListener listener) {
        SegmentStore store = SegmentStore.open(
                parent.resolve("store"),
                StoreOptions.builder().storage(storage).listener(listener).build());
        store.index("main").put(KEY, KEY);
        return store;
    }

    /** Tells how many were open. */
    private static StoreListener telling(CompletableFuture<Integer> told) {
        return new StoreListener() {
            @Override
            public void storeClosing(String store, int open) {
                told.complete(open);
            }
        };
    }

    @Test
    void closeWaitsForTheLastHolder() throws ExecutionException, InterruptedException {
        CompletableFuture<Integer> told = new CompletableFuture<>();
        SegmentStore store = open(telling(told));
        SegmentIndex index = store.index("main");
        Cursor cursor = index.cursor();
        Snapshot snapshot = store.snapshot();
        assertTrue(cursor.next());
        CompletableFuture<Integer> left = CompletableFuture.supplyAsync(() -> store.close(Duration.ofDays(1)));
        assertEquals(2, told.get());
        assertThrows(StoreClosedException.class, index::cursor);
        assertThrows(StoreClosedException.class, store::snapshot);
        assertThrows(StoreClosedException.class, store::batch);
        assertThrows(StoreClosedException.class, () -> snapshot.cursor(index));
        index.put(new byte[] {2}, KEY);
        assertArrayEquals(KEY, index.get(KEY));
        assertArrayEquals(KEY, snapshot.get(index, KEY));
        assertFalse(cursor.next());
        snapshot.close();
        assertFalse(left.isDone());
        cursor.close();
        assertEquals(0, left.get());
        assertThrows(StoreClosedException.class, () -> index.get(KEY));
    }

    @Test
    void aPatienceOfAnyLengthIsTaken() throws ExecutionException, InterruptedException {
        CompletableFuture<Integer> told = new CompletableFuture<>();
        SegmentStore store = open(telling(told));
        Cursor cursor = store.index("main").cursor();
        CompletableFuture<Integer> left =
                CompletableFuture.supplyAsync(() -> store.close(Duration.ofSeconds(Long.MAX_VALUE)));
        assertEquals(1, told.get());
        assertFalse(left.isDone());
        cursor.close();
        assertEquals(0, left.get());
        SegmentStore again = open(telling(new CompletableFuture<>()));
        assertThrows(NullPointerException.class, () -> again.close(null));
        try (Cursor cutOff = again.index("main").cursor()) {
            assertTrue(cutOff.next());
            assertEquals(1, again.close(Duration.ofSeconds(Long.MIN_VALUE)));
        }
    }

    @Test
    void aHolderThatDoesNotLetGoIsCutOff() {
        AtomicInteger told = new AtomicInteger(-1);
        SegmentStore store = open(new StoreListener() {
            @Override
            public void storeClosing(String directory, int open) {
                told.set(open);
                throw new IllegalStateException("wanted: a listener that fails stops nobody");
            }
        });
        Cursor cursor = store.index("main").cursor();
        assertTrue(cursor.next());
        try (QuietLog quiet = new QuietLog()) {
            assertTrue(quiet.isQuiet());
            assertEquals(1, store.close(Duration.ofMillis(20)));
        }
        assertEquals(1, told.get());
        assertTrue(storage.counters().nothingHeld(), () -> storage.counters().toString());
        assertThrows(StoreClosedException.class, cursor::next);
        cursor.close();
        assertEquals(0, store.close(Duration.ofDays(1)), "closed already");
    }
}
