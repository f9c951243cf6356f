package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The system refuses to delete a file that nobody needs any more: that takes room, and no write away. */
final class StoreUndeletableTest {
    private static final Path STORE = SimulatedStorage.DIRECTORY.resolve("store");
    private static final int ENTRIES = 400;

    /** What can't be deleted. */
    private enum Kept {
        LOG_FILE("log-[0-9]+"),
        RUN("run-[0-9]+\\.run"),
        SEGMENT("segment-[0-9]+"),
        INDEX("index-[0-9]+"),
        LOCK("lock"),
        MANIFEST("manifest"),
        EVERYTHING(".*");

        private final String names;

        Kept(String names) {
            this.names = names;
        }

        boolean matches(Path path) {
            // What is about to be written anew must make room for that.
            return path.getFileName().toString().matches(names)
                    && !path.getFileName().toString().endsWith(".tmp");
        }
    }

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final SimulatedStorage simulated = leaks.watch(new SimulatedStorage(1));
    private volatile Predicate<Path> undeletable = path -> false;
    private final List<Path> refused = new ArrayList<>();
    private QuietLog quiet;

    @BeforeEach
    void silence() {
        quiet = new QuietLog();
    }

    @AfterEach
    void speak() {
        quiet.close();
    }

    private Storage storage() {
        return (Storage) Proxy.newProxyInstance(
                Storage.class.getClassLoader(), new Class<?>[] {Storage.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("delete") && undeletable.test((Path) arguments[0])) {
                        Path path = (Path) arguments[0];
                        if (simulated.kind(path) != Storage.PathKind.ABSENT) {
                            refused.add(path);
                            throw new StoreException.Io(path + ": deleting: busy", new IOException("busy"));
                        }
                    }
                    try {
                        return method.invoke(simulated, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private SegmentStore open() {
        StoreOptions options = StoreOptions.builder()
                .storage(storage())
                .maintenanceThreads(0)
                .syncIntervalMillis(0)
                .memtableBytesMax(256 << 10)
                .segmentMemtableBytesMax(4 << 10)
                .memtableChunkBytes(512)
                .segmentEntriesMax(100)
                .deltasMax(1)
                .logFileBytes(4 << 10)
                .logBytesMax(16 << 10)
                .build();
        return SegmentStore.open(STORE, options);
    }

    private static byte[] bytes(String text, int number) {
        return DamageSubject.bytes(text + number);
    }

    private static void fill(SegmentStore store, String name, String value) {
        SegmentIndex index = store.index(name);
        for (int i = 0; i < ENTRIES; i++) {
            index.put(bytes("key", i), bytes(value, i), Durability.DEVICE);
        }
        index.flush();
        index.compact();
    }

    private static void assertHolds(SegmentStore store, String name, String value) {
        for (int i = 0; i < ENTRIES; i++) {
            assertArrayEquals(bytes(value, i), store.index(name).get(bytes("key", i)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFileThatStaysTakesNoWriteAwayAndGoesWhenItCan(Kept kept) {
        undeletable = kept::matches;
        try (SegmentStore store = open()) {
            fill(store, "a", "first");
            fill(store, "b", "first");
            fill(store, "a", "second");
            assertTrue(store.dropIndex("b"));
            fill(store, "c", "third");
            assertNull(store.engine().gate().poison());
            assertTrue(!refused.isEmpty(), "nothing was refused");
            assertTrue(store.engine().ownership().keptDeletions() > 0);
        }
        // Once more with what the first one left; its orphans stay again.
        try (SegmentStore store = open()) {
            assertHolds(store, "a", "second");
            assertHolds(store, "c", "third");
            fill(store, "a", "fourth");
            assertNull(store.engine().gate().poison());
            undeletable = path -> false;
            store.engine().ownership().deleteKept();
            assertEquals(0, store.engine().ownership().keptDeletions());
            fill(store, "c", "fifth");
            store.awaitMaintenance();
            StoreOrphans.requireNone(store);
        }
        try (SegmentStore store = open()) {
            assertHolds(store, "a", "fourth");
            assertHolds(store, "c", "fifth");
            assertEquals(List.of("a", "c"), List.copyOf(store.indexNames()));
        }
    }

    @Test
    void aKillAmongFilesThatStayLosesNothing() {
        undeletable = Kept.EVERYTHING::matches;
        SegmentStore store = open();
        fill(store, "a", "first");
        fill(store, "a", "second");
        SimulatedStorage next = simulated.kill();
        CrashWorkload.abandon(store);
        try (SegmentStore again = SegmentStore.open(
                STORE,
                StoreOptions.builder().storage(next).maintenanceThreads(0).build())) {
            assertHolds(again, "a", "second");
            StoreOrphans.requireNone(again);
        }
    }

    /** A name that is used again is that of a living file. */
    @Test
    void aDeletionThatWasKeptNeverMeetsANewFileOfItsName() {
        undeletable = Kept.EVERYTHING::matches;
        try (SegmentStore store = open()) {
            Storage storage = store.engine().storage();
            Path file = STORE.resolve("file");
            storage.create(file).close();
            storage.delete(file);
            assertEquals(Storage.PathKind.FILE, storage.kind(file));
            simulated.delete(file);
            storage.create(file).close();
            undeletable = path -> false;
            store.engine().ownership().deleteKept();
            assertEquals(Storage.PathKind.FILE, storage.kind(file));
            storage.delete(file);
        }
    }
}
