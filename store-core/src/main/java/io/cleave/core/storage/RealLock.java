package io.cleave.core.storage;

import io.cleave.error.StoreException;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * A lock of the operating system on a file, and an entry in the {@link LockRegister} of this process.
 *
 * <p>The system may have forgotten the lock, when other code of this process opened and closed the file. Linux tells of the
 * locks behind a descriptor, so {@link #isHeld} finds that out there, without touching the file.
 *
 * <p>Thread-safe. The channel is used for nothing else, so no interrupt can close it.
 */
final class RealLock implements StorageLock {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final String DESCRIPTOR_FACTS = "/proc/self/fdinfo/";

    /** So long a look may have the lock, which takes it microseconds where it is not stopped in the middle: five seconds. */
    private static final int LOOKS_MAX = 25_000;

    private static final long LOOK_NANOS = 200_000;
    private static final String LOCK_LINE = "lock:";

    private final Path path;
    private final String identity;
    private final FileChannel channel;
    private final FileLock lock;
    private final Ledger ledger;
    private final AtomicBoolean held = new AtomicBoolean(true);

    /** Where the system tells of the lock; null until that was looked for, empty when it does not. */
    private volatile String told;

    private RealLock(Path path, String identity, FileChannel channel, FileLock lock, Ledger ledger) {
        this.path = path;
        this.identity = identity;
        this.channel = channel;
        this.lock = lock;
        this.ledger = ledger;
        ledger.locks.incrementAndGet();
    }

    /**
     * Locks an existing regular file.
     *
     * @param fileKey what the file is, whatever its name: device and inode
     * @return null when this or another process holds it
     */
    static RealLock tryLock(Path path, Object fileKey, Ledger ledger) {
        String identity = fileKey.toString();
        synchronized (LockRegister.monitor(identity)) {
            if (!LockRegister.add(identity)) {
                return null;
            }
            RealLock result = null;
            try {
                result = lock(path, identity, ledger);
                return result;
            } catch (IOException e) {
                throw Failures.of("locking", path, e);
            } finally {
                if (result == null) {
                    LockRegister.remove(identity);
                }
            }
        }
    }

    /** Requires: the monitor of the file, and its entry. */
    private static RealLock lock(Path path, String identity, Ledger ledger) throws IOException {
        FileChannel channel = LockRegister.channel(path, identity);
        boolean interrupted = Thread.interrupted();
        RealLock result = null;
        try {
            FileLock lock = lockPastLooks(channel);
            result = lock == null ? null : new RealLock(path, identity, channel, lock, ledger);
            return result;
        } catch (OverlappingFileLockException e) {
            // Somebody in this process who is not in our register, and who would lose its lock if we closed this.
            LockRegister.keep(identity, channel);
            return null;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            if (result == null && !LockRegister.isKept(identity, channel)) {
                closeQuietly(channel);
            }
        }
    }

    /** Null when somebody holds it. Who only asks whether it is held ({@link LockProbe}) has it shared, for a moment. */
    private static FileLock lockPastLooks(FileChannel channel) throws IOException {
        for (int tries = 1; ; tries++) {
            FileLock lock = channel.tryLock();
            if (lock != null || tries == LOOKS_MAX) {
                return lock;
            }
            FileLock shared = channel.tryLock(0, Long.MAX_VALUE, true);
            if (shared == null) {
                return null;
            }
            shared.release();
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // Nothing was written through it, and the descriptor is gone either way.
            assert e != null;
        }
    }

    @Override
    public boolean isHeld() {
        if (!held.get()) {
            return false;
        }
        String place = told;
        if (place == null) {
            told = findDescriptor();
            return true;
        }
        return isAtItsPlace() && (place.isEmpty() || tellsOfLock(place, true));
    }

    /** False when another file has the name, or none: then the lock keeps nobody out. */
    private boolean isAtItsPlace() {
        try {
            return identity.equals(RegularFiles.identity(path).toString());
        } catch (StoreException.NotFound | StoreException.Corrupt e) {
            return false;
        } catch (StoreException e) {
            return true;
        }
    }

    /** Looks through the descriptors of the process for the one with this lock. */
    private String findDescriptor() {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path descriptor : descriptors) {
                String place = DESCRIPTOR_FACTS + descriptor.getFileName();
                if (isOfFile(descriptor) && tellsOfLock(place, false)) {
                    return place;
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // Another system, or a container that hides it.
            return "";
        }
        return "";
    }

    private boolean isOfFile(Path descriptor) {
        try {
            // Asks what is behind the descriptor, and opens nothing.
            Object key =
                    Files.readAttributes(descriptor, BasicFileAttributes.class).fileKey();
            return key != null && identity.equals(key.toString());
        } catch (IOException e) {
            // Closed meanwhile, or a pipe.
            return false;
        }
    }

    /** @param otherwise the answer when the system can't be asked */
    private static boolean tellsOfLock(String place, boolean otherwise) {
        try (FileInputStream facts = new FileInputStream(place)) {
            String text = new String(facts.readAllBytes(), StandardCharsets.US_ASCII);
            return text.lines().anyMatch(line -> line.startsWith(LOCK_LINE));
        } catch (IOException e) {
            return otherwise;
        }
    }

    @Override
    public void close() {
        if (!held.compareAndSet(true, false)) {
            return;
        }
        synchronized (LockRegister.monitor(identity)) {
            try {
                if (LockRegister.isKept(identity, channel)) {
                    lock.release();
                } else {
                    channel.close();
                }
            } catch (IOException e) {
                throw new StoreException.Io(path + ": unlocking failed: " + e.getMessage(), e);
            } finally {
                // After the descriptor is gone: the next owner's descriptor must not be caught by this close.
                LockRegister.remove(identity);
                ledger.locks.decrementAndGet();
            }
        }
    }
}
