package io.cleave.core.storage;

import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * A storage whose owner makes room when files can't be opened because too many are: then the call is tried again, and again
 * where others were faster. Where there is no room to make it gives up the one descriptor that it keeps for that, because
 * what makes room next, a flush, needs one for moments; but not for locks, which stay. It takes a descriptor again when there
 * is room.
 *
 * <p>Maps of run files are not tried again: {@code MappedResources} does that.
 *
 * <p>Ownership: the storage within is the caller's; {@link #close} gives the kept descriptor back. Thread-safe.
 */
public final class RoomMakingStorage implements Storage, AutoCloseable {
    /** Times that room is made for one call, which others may take each time. */
    private static final int TRIES_MAX = 16;

    private final Storage storage;
    private final Predicate<Path> makeRoom;
    private final AtomicReference<StorageFile> spare = new AtomicReference<>();

    /** What to open for the spare descriptor; null for none. */
    private volatile Path spareFile;

    /**
     * @param storage does the work
     * @param makeRoom told which path could not be opened; false when it has made no room
     */
    public RoomMakingStorage(Storage storage, Predicate<Path> makeRoom) {
        this.storage = storage;
        this.makeRoom = makeRoom;
    }

    /** From now on keeps a descriptor of an existing file in reserve. */
    public void keepSpare(Path file) {
        spareFile = file;
        takeSpare();
    }

    @Override
    public void close() {
        spareFile = null;
        giveSpare();
    }

    private <T> T withRoom(Path path, Supplier<T> call) {
        takeSpare();
        try {
            return call.get();
        } catch (StoreException.LimitReached e) {
            return withMore(path, call, e);
        }
    }

    private <T> T withMore(Path path, Supplier<T> call, StoreException.LimitReached refusal) {
        for (int i = 0; i < TRIES_MAX && makeRoom.test(path); i++) {
            try {
                return call.get();
            } catch (StoreException.LimitReached again) {
                // Somebody else took what there was, such as a flush that was asked for to make room.
                refusal.addSuppressed(again);
            }
        }
        if (!giveSpare()) {
            throw refusal;
        }
        return call.get();
    }

    private boolean giveSpare() {
        StorageFile kept = spare.getAndSet(null);
        if (kept == null) {
            return false;
        }
        kept.close();
        return true;
    }

    /** Takes one unless it is there. */
    private void takeSpare() {
        Path file = spareFile;
        if (file == null || spare.get() != null) {
            return;
        }
        try {
            StorageFile opened = storage.openForReading(file);
            if (!spare.compareAndSet(null, opened)) {
                opened.close();
            } else if (spareFile == null) {
                giveSpare();
            }
        } catch (StoreException e) {
            // Then there is none: a call that needs it fails as it would have.
            assert e != null;
        }
    }

    @Override
    public StorageFile create(Path file) {
        return withRoom(file, () -> storage.create(file));
    }

    @Override
    public StorageFile openForReading(Path file) {
        return withRoom(file, () -> storage.openForReading(file));
    }

    @Override
    public byte[] readAll(Path file, int bytesMax) {
        return withRoom(file, () -> storage.readAll(file, bytesMax));
    }

    @Override
    public Region map(Path file) {
        return storage.map(file);
    }

    @Override
    public Region mapWritten(Path file) {
        return storage.mapWritten(file);
    }

    @Override
    public WritableRegion createWritable(Path file, long length) {
        return withRoom(file, () -> storage.createWritable(file, length));
    }

    @Override
    public BufferRegion allocate(int bytes) {
        return storage.allocate(bytes);
    }

    @Override
    public void createDirectory(Path directory) {
        storage.createDirectory(directory);
    }

    @Override
    public void forceDirectory(Path directory) {
        withRoom(directory, () -> {
            storage.forceDirectory(directory);
            return directory;
        });
    }

    @Override
    public void rename(Path from, Path to) {
        storage.rename(from, to);
    }

    @Override
    public void delete(Path path) {
        storage.delete(path);
    }

    @Override
    public List<String> list(Path directory) {
        return withRoom(directory, () -> storage.list(directory));
    }

    @Override
    public PathKind kind(Path path) {
        return storage.kind(path);
    }

    @Override
    public long size(Path file) {
        return storage.size(file);
    }

    @Override
    public StorageLock tryLock(Path file) {
        takeSpare();
        try {
            return storage.tryLock(file);
        } catch (StoreException.LimitReached e) {
            for (int i = 0; i < TRIES_MAX && makeRoom.test(file); i++) {
                // What flushes need comes before what stays.
                takeSpare();
                try {
                    return storage.tryLock(file);
                } catch (StoreException.LimitReached again) {
                    e.addSuppressed(again);
                }
            }
            throw e;
        }
    }

    @Override
    public Object identity(Path file) {
        return storage.identity(file);
    }

    @Override
    public long usableBytes(Path path) {
        return storage.usableBytes(path);
    }

    @Override
    public String fileSystemType(Path path) {
        return storage.fileSystemType(path);
    }

    @Override
    public long nanoTime() {
        return storage.nanoTime();
    }

    @Override
    public long wallMillis() {
        return storage.wallMillis();
    }

    @Override
    public long randomLong() {
        return storage.randomLong();
    }

    @Override
    public long bootId() {
        return storage.bootId();
    }

    @Override
    public long processId() {
        return storage.processId();
    }

    @Override
    public Thread newThread(String name, Runnable body) {
        return storage.newThread(name, body);
    }

    @Override
    public StorageCounters counters() {
        return storage.counters();
    }
}
