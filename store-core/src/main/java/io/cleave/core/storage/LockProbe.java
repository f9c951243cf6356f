package io.cleave.core.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Asks whether somebody holds the lock on a file: in this process by the {@link LockRegister}, in others by a shared lock that is
 * given back at once. Writes nothing, and needs no right to. Stateless, thread-safe.
 *
 * <p>Source: docs/adr/0037-a-look-changes-nothing.md.
 */
final class LockProbe {
    private LockProbe() {}

    /**
     * True when this or another process holds the lock on an existing regular file.
     *
     * @param fileKey what the file is, whatever its name: device and inode
     */
    static boolean isLocked(Path path, Object fileKey) {
        String identity = fileKey.toString();
        // Closing the descriptor would drop a lock that somebody in this process takes meanwhile.
        synchronized (LockRegister.monitor(identity)) {
            if (LockRegister.contains(identity)) {
                return true;
            }
            boolean interrupted = Thread.interrupted();
            try {
                FileChannel kept = LockRegister.kept(identity);
                return kept == null ? isLocked(path) : !isShared(kept);
            } catch (IOException e) {
                throw Failures.of("asking who holds the lock", path, e);
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    private static boolean isLocked(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        boolean keep = false;
        try {
            return channel.tryLock(0, Long.MAX_VALUE, true) == null;
        } catch (OverlappingFileLockException e) {
            // Somebody in this process who is not in our register, and who would lose its lock if we closed this.
            keep = true;
            LockRegister.keepUnused(channel);
            return true;
        } finally {
            if (!keep) {
                channel.close();
            }
        }
    }

    /** True when the lock can be shared, which it no longer is then. */
    private static boolean isShared(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true);
            if (lock != null) {
                lock.release();
            }
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }
}
