package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.SimulatedStorage;
import io.cleave.error.StoreException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A store of which the log is missing, all of it or its end, is not taken for an older one. */
final class StoreLostLogTest {
    private static final Path STORE = SimulatedStorage.DIRECTORY.resolve("store");
    private static final Path LOG = STORE.resolve("log");

    private final SimulatedStorage storage = new SimulatedStorage(1);

    private SegmentStore open() {
        return open(storage);
    }

    private static SegmentStore open(SimulatedStorage storage) {
        return SegmentStore.open(
                STORE,
                StoreOptions.builder()
                        .storage(storage)
                        .maintenanceThreads(0)
                        .logFileBytes(4 << 10)
                        .build());
    }

    private void fill() {
        try (SegmentStore store = open()) {
            store.index("index").put(bytes("first"), bytes("value"));
            store.index("index").flush();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aStoreWithoutItsLogIsRefused() {
        fill();
        storage.list(LOG).forEach(name -> storage.delete(LOG.resolve(name)));
        assertEquals(LOG, assertThrows(StoreException.Corrupt.class, this::open).file());
        storage.delete(LOG);
        assertEquals(LOG, assertThrows(StoreException.Corrupt.class, this::open).file());
        assertEquals(0, storage.counters().locks());
    }

    /** Writes, flushes, and dies; then an older log takes the place of the log. */
    private SimulatedStorage killedWithTheLogOfBefore() {
        String before = storage.list(LOG).get(0);
        byte[] old = storage.readAll(LOG.resolve(before), 1 << 20);
        SegmentStore store = open();
        store.index("index").put(bytes("second"), bytes("value"));
        store.index("index").flush();
        SimulatedStorage killed = storage.kill();
        CrashWorkload.abandon(store);
        killed.list(LOG).forEach(name -> killed.delete(LOG.resolve(name)));
        DamageSubject.write(killed, LOG.resolve(before), old);
        return killed;
    }

    @Test
    void aSegmentThatIsAheadOfTheLogIsRefusedWhenItIsLoaded() {
        try (SegmentStore store = open()) {
            store.index("empty");
            store.index("index");
        }
        SimulatedStorage killed = killedWithTheLogOfBefore();
        try (SegmentStore store = open(killed)) {
            assertEquals(Set.of("empty", "index"), store.indexNames());
            StoreException.Corrupt failure = assertThrows(
                    StoreException.Corrupt.class, () -> store.index("index").get(bytes("first")));
            assertTrue(failure.file().endsWith("manifest"), failure::toString);
        }
    }

    @Test
    void aSegmentThatIsAheadOfTheLogIsRefused() {
        fill();
        SimulatedStorage killed = killedWithTheLogOfBefore();
        // The replay loads the segment.
        StoreException.Corrupt failure = assertThrows(StoreException.Corrupt.class, () -> open(killed));
        assertTrue(failure.file().endsWith("manifest"), failure::toString);
        assertEquals(0, killed.counters().locks());
    }

    @Test
    void aFlushOfWritesThatWereNotLoggedSurvivesAKillAndAPowerCut() {
        for (boolean kill : new boolean[] {true, false}) {
            SimulatedStorage disk = new SimulatedStorage(1);
            StoreOptions options =
                    StoreOptions.builder().storage(disk).maintenanceThreads(0).build();
            SegmentStore store = SegmentStore.open(STORE, options);
            store.index("index").put(bytes("first"), bytes("value"), Durability.MEMORY);
            store.index("index").flush();
            SimulatedStorage next = kill ? disk.kill() : disk.crash(1);
            CrashWorkload.abandon(store);
            try (SegmentStore again =
                    SegmentStore.open(STORE, options.toBuilder().storage(next).build())) {
                assertArrayEquals(bytes("value"), again.index("index").get(bytes("first")));
            }
        }
    }
}
