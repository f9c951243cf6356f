package io.cleave.core.storage;

import io.cleave.error.StoreException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * The files, memory, clock and threads of this machine. Thread-safe; holds nothing open itself.
 *
 * <p>Bytes go through {@link RandomAccessFile}, which does not mind interrupts. Channels serve for creating with the right
 * permissions, mapping, locking and forcing directories; each is opened for one call and never shared. Links are refused by
 * looking before and after an open, and by the system where the call allows it.
 */
public final class RealStorage implements Storage {
    /** File systems that keep an overwrite in the room the old bytes have, so that a store into a mapping finds it. */
    private static final Set<String> OVERWRITES_IN_PLACE = Set.of("ext2", "ext3", "ext4", "xfs", "tmpfs");

    /** What one JDK buffer holds on every version; Java 22 takes 8 bytes less than Java 17. */
    private static final int BUFFER_BYTES_MAX = Integer.MAX_VALUE - 8;

    /**
     * A few pages at a time: as large are the pieces that the kernel's cache is made of then. It sends a whole piece to the device
     * for each byte that is forced, and interrupts all processors once for each piece (ADR 0018).
     */
    private static final int ZEROS_BYTES = 16 << 10;

    private static final int LOCK_TRIES_MAX = 10;

    private static final Set<OpenOption> READ = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    private static final Set<OpenOption> READ_WRITE =
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

    private final Ledger ledger;
    private final Mapper mapper;
    private final SecureRandom random = new SecureRandom();
    private final long bootId = Machine.bootId();
    private final long processId = ProcessHandle.current().pid();

    private RealStorage(StorageLimits limits, Mapper mapper) {
        this.ledger = new Ledger(limits);
        this.mapper = mapper;
        random.nextLong();
        Machine.touchClasses();
    }

    /** The storage of this machine with {@link StorageLimits#defaults}. */
    public static RealStorage open() {
        return open(Mapper.JDK, StorageLimits.defaults());
    }

    /** The same with other limits for mappings and off-heap memory. */
    public static RealStorage open(int mappingsMax, long memoryBytesMax) {
        return open(Mapper.JDK, new StorageLimits(mappingsMax, Long.MAX_VALUE, Integer.MAX_VALUE, memoryBytesMax));
    }

    /**
     * The storage of this machine.
     *
     * @param mapper for {@link #map}
     * @throws StoreException.LimitReached when the mapper lacks its library or a JVM flag
     */
    public static RealStorage open(Mapper mapper, StorageLimits limits) {
        mapper.requireUsable();
        return new RealStorage(limits, mapper);
    }

    @Override
    public StorageFile create(Path file) {
        ledger.requireFile();
        RegularFiles.createEmpty(file);
        boolean done = false;
        try {
            StorageFile result = new RealFile(file, RegularFiles.open(file, "rw"), true, ledger);
            done = true;
            return result;
        } finally {
            if (!done) {
                RegularFiles.deleteQuietly(file);
            }
        }
    }

    @Override
    public StorageFile openForReading(Path file) {
        ledger.requireFile();
        return new RealFile(file, RegularFiles.open(FileNames.pathOf(file), "r"), false, ledger);
    }

    @Override
    public byte[] readAll(Path file, int bytesMax) {
        try (StorageFile open = openForReading(file)) {
            long size = open.size();
            if (size > bytesMax) {
                throw new StoreException.LimitReached(
                        file + ": holds " + size + " bytes, expected at most " + bytesMax);
            }
            byte[] bytes = new byte[(int) size];
            int count = open.read(0, bytes, 0, bytes.length);
            return count == bytes.length ? bytes : Arrays.copyOf(bytes, count);
        }
    }

    @Override
    public Region map(Path file) {
        return map(file, MappingUse.READING);
    }

    @Override
    public Region mapWritten(Path file) {
        return map(file, MappingUse.WRITTEN);
    }

    private Region map(Path file, MappingUse use) {
        RegularFiles.requireRegular(file);
        try {
            return Uninterrupted.call("cleave-map", () -> {
                try (FileChannel channel = FileChannel.open(file, READ)) {
                    long length = channel.size();
                    if (length == 0) {
                        throw new StoreException.Corrupt(file, 0, "length in bytes", "at least 1", 0);
                    }
                    if (mapper == Mapper.CHRONICLE) {
                        return mapWithChronicle(file, length, use);
                    }
                    OffHeap.Block block = mapCounted(file, channel, MapMode.READ_ONLY, length, use);
                    ColdPages coldPages = new ColdPages(file, ledger);
                    PageCache.addMapped(length);
                    return new BufferRegion(block.bytes(), coldPages, () -> {
                        PageCache.addMapped(-length);
                        coldPages.close();
                        ledger.removeMapping(length);
                        block.release().run();
                    });
                }
            });
        } catch (IOException e) {
            throw Failures.of("mapping", file, e);
        }
    }

    @Override
    public WritableRegion createWritable(Path file, long length) {
        requireMappable(file, length);
        if (length <= 0) {
            throw new IllegalArgumentException("length " + length);
        }
        RegularFiles.createEmpty(file);
        boolean done = false;
        RandomAccessFile bytes = null;
        try {
            bytes = RegularFiles.open(file, "rw");
            writeZeros(file, bytes, length);
            WritableRegion region;
            if (overwritesInPlace(file)) {
                bytes.close();
                region = mapWritable(file, length);
            } else {
                region = new FileWritableRegion(file, bytes, length, ledger);
            }
            done = true;
            return region;
        } catch (IOException e) {
            throw Failures.of("creating with " + length + " bytes", file, e);
        } finally {
            if (!done) {
                RegularFiles.closeQuietly(bytes);
                RegularFiles.deleteQuietly(file);
            }
        }
    }

    @Override
    public BufferRegion allocate(int bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("bytes " + bytes);
        }
        if (bytes > BUFFER_BYTES_MAX) {
            throw new StoreException.LimitReached(
                    "off-heap memory: " + bytes + " bytes, expected at most " + BUFFER_BYTES_MAX + " at once");
        }
        ledger.addMemory(bytes);
        OffHeap.Block block;
        try {
            block = OffHeap.THIS_JVM.allocate(bytes);
        } catch (RuntimeException | Error e) {
            ledger.removeMemory(bytes);
            throw e;
        }
        return new BufferRegion(block.bytes(), () -> {
            ledger.removeMemory(bytes);
            block.release().run();
        });
    }

    @Override
    public void createDirectory(Path directory) {
        try {
            Files.createDirectory(FileNames.pathOf(directory), RegularFiles.DIRECTORY_ATTRIBUTES);
        } catch (FileAlreadyExistsException e) {
            PathKind found = kind(directory);
            if (found != PathKind.DIRECTORY) {
                throw new StoreException.Corrupt(directory, 0, "kind of path", PathKind.DIRECTORY, found);
            }
        } catch (IOException e) {
            throw Failures.of("creating the directory", directory, e);
        }
    }

    @Override
    public void forceDirectory(Path directory) {
        Path actual = FileNames.pathOf(directory);
        RegularFiles.requireDirectory("opening the directory for a sync", actual);
        FileChannel channel;
        try {
            channel = FileChannel.open(actual, StandardOpenOption.READ);
        } catch (IOException e) {
            throw Failures.of("opening the directory for a sync", directory, e);
        }
        ledger.syncs.increment();
        try (channel) {
            Uninterrupted.call("cleave-directory-sync", () -> {
                channel.force(true);
                return null;
            });
        } catch (IOException e) {
            if (e.getCause() instanceof OutOfMemoryError) {
                // No thread to do it: the system was not asked yet, so nothing is unknown.
                throw Failures.of("syncing the directory", directory, e);
            }
            throw Failures.ofForce(directory, e);
        }
    }

    @Override
    public void rename(Path from, Path to) {
        try {
            Files.move(FileNames.pathOf(from), FileNames.pathOf(to), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw Failures.of("renaming to " + to.getFileName(), from, e);
        }
    }

    @Override
    public void delete(Path path) {
        try {
            Files.deleteIfExists(FileNames.pathOf(path));
        } catch (IOException e) {
            throw Failures.of("deleting", path, e);
        }
    }

    @Override
    public List<String> list(Path directory) {
        Path actual = FileNames.pathOf(directory);
        RegularFiles.requireDirectory("listing", actual);
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(actual)) {
            for (Path path : paths) {
                names.add(FileNames.nameOf(path));
            }
        } catch (DirectoryIteratorException e) {
            throw Failures.of("listing", directory, e.getCause());
        } catch (IOException e) {
            throw Failures.of("listing", directory, e);
        }
        Collections.sort(names);
        return names;
    }

    @Override
    public PathKind kind(Path path) {
        try {
            BasicFileAttributes found = RegularFiles.stat(FileNames.pathOf(path));
            return found.isRegularFile() ? PathKind.FILE : found.isDirectory() ? PathKind.DIRECTORY : PathKind.OTHER;
        } catch (NoSuchFileException e) {
            return PathKind.ABSENT;
        } catch (IOException e) {
            throw Failures.of("asking what it is", path, e);
        }
    }

    @Override
    public long size(Path file) {
        return RegularFiles.requireRegular(FileNames.pathOf(file)).size();
    }

    @Override
    public Object identity(Path file) {
        return new FileIdentity(RegularFiles.requireRegular(file));
    }

    @Override
    public StorageLock tryLock(Path file) {
        for (int tries = 0; tries < LOCK_TRIES_MAX; tries++) {
            if (kind(file) == PathKind.ABSENT) {
                RegularFiles.createIfAbsent(file);
            }
            Object identity = RegularFiles.identity(file);
            RealLock lock = RealLock.tryLock(file, identity, ledger);
            if (lock == null) {
                return null;
            }
            if (kind(file) == PathKind.FILE && identity.equals(RegularFiles.identity(file))) {
                return lock;
            }
            // Somebody put another file in its place meanwhile: what we hold is nobody's lock.
            lock.close();
        }
        throw new StoreException.Io(file + ": replaced by somebody else while being locked, again and again", null);
    }

    @Override
    public Path realPath(Path path) {
        return SystemPaths.real(path);
    }

    @Override
    public SystemUser owner(Path path) {
        return SystemPaths.owner(path);
    }

    @Override
    public SystemUser user() {
        return SystemPaths.ofProcess();
    }

    @Override
    public boolean isLocked(Path file) {
        return kind(file) == PathKind.FILE && LockProbe.isLocked(file, RegularFiles.identity(file));
    }

    @Override
    public long usableBytes(Path path) {
        if (kind(path) == PathKind.ABSENT) {
            throw new StoreException.NotFound(path + ": asking for free room: no such file or directory");
        }
        return path.toFile().getUsableSpace();
    }

    @Override
    public String fileSystemType(Path path) {
        try {
            return Files.getFileStore(path).type();
        } catch (IOException e) {
            throw Failures.of("asking for its file system", path, e);
        }
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public long wallMillis() {
        return System.currentTimeMillis();
    }

    @Override
    public long randomLong() {
        return random.nextLong();
    }

    @Override
    public long bootId() {
        return bootId;
    }

    @Override
    public long processId() {
        return processId;
    }

    @Override
    public Thread newThread(String name, Runnable body) {
        return new CountedThread(ledger, name, body);
    }

    @Override
    public StorageCounters counters() {
        return ledger.counters();
    }

    private static boolean overwritesInPlace(Path file) {
        try {
            return OVERWRITES_IN_PLACE.contains(Files.getFileStore(file).type());
        } catch (IOException e) {
            // Some containers hide the mount point: system calls are right on every file system.
            return false;
        }
    }

    private static void requireMappable(Path file, long length) {
        if (length > BUFFER_BYTES_MAX) {
            throw new StoreException.LimitReached(file + ": " + length + " bytes, expected at most " + BUFFER_BYTES_MAX
                    + " in one mapping; larger files need the Chronicle Bytes mapper option");
        }
    }

    private OffHeap.Block mapCounted(Path file, FileChannel channel, MapMode mode, long length, MappingUse use)
            throws IOException {
        requireMappable(file, length);
        ledger.addMapping(length, use);
        boolean done = false;
        try {
            OffHeap.Block block = OffHeap.THIS_JVM.map(channel, mode, length);
            done = true;
            return block;
        } finally {
            if (!done) {
                ledger.removeMapping(length);
            }
        }
    }

    private Region mapWithChronicle(Path file, long length, MappingUse use) {
        ledger.addMapping(length, use);
        boolean done = false;
        try {
            Region region = ChronicleRegion.map(file, length, () -> ledger.removeMapping(length));
            done = true;
            return region;
        } finally {
            if (!done) {
                ledger.removeMapping(length);
            }
        }
    }

    private WritableRegion mapWritable(Path file, long length) throws IOException {
        return Uninterrupted.call("cleave-map", () -> {
            try (FileChannel channel = FileChannel.open(file, READ_WRITE)) {
                if (channel.size() != length) {
                    // Mapping for writing would grow it, with a hole.
                    throw new StoreException.Corrupt(file, 0, "length in bytes", length, channel.size());
                }
                OffHeap.Block block = mapCounted(file, channel, MapMode.READ_WRITE, length, MappingUse.LOG);
                return new MappedWritableRegion(file, block, ledger).touched();
            }
        });
    }

    /**
     * Makes the length durable, then writes zeros without waiting for the device: a page that a power cut loses is a hole,
     * which reads as the same zeros, and the file system has set room aside for each page that was written.
     */
    private void writeZeros(Path file, RandomAccessFile bytes, long length) throws IOException {
        bytes.setLength(length);
        ledger.syncs.increment();
        try {
            bytes.getFD().sync();
        } catch (IOException e) {
            throw Failures.ofForce(file, e);
        }
        byte[] zeros = new byte[(int) Math.min(ZEROS_BYTES, length)];
        for (long at = 0; at < length; at += zeros.length) {
            int count = (int) Math.min(zeros.length, length - at);
            bytes.write(zeros, 0, count);
            ledger.bytesWritten.add(count);
        }
    }
}
