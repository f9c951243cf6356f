package io.cleave.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.bytes.RandomCases;
import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.StorageFile;
import io.cleave.error.StoreException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class StoreLayoutTest {
    private static final Path STORE = SimulatedStorage.DIRECTORY;

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    @Test
    void directoriesOfIndexesAreNamedByIdAlone() {
        assertEquals(STORE.resolve("index-00001"), StoreLayout.indexDirectory(STORE, 1));
        assertEquals(STORE.resolve("index-2147483647"), StoreLayout.indexDirectory(STORE, Integer.MAX_VALUE));
        RandomCases.check(1_000, (random, seed) -> {
            int id = 1 + random.nextInt(1 << random.nextInt(1, 31));
            String name = StoreLayout.indexDirectory(STORE, id).getFileName().toString();
            assertTrue(name.matches("index-[0-9]{5,10}"), name);
            assertEquals(OptionalInt.of(id), StoreLayout.parseIndex(name));
        });
    }

    @Test
    void otherNamesAreNoIndexes() {
        List.of(
                        "index-",
                        "index-1",
                        "index-00000",
                        "index-000001",
                        "index--0001",
                        "index-+0001",
                        "index-99999999999",
                        "index-0000x",
                        "Index-00001",
                        "segment-00001",
                        "index-../..",
                        "",
                        "index-\u0661\u0661\u0661\u0661\u0661")
                .forEach(name -> assertEquals(OptionalInt.empty(), StoreLayout.parseIndex(name), name));
    }

    @Test
    void aSecondWriterIsToldWhoHoldsTheStore() {
        SimulatedStorage storage = leaks.watch(new SimulatedStorage(1));
        StoreOwnership lock = StoreOwnership.take(storage, STORE);
        StoreException.Locked e = assertThrows(StoreException.Locked.class, () -> StoreOwnership.take(storage, STORE));
        assertTrue(e.getMessage().contains("pid " + storage.processId()), e.getMessage());
        lock.close();
        StoreOwnership.take(storage, STORE).close();
    }

    @Test
    void whateverStandsInTheOwnerFileIsNotTakenAtItsWord() {
        SimulatedStorage storage = leaks.watch(new SimulatedStorage(1));
        try (StoreOwnership lock = StoreOwnership.take(storage, STORE)) {
            for (String owner : List.of("", "pid x", "\u001B[31m", "pid 1\npid 2", "x".repeat(5_000))) {
                Path file = STORE.resolve(StoreLayout.OWNER_NAME);
                storage.delete(file);
                byte[] text = owner.getBytes(StandardCharsets.ISO_8859_1);
                try (StorageFile out = storage.create(file)) {
                    out.append(text, 0, text.length);
                }
                StoreException.Locked e =
                        assertThrows(StoreException.Locked.class, () -> StoreOwnership.take(storage, STORE));
                assertTrue(e.getMessage().endsWith("another process"), e.getMessage());
            }
            assertTrue(lock != null);
        }
    }

    @Test
    void aKilledWriterDoesNotKeepTheNextOneOut() {
        SimulatedStorage storage = new SimulatedStorage(1);
        StoreOwnership.take(storage, STORE);
        SimulatedStorage after = leaks.watch(storage.kill());
        StoreOwnership.take(after, STORE).close();
    }
}
