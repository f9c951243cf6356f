package io.cleave.core.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cleave.error.StoreException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RoomMakingStorageTest {
    private static final Path FILE = Path.of("file");

    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger made = new AtomicInteger();

    @Test
    void roomThatOthersTookIsMadeAgain() {
        try (RoomMakingStorage storage = new RoomMakingStorage(refusing(4), path -> made.incrementAndGet() > 0)) {
            assertEquals(List.of(), storage.list(FILE));
            assertEquals(4, made.get());
            calls.set(0);
            made.set(0);
            storage.tryLock(FILE);
            assertEquals(4, made.get());
        }
    }

    @Test
    void whereNoRoomCanBeMadeTheFirstRefusalIsThrown() {
        try (RoomMakingStorage storage = new RoomMakingStorage(refusing(4), path -> made.incrementAndGet() < 3)) {
            assertThrows(StoreException.LimitReached.class, () -> storage.list(FILE));
            assertEquals(3, made.get());
        }
    }

    @Test
    void roomThatOthersTakeEachTimeIsNotMadeForEver() {
        try (RoomMakingStorage storage = new RoomMakingStorage(refusing(Integer.MAX_VALUE), path -> true)) {
            assertThrows(StoreException.LimitReached.class, () -> storage.list(FILE));
            assertThrows(StoreException.LimitReached.class, () -> storage.tryLock(FILE));
        }
    }

    /** One whose first calls find no descriptor. */
    private Storage refusing(int times) {
        return (Storage) Proxy.newProxyInstance(
                Storage.class.getClassLoader(), new Class<?>[] {Storage.class}, (proxy, method, arguments) -> {
                    if (calls.incrementAndGet() <= times) {
                        throw new StoreException.LimitReached("too many open files");
                    }
                    return method.getName().equals("list") ? List.of() : null;
                });
    }
}
