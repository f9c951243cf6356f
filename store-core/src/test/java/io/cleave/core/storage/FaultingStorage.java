package io.cleave.core.storage;

import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A storage that makes a chosen call of another one fail. Calls are counted from 1 over the storage and all files and regions
 * it hands out; time, randomness, identities, threads, reads of mapped memory and closes are not counted. Thread-safe as far as
 * the other one is.
 *
 * <p>Used in two runs: one with {@link #listCalls} to learn how many calls a workload makes, then one for each of them.
 */
public final class FaultingStorage implements Storage {
    private final Storage storage;
    private final FaultPlan plan = new FaultPlan();
    private final Set<Path> lostDirectorySyncs = ConcurrentHashMap.newKeySet();

    /** @param storage does the work; the caller keeps it */
    public FaultingStorage(Storage storage) {
        this.storage = storage;
    }

    /** Lets one call fail, or with {@code forGood} every call from it on that the fault applies to; this object. */
    public FaultingStorage failAt(long call, Fault fault, boolean forGood) {
        plan.arm(call, fault, forGood);
        return this;
    }

    /**
     * Lets no further call fail, and forces of directories work again: what a test calls before it reopens a store. Open
     * files and regions stay as broken as they are.
     */
    public void disarm() {
        plan.disarm();
        lostDirectorySyncs.clear();
    }

    /** Starts keeping the names of calls; this object. */
    public FaultingStorage listCalls() {
        plan.startList();
        return this;
    }

    /** Name and path of each call since {@link #listCalls}. */
    public List<String> calls() {
        return plan.calls();
    }

    /** True when a fault strikes a call, given as {@link #calls} names it. */
    public static boolean applies(Fault fault, String call) {
        int end = call.indexOf(' ');
        return FaultPlan.applies(fault, end < 0 ? call : call.substring(0, end));
    }

    /** Calls so far. */
    public long callCount() {
        return plan.count();
    }

    /** How often the fault struck since {@link #failAt}: 0 says that it did not apply to the chosen call. */
    public long fired() {
        return plan.fired();
    }

    /** What the faults are made over. */
    public Storage storage() {
        return storage;
    }

    /** Work that returns something. */
    @FunctionalInterface
    private interface Call<T> {
        T run();
    }

    private <T> T call(String name, Path path, Call<T> work) {
        Fault fault = plan.next(name, path);
        if (fault == null) {
            return work.run();
        }
        if (fault == Fault.DONE_THEN_IO_ERROR) {
            T result = work.run();
            if (result instanceof StorageFile file) {
                file.close();
            } else if (result instanceof Region region) {
                region.close();
            } else if (result instanceof WritableRegion region) {
                region.close();
            } else if (result instanceof StorageLock lock) {
                lock.close();
            }
        }
        throw FaultPlan.exception(fault, name, path);
    }

    private void run(String name, Path path, Runnable work) {
        call(name, path, () -> {
            work.run();
            return true;
        });
    }

    @Override
    public StorageFile create(Path file) {
        return call("create", file, () -> new FaultingFile(file, storage.create(file)));
    }

    @Override
    public StorageFile openForReading(Path file) {
        return call("openForReading", file, () -> new FaultingFile(file, storage.openForReading(file)));
    }

    @Override
    public byte[] readAll(Path file, int bytesMax) {
        return call("readAll", file, () -> storage.readAll(file, bytesMax));
    }

    @Override
    public Region map(Path file) {
        return call("map", file, () -> storage.map(file));
    }

    @Override
    public WritableRegion createWritable(Path file, long length) {
        return call("createWritable", file, () -> new FaultingRegion(file, storage.createWritable(file, length)));
    }

    @Override
    public BufferRegion allocate(int bytes) {
        return storage.allocate(bytes);
    }

    @Override
    public void createDirectory(Path directory) {
        run("createDirectory", directory, () -> storage.createDirectory(directory));
    }

    @Override
    public void forceDirectory(Path directory) {
        try {
            run("forceDirectory", directory, () -> {
                if (!lostDirectorySyncs.contains(directory)) {
                    storage.forceDirectory(directory);
                }
            });
        } catch (StoreException.Io e) {
            lostDirectorySyncs.add(directory);
            throw e;
        }
    }

    @Override
    public void rename(Path from, Path to) {
        run("rename", from, () -> storage.rename(from, to));
    }

    @Override
    public void delete(Path path) {
        run("delete", path, () -> storage.delete(path));
    }

    @Override
    public List<String> list(Path directory) {
        return call("list", directory, () -> storage.list(directory));
    }

    @Override
    public PathKind kind(Path path) {
        return call("kind", path, () -> storage.kind(path));
    }

    @Override
    public long size(Path file) {
        return call("size", file, () -> storage.size(file));
    }

    @Override
    public Object identity(Path file) {
        return call("identity", file, () -> storage.identity(file));
    }

    @Override
    public StorageLock tryLock(Path file) {
        return call("tryLock", file, () -> storage.tryLock(file));
    }

    @Override
    public boolean isLocked(Path file) {
        return call("isLocked", file, () -> storage.isLocked(file));
    }

    @Override
    public long usableBytes(Path path) {
        return call("usableBytes", path, () -> storage.usableBytes(path));
    }

    @Override
    public String fileSystemType(Path path) {
        return call("fileSystemType", path, () -> storage.fileSystemType(path));
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

    /** A file whose calls may fail. Broken after a failed append or force, as a real one is. */
    private final class FaultingFile implements StorageFile {
        private final Path path;
        private final StorageFile file;
        private RuntimeException failure;

        FaultingFile(Path path, StorageFile file) {
            this.path = path;
            this.file = file;
        }

        @Override
        public void append(byte[] source, int from, int length) {
            requireWhole();
            Fault fault = plan.next("append", path);
            if (fault == Fault.SHORT_WRITE) {
                file.append(source, from, length / 2);
            } else if (fault == null || fault == Fault.DONE_THEN_IO_ERROR) {
                file.append(source, from, length);
            }
            breakBy(fault, "append");
        }

        @Override
        public int read(long offset, byte[] target, int at, int length) {
            requireWhole();
            return call("read", path, () -> file.read(offset, target, at, length));
        }

        @Override
        public long size() {
            requireWhole();
            return call("fileSize", path, file::size);
        }

        @Override
        public void force() {
            requireWhole();
            Fault fault = plan.next("force", path);
            if (fault == null || fault == Fault.DONE_THEN_IO_ERROR) {
                file.force();
            }
            breakBy(fault, "force");
        }

        @Override
        public void close() {
            file.close();
        }

        private void breakBy(Fault fault, String call) {
            if (fault != null) {
                failure = FaultPlan.exception(fault, call, path);
                throw failure;
            }
        }

        private void requireWhole() {
            if (failure != null) {
                throw new StoreException.Io(path + ": an earlier write or sync of this open file failed", failure);
            }
        }
    }

    /** A region whose calls may fail; after a failed force the later ones lie. */
    private final class FaultingRegion implements WritableRegion {
        private final Path path;
        private final WritableRegion region;
        private volatile boolean lostSync;

        FaultingRegion(Path path, WritableRegion region) {
            this.path = path;
            this.region = region;
        }

        @Override
        public long length() {
            return region.length();
        }

        @Override
        public void put(long offset, byte[] source, int from, int length) {
            Fault fault = plan.next("put", path);
            if (fault == Fault.SHORT_WRITE) {
                region.put(offset, source, from, length / 2);
            } else if (fault == null || fault == Fault.DONE_THEN_IO_ERROR) {
                region.put(offset, source, from, length);
            }
            if (fault != null) {
                throw FaultPlan.exception(fault, "put", path);
            }
        }

        @Override
        public void putIntRelease(long offset, int value) {
            run("putInt", path, () -> region.putIntRelease(offset, value));
        }

        @Override
        public void force(long offset, long length) {
            Fault fault = plan.next("forceRegion", path);
            if (!lostSync && (fault == null || fault == Fault.DONE_THEN_IO_ERROR)) {
                region.force(offset, length);
            }
            if (fault != null) {
                lostSync = true;
                throw FaultPlan.exception(fault, "force", path);
            }
        }

        @Override
        public void close() {
            region.close();
        }
    }
}
