package io.cleave.catalog;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a writer notices of another one, on the real machine. */
final class StoreOwnershipTest {
    @TempDir
    Path store;

    private final Storage machine = RealStorage.open();

    private Path lock() {
        return store.resolve(StoreLayout.LOCK_NAME);
    }

    private Path owner() {
        return store.resolve(StoreLayout.OWNER_NAME);
    }

    private static void assertLost(StoreOwnership ownership) {
        StoreException.Poisoned poisoned = assertThrows(StoreException.Poisoned.class, ownership::requireOwner);
        assertInstanceOf(StoreException.Locked.class, poisoned.getCause());
        assertThrows(StoreException.Poisoned.class, ownership::require);
    }

    @Test
    void takesALockAgainThatOtherCodeOfTheProcessDropped() throws IOException {
        try (StoreOwnership ownership = StoreOwnership.take(machine, store)) {
            for (int i = 0; i < 3; i++) {
                Files.readAllBytes(lock());
                ownership.require();
                assertThrows(StoreException.Locked.class, () -> StoreOwnership.take(RealStorage.open(), store));
                Files.delete(lock());
                ownership.require();
                assertTrue(Files.exists(lock()));
                assertThrows(StoreException.Locked.class, () -> StoreOwnership.take(RealStorage.open(), store));
            }
        }
        assertEquals(0, machine.counters().locks());
        StoreOwnership.take(machine, store).close();
    }

    @Test
    void refusesToChangeAFileOnceAnotherWriterHasLeftItsWord() throws IOException {
        try (StoreOwnership ownership = StoreOwnership.take(machine, store)) {
            Storage storage = ownership.storage();
            Path kept = store.resolve("kept");
            storage.create(kept).close();
            Files.delete(lock());
            StoreOwnership.take(RealStorage.open(), store).close();
            assertThrows(StoreException.Poisoned.class, () -> storage.delete(kept));
            assertThrows(StoreException.Poisoned.class, () -> storage.rename(kept, store.resolve("moved")));
            assertThrows(StoreException.Poisoned.class, () -> storage.create(store.resolve("new")));
            assertThrows(StoreException.Poisoned.class, () -> storage.createWritable(store.resolve("new"), 4096));
            assertThrows(StoreException.Poisoned.class, () -> storage.createDirectory(store.resolve("new")));
            assertLost(ownership);
            assertTrue(Files.exists(kept));
            assertTrue(Files.notExists(store.resolve("new")));
        }
    }

    @Test
    void doesNotTakeTheLockFromWhomeverWasQuicker() throws IOException {
        try (StoreOwnership first = StoreOwnership.take(machine, store)) {
            Files.delete(lock());
            try (StoreOwnership second = StoreOwnership.take(RealStorage.open(), store)) {
                assertLost(first);
                second.require();
            }
            assertLost(first);
        }
    }

    @Test
    void findsTheSameWordAgainWhateverWasDoneToItsFile() throws IOException {
        try (StoreOwnership ownership = StoreOwnership.take(machine, store)) {
            byte[] word = Files.readAllBytes(owner());
            Files.setLastModifiedTime(owner(), FileTime.fromMillis(0));
            assertDoesNotThrow(ownership::require);
            Files.delete(owner());
            assertDoesNotThrow(ownership::require, "nobody else was there");
            Files.write(owner(), word);
            assertDoesNotThrow(ownership::require);
            Files.write(owner(), "pid 1\ntoken 1\n".getBytes(US_ASCII));
            assertLost(ownership);
        }
    }

    @Test
    void everyWriterLeavesAnotherWord() throws IOException {
        StoreOwnership.take(machine, store).close();
        byte[] first = Files.readAllBytes(owner());
        StoreOwnership.take(machine, store).close();
        assertFalse(Arrays.equals(first, Files.readAllBytes(owner())));
    }
}
