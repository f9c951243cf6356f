package io.cleave.core.storage;

import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.List;

/**
 * Everything a store asks of the outside world. Thread-safe.
 *
 * <p>Errors: every method throws {@link StoreException}: {@code DiskFull} when there is no room, {@code NotFound} when a
 * path that must exist does not, {@code LimitReached} for too many files or mappings, {@code Io} for the rest. Paths that
 * are links, fifos or devices are refused with {@code Corrupt}.
 *
 * <p>Nothing is durable before the matching force: the bytes of a file by {@link StorageFile#force}, its name by {@link
 * #forceDirectory}.
 */
public interface Storage {
    /** What stands at a path; links are not followed. */
    enum PathKind {
        ABSENT,
        FILE,
        DIRECTORY,
        /** A link, fifo, socket or device: never opened. */
        OTHER
    }

    /** Creates a file with mode 0600 that must not exist yet, open for reading and writing. */
    StorageFile create(Path file);

    /** Opens an existing regular file for reading only. */
    StorageFile openForReading(Path file);

    /** Reads a whole small file. {@code LimitReached} when it holds more than {@code bytesMax}. */
    byte[] readAll(Path file, int bytesMax);

    /**
     * Maps a whole existing file read-only. The caller owns the region. An empty file is refused with {@code Corrupt}. Where
     * mappings run out, the last ones are left to {@link #mapWritten}.
     */
    Region map(Path file);

    /** As {@link #map}, for a file whose mapping lets others go: it may take the last ones but those that a log needs. */
    default Region mapWritten(Path file) {
        return map(file);
    }

    /**
     * Creates a file of {@code length} zero bytes and opens it for writing in place. The length is durable; room is set aside
     * for every byte, so that later stores can't fail for lack of it; a byte that is not forced is zero after a power cut, or
     * what was stored last. The caller owns the region.
     */
    WritableRegion createWritable(Path file, long length);

    /** Zeroed off-heap memory, little-endian. The caller owns the region; {@code LimitReached} when there is none. */
    BufferRegion allocate(int bytes);

    /** Creates a directory with mode 0700; its parent must exist. Nothing happens when it is there already. */
    void createDirectory(Path directory);

    /** Makes the names in a directory durable. */
    void forceDirectory(Path directory);

    /**
     * Gives {@code from} the name {@code to} in one step, replacing a file that is there. Between two directories of one file
     * system it is durable once either of them was forced.
     */
    void rename(Path from, Path to);

    /** Removes a file or an empty directory; nothing happens when it is absent. */
    void delete(Path path);

    /**
     * The names in a directory, sorted. A name that is no text in the encoding of this process comes as a text that stands for it,
     * with which the file is found, renamed and deleted.
     */
    List<String> list(Path directory);

    /** What stands at {@code path}. */
    PathKind kind(Path path);

    /** Length of a file in bytes. */
    long size(Path file);

    /**
     * What tells a file from every other that has its name before or after it: equal as long as nobody puts another one in its
     * place or writes to it.
     */
    Object identity(Path file);

    /**
     * Locks a file against other processes and other owners in this one; creates it when absent. Nothing else may open that
     * file, because closing it anywhere in the process would drop the lock.
     *
     * @return null when somebody else holds it
     */
    StorageLock tryLock(Path file);

    /**
     * True when a process, maybe this one, holds the lock on a file. Makes no file, and changes nothing that lasts; for whoever wants the
     * lock meanwhile see {@link #tryLock}.
     */
    default boolean isLocked(Path file) {
        return false;
    }

    /**
     * What the system means by a path: absolute, links followed, {@code ..} taken where it leads to. What is not there yet keeps its
     * name.
     *
     * @throws IllegalArgumentException for a path of another file system
     */
    default Path realPath(Path path) {
        return path.toAbsolutePath().normalize();
    }

    /** Whose a path is. */
    default SystemUser owner(Path path) {
        return SystemUser.UNKNOWN;
    }

    /** As whom this process writes. */
    default SystemUser user() {
        return SystemUser.UNKNOWN;
    }

    /** Bytes that this process may still write on the file system of {@code path}. */
    long usableBytes(Path path);

    /** Kind of file system under {@code path} as the system names it: ext4, xfs, btrfs, nfs. */
    String fileSystemType(Path path);

    /** Monotonic time in nanoseconds, for durations. */
    long nanoTime();

    /** Wall-clock time in milliseconds since 1970, for people; nothing depends on it. */
    long wallMillis();

    /** 64 unpredictable bits. */
    long randomLong();

    /** Changes when the machine starts anew: the page cache of an earlier boot is gone. */
    long bootId();

    /** Identity of this process, for people. */
    long processId();

    /** An unstarted daemon thread with the given name; it is counted until it ends. */
    Thread newThread(String name, Runnable body);

    /** What is open at the moment. */
    StorageCounters counters();
}
