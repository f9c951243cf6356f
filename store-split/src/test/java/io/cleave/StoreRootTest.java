package io.cleave;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cleave.catalog.StoreRoot;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.SystemUser;
import io.cleave.error.StoreException;
import io.cleave.inspect.StoreInspection;
import io.cleave.inspect.StoreVerification;
import io.cleave.look.IndexCut;
import io.cleave.look.StoreLook;
import io.cleave.repair.StoreRepair;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the path of a store means, what may lie in its directory, and who may write there. */
final class StoreRootTest {
    private static final byte[] KEY = "key".getBytes(UTF_8);
    private static final long NOBODY = 65_534;

    @TempDir
    Path directory;

    private final Storage storage = RealStorage.open();

    private static StoreOptions options() {
        return StoreOptions.builder().logFileBytes(64 << 10).build();
    }

    private static Path make(Path path) {
        try (SegmentStore store = SegmentStore.open(path, options())) {
            store.index("a").put(KEY, KEY);
            return store.directory();
        }
    }

    private byte[] look(Path path) {
        try (IndexCut cut = new StoreLook(storage, path).cut("a", KeyBounds.ALL)) {
            return cut.get(KEY);
        }
    }

    @Test
    void aLinkToAStoreIsTheStoreForEveryDoor() throws IOException {
        Path real = make(directory.resolve("real"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("real"));
        assertEquals(real, make(link));
        assertArrayEquals(KEY, look(link));
        assertEquals(real, new StoreInspection(storage, link).directory());
        assertTrue(new StoreVerification(storage, link, (done, total) -> {})
                .verify()
                .healthy());
        assertTrue(new StoreRepair(storage, link, (done, total) -> {}).repair().nothingToDo());
        Path nowhere = Files.createSymbolicLink(directory.resolve("nowhere"), directory.resolve("none"));
        StoreException.NotFound refused = assertThrows(StoreException.NotFound.class, () -> make(nowhere));
        assertTrue(refused.getMessage().contains("link that leads to nothing"), refused.getMessage());
        assertFalse(Files.exists(directory.resolve("none")));
    }

    @Test
    void theWayUpFromALinkIsTheSystems() throws IOException {
        Files.createDirectories(directory.resolve("x/y"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("x/y"));
        assertEquals(make(link.resolve("../s")), directory.resolve("x/s").toRealPath());
        assertFalse(Files.exists(directory.resolve("s")));
        assertThrows(StoreException.NotFound.class, () -> make(directory.resolve("missing/../t")));
        assertFalse(Files.exists(directory.resolve("t")));
    }

    @Test
    void whatTheFileSystemPutsAtTheRootOfAVolumeIsNeitherInTheWayNorTouched() throws IOException {
        Path found = Files.createDirectory(directory.resolve("lost+found"));
        Files.writeString(found.resolve("#12345"), "the system's");
        make(directory);
        assertEquals(
                List.of(),
                new StoreVerification(storage, directory, (done, total) -> {})
                        .verify()
                        .findings());
        Files.writeString(directory.resolve("catalog.txt"), "a stray");
        assertFalse(new StoreRepair(storage, directory, (done, total) -> {})
                .repair()
                .nothingToDo());
        assertEquals("the system's", Files.readString(found.resolve("#12345")));
        assertTrue(Files.exists(directory.resolve("set-aside/00001/catalog.txt")));
        assertArrayEquals(KEY, look(directory));
        Path other = Files.createDirectory(directory.resolve("other"));
        Files.writeString(other.resolve("lost+found"), "no directory");
        assertThrows(StoreException.NotAStore.class, () -> make(other));
    }

    @Test
    void directoriesAboveTheStoreAreMadeWithIt() {
        Path deep = directory.resolve("a/b/c");
        StoreOptions options = options().toBuilder().createIfMissing(false).build();
        assertThrows(StoreException.NotFound.class, () -> SegmentStore.open(deep, options));
        assertFalse(Files.exists(directory.resolve("a")));
        make(deep);
        assertArrayEquals(KEY, look(deep));
    }

    @Test
    void directoriesAboveTheStoreAreAsDurableAsTheStore() {
        SimulatedStorage disk = new SimulatedStorage(1);
        Path deep = SimulatedStorage.DIRECTORY.resolve("a/b/c");
        SegmentStore dying = SegmentStore.open(deep, CrashWorkload.options(disk));
        dying.index("a").put(KEY, KEY, Durability.DEVICE);
        SimulatedStorage after = disk.crash(1);
        CrashWorkload.abandon(dying);
        try (SegmentStore store = SegmentStore.open(deep, CrashWorkload.options(after))) {
            assertArrayEquals(KEY, store.index("a").get(KEY));
        }
    }

    @Test
    void whatIsNoDirectoryOfAStoreIsCalledWhatItIs() throws IOException {
        Path file = Files.writeString(directory.resolve("notes"), "mine");
        for (Path path : List.of(file, file.resolve("deeper"), directory)) {
            StoreException.NotAStore refused = assertThrows(StoreException.NotAStore.class, () -> make(path));
            assertFalse(refused.getMessage().contains("offset"), refused.getMessage());
            assertTrue(refused.getMessage().contains("file")
                    && refused.getMessage().contains("expected"));
            assertEquals("not_a_store", refused.code());
        }
        assertEquals("mine", Files.readString(file));
        URI zip = URI.create("jar:" + directory.resolve("z.zip").toUri());
        try (FileSystem other = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> make(other.getPath("/s")));
            assertTrue(refused.getMessage().contains("found one of jar"), refused.getMessage());
        }
    }

    /** The simulated storage for a process of user 1000, where some paths belong to somebody. */
    private static Storage owned(SimulatedStorage disk, Map<Path, Long> owners) {
        return (Storage) Proxy.newProxyInstance(
                Storage.class.getClassLoader(), new Class<?>[] {Storage.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("user")) {
                        return new SystemUser(1_000, "alice");
                    }
                    if (method.getName().equals("owner")) {
                        return new SystemUser(owners.getOrDefault((Path) arguments[0], 1_000L), "bob");
                    }
                    try {
                        return method.invoke(disk, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void aStoreOfAnotherUserIsRefusedBeforeAnythingIsWritten() {
        Path place = SimulatedStorage.DIRECTORY.resolve("store");
        SimulatedStorage disk = new SimulatedStorage(1);
        SegmentStore.open(place, CrashWorkload.options(disk)).close();
        long operations = disk.operations();
        for (Path foreign : List.of(place, place.resolve("catalog"))) {
            for (long id : foreign.equals(place) ? List.of(7L) : List.of(7L, 0L)) {
                Storage seen = owned(disk, Map.of(foreign, id));
                StoreException.NotOwner refused = assertThrows(
                        StoreException.NotOwner.class, () -> SegmentStore.open(place, CrashWorkload.options(seen)));
                assertTrue(refused.getMessage().contains("user " + id + " (bob)"), refused.getMessage());
                assertTrue(refused.getMessage().contains("user 1000 (alice)"), refused.getMessage());
                assertThrows(
                        StoreException.NotOwner.class,
                        () -> new StoreRepair(seen, place, (done, total) -> {}).repair());
                assertEquals(Set.of(), new StoreLook(seen, place).indexNames());
            }
        }
        assertEquals(operations, disk.operations());
        // The root of a mounted volume.
        SegmentStore.open(place, CrashWorkload.options(owned(disk, Map.of(place, 0L))))
                .close();
    }

    @Test
    void rootIsRefusedInTheStoreOfAUserAndReadsItAllTheSame() throws IOException {
        Path store = make(directory.resolve("store"));
        assumeTrue(storage.user().id() == SystemUser.ROOT, "not root: the owner of files can't be changed here");
        for (Path path : List.of(store.resolve("catalog"), store)) {
            Files.setAttribute(path, "unix:uid", (int) NOBODY);
            StoreException.NotOwner refused = assertThrows(StoreException.NotOwner.class, () -> make(store));
            assertTrue(refused.getMessage().contains("user " + NOBODY), refused.getMessage());
            assertTrue(refused.getMessage().contains("user 0"), refused.getMessage());
        }
        assertArrayEquals(KEY, look(store));
        assertEquals(NOBODY, storage.owner(store.resolve("catalog")).id());
        assertEquals(store, StoreRoot.of(storage, store));
    }
}
