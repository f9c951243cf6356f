package io.cleave.core.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever becomes of the register of a process: who was refused must not have dropped the lock. Asked of another process. */
final class RealLockTest {
    private static Process other;
    private static PrintStream question;
    private static BufferedReader answer;

    @TempDir
    Path directory;

    private Path file;
    private RealStorage storage;

    @BeforeAll
    static void startTheOtherProcess() throws IOException {
        other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Asked.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        question = new PrintStream(other.getOutputStream(), true, UTF_8);
        answer = new BufferedReader(new InputStreamReader(other.getInputStream(), UTF_8));
    }

    @AfterAll
    static void endTheOtherProcess() {
        question.close();
        other.destroy();
    }

    @BeforeEach
    void makeFile() throws IOException {
        file = Files.createFile(directory.resolve("lock"));
        storage = RealStorage.open();
    }

    /** The other process: for each path it says whether it gets the lock, and gives it back. */
    static final class Asked {
        private Asked() {}

        public static void main(String[] arguments) throws IOException {
            RealStorage storage = RealStorage.open();
            BufferedReader paths = new BufferedReader(new InputStreamReader(System.in, UTF_8));
            for (String path = paths.readLine(); path != null; path = paths.readLine()) {
                StorageLock lock = storage.tryLock(Path.of(path));
                if (lock != null) {
                    lock.close();
                }
                System.out.println(lock != null);
            }
        }
    }

    private boolean isFreeElsewhere() throws IOException {
        question.println(file);
        return Boolean.parseBoolean(answer.readLine());
    }

    /** A second owner of this process is refused, the lock stays, and goes when its owner lets go. */
    private void assertExcludes(StorageLock lock) throws Exception {
        assertNotNull(lock);
        assertNull(RealStorage.open().tryLock(file));
        assertFalse(isLockedByACopyOfTheLibrary());
        assertTrue(lock.isHeld());
        assertFalse(isFreeElsewhere());
        lock.close();
        assertTrue(isFreeElsewhere());
    }

    @Test
    void systemPropertiesThatArePutBackLoseNoLock() throws Exception {
        Properties before = (Properties) System.getProperties().clone();
        StorageLock lock = storage.tryLock(file);
        System.setProperties(before);
        assertExcludes(lock);
    }

    @Test
    void systemPropertiesThatAreClearedLoseNoLock() throws Exception {
        Properties before = (Properties) System.getProperties().clone();
        StorageLock lock = storage.tryLock(file);
        System.getProperties().clear();
        System.setProperties(before);
        assertExcludes(lock);
    }

    /** The last means: the JDK finds the second lock once the file is open, and the channel stays open for that. */
    @Test
    void aRegisterThatIsEmptiedLosesNoLockToACopyOfTheLibrary() throws Exception {
        StorageLock lock = storage.tryLock(file);
        emptyTheRegister();
        assertExcludes(lock);
        assertFalse(Security.getProperty(property()).contains(identity()), "what was refused is entered nowhere");
    }

    @Test
    void aCopyOfTheLibraryThatIsForgottenTakesNoLockAlong() throws Exception {
        StorageLock lock = storage.tryLock(file);
        emptyTheRegister();
        assertFalse(isLockedByACopyOfTheLibrary());
        System.gc();
        System.runFinalization();
        System.gc();
        assertFalse(isFreeElsewhere());
        lock.close();
        assertTrue(isFreeElsewhere());
    }

    @Test
    void aChannelThatHadToBeKeptServesTheNextOwner() throws Exception {
        try (FileChannel foreign = FileChannel.open(file, StandardOpenOption.WRITE)) {
            assertNotNull(foreign.tryLock());
            long before = descriptors();
            for (int i = 0; i < 10; i++) {
                assertNull(storage.tryLock(file), "locked by other code of this process");
            }
            assertTrue(descriptors() <= before + 1, "one for the file, however often it was tried");
            assertFalse(isFreeElsewhere(), "who was refused dropped the lock");
        }
        for (int i = 0; i < 2; i++) {
            StorageLock lock = storage.tryLock(file);
            assertNotNull(lock);
            assertFalse(isFreeElsewhere());
            lock.close();
            assertTrue(isFreeElsewhere());
        }
    }

    @Test
    void aLockThatOtherCodeOfTheProcessDroppedIsKnownToBeLost() throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fdinfo")));
        try (StorageLock lock = storage.tryLock(file)) {
            assertTrue(lock.isHeld());
            assertTrue(lock.isHeld());
            Files.readAllBytes(file);
            assertFalse(lock.isHeld());
            assertTrue(isFreeElsewhere());
        }
        try (StorageLock again = storage.tryLock(file)) {
            assertTrue(again.isHeld());
            Files.delete(file);
            assertFalse(again.isHeld(), "who comes next locks another file");
        }
    }

    @Test
    void aLockThatWasGivenBackIsNotHeldAndNotEntered() throws Exception {
        StorageLock lock = storage.tryLock(file);
        assertTrue(Security.getProperty(property()).contains(identity()));
        lock.close();
        assertFalse(lock.isHeld());
        assertFalse(Security.getProperty(property()).contains(identity()));
    }

    @Test
    void manyFilesShareTheRegister() {
        List<StorageLock> locks = new ArrayList<>();
        for (int i = 0; i < 3 * LockRegister.PARTS; i++) {
            locks.add(storage.tryLock(directory.resolve("lock-" + i)));
        }
        for (int i = 0; i < locks.size(); i++) {
            assertNull(storage.tryLock(directory.resolve("lock-" + i)));
            locks.get(i).close();
            try (StorageLock again = storage.tryLock(directory.resolve("lock-" + i))) {
                assertNotNull(again);
            }
        }
        assertEquals(0, storage.counters().locks());
    }

    private String identity() throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey().toString();
    }

    private String property() throws IOException {
        return LockRegister.property(identity());
    }

    private static void emptyTheRegister() {
        for (int part = 0; part < LockRegister.PARTS; part++) {
            Security.setProperty("io.cleave.locks." + part, "");
        }
    }

    private static long descriptors() {
        return new File("/proc/self/fd").list().length;
    }

    /** What a second copy of the library, in a class loader of its own, says of the lock. */
    private boolean isLockedByACopyOfTheLibrary() throws Exception {
        List<URL> places = new ArrayList<>();
        for (String place : System.getProperty("java.class.path").split(File.pathSeparator)) {
            places.add(Path.of(place).toUri().toURL());
        }
        try (URLClassLoader loader =
                new URLClassLoader(places.toArray(new URL[0]), ClassLoader.getPlatformClassLoader())) {
            Class<?> copy = loader.loadClass(RealStorage.class.getName());
            assertFalse(copy == RealStorage.class);
            Object opened = copy.getMethod("open").invoke(null);
            Method tryLock = copy.getMethod("tryLock", Path.class);
            Object lock = tryLock.invoke(opened, file);
            if (lock instanceof AutoCloseable taken) {
                taken.close();
            }
            return lock != null;
        }
    }
}
