package io.cleave.core.storage;

import io.cleave.error.StoreException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * A lock of the operating system on a file, and an entry in a register of this process.
 *
 * <p>The register is needed because the system forgets a process's locks on a file as soon as the process closes any
 * descriptor of it: a second owner in this process must be refused before it opens the file. It is kept in the system
 * properties, as text under the file's identity, so that copies of this class in several class loaders share it.
 *
 * <p>Thread-safe. The channel is used for nothing else, so no interrupt can close it.
 */
final class RealLock implements StorageLock {
    private static final String REGISTER_PREFIX = "io.cleave.lock.";

    private static final String HELD = "held";
    private static final String CLOSING = "closing";
    private static final long CLOSING_NANOS = 10_000;

    private final Path path;
    private final String entry;
    private final FileChannel channel;
    private final Ledger ledger;
    private final AtomicBoolean held = new AtomicBoolean(true);

    private RealLock(Path path, String entry, FileChannel channel, Ledger ledger) {
        this.path = path;
        this.entry = entry;
        this.channel = channel;
        this.ledger = ledger;
        ledger.locks.incrementAndGet();
    }

    /**
     * Locks an existing regular file.
     *
     * @param identity what the file is, whatever its name: device and inode
     * @return null when this or another process holds it
     */
    static RealLock tryLock(Path path, Object identity, Ledger ledger) {
        Properties register = System.getProperties();
        String entry = REGISTER_PREFIX + identity;
        for (Object taken = register.putIfAbsent(entry, HELD);
                taken != null;
                taken = register.putIfAbsent(entry, HELD)) {
            if (!taken.equals(CLOSING)) {
                return null;
            }
            // A file that was deleted while it was locked: its identity may be this file's already. Over in
            // microseconds.
            LockSupport.parkNanos(CLOSING_NANOS);
        }
        FileChannel channel = null;
        RealLock result = null;
        try {
            channel = FileChannel.open(path, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
            if (lock(channel) != null) {
                result = new RealLock(path, entry, channel, ledger);
            }
            return result;
        } catch (IOException e) {
            throw Failures.of("locking", path, e);
        } finally {
            if (result == null) {
                closeQuietly(channel);
                register.remove(entry);
            }
        }
    }

    private static FileLock lock(FileChannel channel) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // Somebody in this process who is not in our register.
            return null;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void closeQuietly(FileChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                // Nothing was written through it, and the descriptor is gone either way.
                assert e != null;
            }
        }
    }

    @Override
    public void close() {
        if (!held.compareAndSet(true, false)) {
            return;
        }
        System.getProperties().replace(entry, CLOSING);
        try {
            channel.close();
        } catch (IOException e) {
            throw new StoreException.Io(path + ": unlocking failed: " + e.getMessage(), e);
        } finally {
            // After the descriptor is gone: the next owner's descriptor must not be caught by this close.
            System.getProperties().remove(entry);
            ledger.locks.decrementAndGet();
        }
    }
}
