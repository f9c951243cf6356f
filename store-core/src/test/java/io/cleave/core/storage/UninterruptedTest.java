package io.cleave.core.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where channel calls run, and that an interrupt never meets them. */
final class UninterruptedTest {
    private final Storage storage = RealStorage.open();

    @Test
    void aCallersThreadIsSparedTheChannel() throws IOException {
        Thread.currentThread().interrupt();
        Thread seen = Uninterrupted.call("spared", Thread::currentThread);
        assertNotSame(Thread.currentThread(), seen);
        assertEquals("spared", seen.getName());
        assertTrue(Thread.interrupted(), "the flag of the caller");
    }

    @Test
    void aThreadOfTheStorageMakesTheCallItself() throws InterruptedException {
        AtomicReference<Thread> seen = new AtomicReference<>();
        Thread own = run(() -> seen.set(Uninterrupted.call("none", Thread::currentThread)));
        assertSame(own, seen.get());
    }

    @Test
    void anInterruptOfAThreadOfTheStorageClosesNoChannel(@TempDir Path directory) throws InterruptedException {
        run(() -> {
            Thread.currentThread().interrupt();
            assertFalse(Thread.currentThread().isInterrupted());
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
                assertTrue(channel.isOpen());
            }
        });
    }

    @FunctionalInterface
    private interface Body {
        void run() throws IOException;
    }

    private Thread run(Body body) throws InterruptedException {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread thread = storage.newThread("own", () -> {
            try {
                body.run();
            } catch (Throwable e) {
                failure.set(e);
            }
        });
        thread.start();
        thread.join();
        assertNull(failure.get());
        return thread;
    }
}
