package io.cleave.core.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether a lock is held can be asked without disturbing who holds it or wants it. */
final class LockProbeTest {
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
                        Other.class.getName())
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

    /** The other process: does what it is told with a file, and says how it went. */
    static final class Other {
        private Other() {}

        public static void main(String[] arguments) throws IOException {
            RealStorage storage = RealStorage.open();
            BufferedReader words = new BufferedReader(new InputStreamReader(System.in, UTF_8));
            AutoCloseable held = () -> {};
            for (String word = words.readLine(); word != null; word = words.readLine()) {
                Path path = Path.of(words.readLine());
                switch (word) {
                    case "ask" -> System.out.println(storage.isLocked(path));
                    case "lock" -> {
                        StorageLock lock = storage.tryLock(path);
                        held = lock == null ? () -> {} : lock;
                        System.out.println(lock != null);
                    }
                    case "share" -> {
                        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
                        FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true);
                        held = channel;
                        System.out.println(lock != null);
                    }
                    default -> {
                        close(held);
                        System.out.println(true);
                    }
                }
            }
        }

        private static void close(AutoCloseable held) {
            try {
                held.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private boolean other(String word) {
        question.println(word);
        question.println(file);
        try {
            return Boolean.parseBoolean(answer.readLine());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aLockIsSeenByItsOwnProcessAndByOthersAndStaysHeld() {
        assertFalse(storage.isLocked(file));
        try (StorageLock lock = storage.tryLock(file)) {
            assertNotNull(lock);
            assertTrue(storage.isLocked(file));
            assertTrue(other("ask"));
            assertFalse(other("lock"));
        }
        assertFalse(other("ask"));
        assertTrue(other("lock"));
        assertTrue(storage.isLocked(file));
        assertTrue(other("close"));
        assertFalse(storage.isLocked(file));
    }

    @Test
    void askingMakesNoFile() throws IOException {
        Files.delete(file);
        assertFalse(storage.isLocked(file));
        assertFalse(Files.exists(file));
        assertEquals(0, storage.counters().locks());
    }

    @Test
    void aLockOfThisProcessThatTheRegisterDoesNotKnowIsSeenAndNotDropped() throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            assertNotNull(lock);
            assertTrue(storage.isLocked(file));
            assertTrue(storage.isLocked(file));
            assertFalse(other("lock"), "dropped by asking");
        }
        assertFalse(storage.isLocked(file));
    }

    @Test
    void whoAsksDoesNotKeepAWriterOut() throws InterruptedException {
        assertTrue(other("share"));
        assertFalse(storage.isLocked(file));
        AtomicReference<StorageLock> got = new AtomicReference<>();
        Thread writer = storage.newThread("writer", () -> got.set(storage.tryLock(file)));
        writer.start();
        while (writer.getState() != Thread.State.TIMED_WAITING && writer.isAlive()) {
            Thread.onSpinWait();
        }
        assertTrue(other("close"));
        writer.join();
        assertNotNull(got.get(), "taken for a writer");
        assertFalse(other("lock"));
        got.get().close();
        assertTrue(other("lock"));
        assertTrue(other("close"));
    }
}
