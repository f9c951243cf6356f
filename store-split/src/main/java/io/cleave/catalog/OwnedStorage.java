package io.cleave.catalog;

import io.cleave.core.storage.BufferRegion;
import io.cleave.core.storage.Region;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageCounters;
import io.cleave.core.storage.StorageFile;
import io.cleave.core.storage.StorageLock;
import io.cleave.core.storage.WritableRegion;
import java.nio.file.Path;
import java.util.List;

/**
 * A storage as the writer of one store sees it: before a file is made, renamed or deleted it asks whether the store is still
 * this process's, so that one that lost it does not work on another one's files. Bytes of open files are not looked at. A
 * deletion that fails is kept for another try, see {@link KeptDeletions}; who must know looks whether the file is there.
 *
 * <p>Thread-safe as the storage behind it. Errors: besides those of the storage what {@link StoreOwnership} throws.
 */
final class OwnedStorage implements Storage {
    private final Storage storage;
    private final StoreOwnership ownership;
    private final KeptDeletions kept;

    OwnedStorage(Storage storage, StoreOwnership ownership, KeptDeletions kept) {
        this.storage = storage;
        this.ownership = ownership;
        this.kept = kept;
    }

    @Override
    public StorageFile create(Path file) {
        ownership.requireOwner();
        kept.forget(file);
        return storage.create(file);
    }

    @Override
    public WritableRegion createWritable(Path file, long length) {
        ownership.require();
        kept.forget(file);
        return storage.createWritable(file, length);
    }

    @Override
    public void createDirectory(Path directory) {
        ownership.requireOwner();
        kept.forget(directory);
        storage.createDirectory(directory);
    }

    @Override
    public void rename(Path from, Path to) {
        ownership.requireOwner();
        kept.forget(to);
        storage.rename(from, to);
    }

    @Override
    public void delete(Path path) {
        ownership.requireOwner();
        kept.delete(path);
    }

    @Override
    public StorageFile openForReading(Path file) {
        return storage.openForReading(file);
    }

    @Override
    public byte[] readAll(Path file, int bytesMax) {
        return storage.readAll(file, bytesMax);
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
    public BufferRegion allocate(int bytes) {
        return storage.allocate(bytes);
    }

    @Override
    public void forceDirectory(Path directory) {
        storage.forceDirectory(directory);
    }

    @Override
    public List<String> list(Path directory) {
        return storage.list(directory);
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
    public Object identity(Path file) {
        return storage.identity(file);
    }

    @Override
    public StorageLock tryLock(Path file) {
        return storage.tryLock(file);
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
