package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.error.StoreException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;

/** An index that is not there: never made, or dropped. */
final class StoreDroppedIndexTest {
    private static final byte[] KEY = bytes("key");
    private static final byte[] OLD = bytes("old");

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final SimulatedStorage storage = leaks.watch(new SimulatedStorage(1));
    private SegmentStore store;
    private SegmentIndex index;
    private Snapshot snapshot;
    private Cursor cursor;

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
        index.put(KEY, OLD);
        snapshot = store.snapshot();
        cursor = index.cursor();
        assertTrue(cursor.next());
    }

    @AfterEach
    void close() {
        cursor.close();
        snapshot.close();
        store.close();
    }

    private Map<String, Executable> usesOfTheDropped() {
        Map<String, Executable> uses = new LinkedHashMap<>();
        uses.put("get", () -> index.get(KEY));
        uses.put("get into", () -> index.get(KEY, new byte[3]));
        uses.put("containsKey", () -> index.containsKey(KEY));
        uses.put("put", () -> index.put(KEY, OLD));
        uses.put("delete", () -> index.delete(KEY));
        uses.put("batch", () -> store.batch().put(index, KEY, OLD).commit());
        uses.put("cursor", index::cursor);
        uses.put("failFastCursor", () -> index.failFastCursor(KeyRange.all()));
        uses.put("flush", index::flush);
        uses.put("compact", index::compact);
        uses.put("rewrite", index::rewrite);
        uses.put("split", () -> index.split(1));
        uses.put("stats", index::stats);
        uses.put("options", index::options);
        uses.put("cursor.next", cursor::next);
        uses.put("cursor.previous", cursor::previous);
        uses.put("cursor.seek", () -> cursor.seek(KEY));
        uses.put("cursor.key", cursor::key);
        uses.put("cursor.valueBytes", cursor::valueBytes);
        uses.putAll(usesOfTheSnapshot(index));
        return uses;
    }

    private Map<String, Executable> usesOfTheSnapshot(SegmentIndex read) {
        Map<String, Executable> uses = new LinkedHashMap<>();
        uses.put("snapshot.get", () -> snapshot.get(read, KEY));
        uses.put("snapshot.get into", () -> snapshot.get(read, KEY, new byte[3]));
        uses.put("snapshot.containsKey", () -> snapshot.containsKey(read, KEY));
        uses.put("snapshot.cursor", () -> snapshot.cursor(read));
        return uses;
    }

    private static void assertNotFound(Map<String, Executable> uses, String message) {
        uses.forEach((name, use) -> {
            StoreException.NotFound thrown = assertThrows(StoreException.NotFound.class, use, name);
            assertTrue(thrown.getMessage().contains(message), name + ": " + thrown.getMessage());
        });
    }

    @Test
    void everyUseOfADroppedIndexSaysThatItIsNotFound() {
        assertTrue(store.dropIndex("events"));
        assertNotFound(usesOfTheDropped(), "index \"events\" in " + SimulatedStorage.DIRECTORY);
    }

    @Test
    void theSameWhenAnIndexOfThatNameIsMadeAnew() {
        assertTrue(store.dropIndex("events"));
        SegmentIndex again = store.index("events");
        again.put(KEY, bytes("new"));
        assertNotFound(usesOfTheDropped(), "was dropped");
        assertNotFound(usesOfTheSnapshot(again), "index \"events\" of the snapshot was dropped");
        assertArrayEquals(bytes("new"), again.get(KEY));
        try (Snapshot later = store.snapshot()) {
            assertArrayEquals(bytes("new"), later.get(again, KEY));
        }
    }

    @Test
    void anIndexThatWasMadeAfterASnapshotHadNothingThen() {
        SegmentIndex later = store.index("later");
        later.put(KEY, OLD);
        assertNull(snapshot.get(later, KEY));
        try (Cursor none = snapshot.cursor(later)) {
            assertFalse(none.next());
        }
    }

    @Test
    void aMistypedNameCreatesNothingAndNamesWhatThereIs() {
        assertTrue(store.hasIndex("events"));
        assertFalse(store.hasIndex("event"));
        assertEquals("events", store.openIndex("events").name());
        StoreException.NotFound thrown = assertThrows(StoreException.NotFound.class, () -> store.openIndex("event"));
        assertEquals(
                "store " + store.directory() + " has no index \"event\": expected \"events\"", thrown.getMessage());
        thrown = assertThrows(StoreException.NotFound.class, () -> store.alterIndex("event", IndexOptions.defaults()));
        assertTrue(thrown.getMessage().contains("\"event\""), thrown.getMessage());
        assertEquals(1, store.indexNames().size());
        for (int i = 0; i < 12; i++) {
            store.index("index-" + i);
        }
        thrown = assertThrows(StoreException.NotFound.class, () -> store.openIndex("event"));
        assertTrue(thrown.getMessage().endsWith(" or one of 3 others"), thrown.getMessage());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
