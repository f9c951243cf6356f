package io.cleave.core.storage;

import io.cleave.error.StoreException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A storage in memory that knows what has been forced and what has not, and can lose power or its process at any operation.
 *
 * <p>Model. {@link #kill} keeps everything but what waits in the buffers of open files. {@link #crash} keeps what was forced
 * (bytes by their file or range, a name by its directory) and of the rest a random part: 512-byte sectors each for itself, a
 * grown length or not or a part of it with zeros at the end, names as {@link SimulatedDirectory} tells. A directory's own name
 * is part of its parent. There are no links, fifos or permissions. {@link #map} is a copy: later writes do not show in it.
 *
 * <p>After either of the two, and once {@link #crashAt} strikes, this object is dead: every call on it and on what it handed
 * out throws {@link SimulatedCrash}, except the close of memory, mappings and locks, and the questions about the past. From a
 * dead storage any number of successors may be made.
 *
 * <p>Thread-safe; its monitor guards all content. Time moves by {@value #TICK_NANOS} ns at each question, and by {@link
 * #advance}.
 */
public final class SimulatedStorage implements Storage {
    /** The directory that is there, durable, from the start. */
    public static final Path DIRECTORY = Path.of("/sim");

    private static final long TICK_NANOS = 1_000;
    private static final long WALL_MILLIS_START = 1_700_000_000_000L;
    private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

    private final Ledger ledger = new Ledger(StorageLimits.defaults());
    private final SimulatedOperations operations = new SimulatedOperations();
    private final SimulatedTree tree;
    private final long seed;
    private final long bootId;
    private final long processId;
    private final AtomicLong nanos;
    private final AtomicLong randoms = new AtomicLong();

    private long capacity;
    private long used;

    /** An empty storage; all its randomness comes from {@code seed}. */
    public SimulatedStorage(long seed) {
        this(SimulatedTree.with(DIRECTORY), seed, new Life(1, 1, 0, Long.MAX_VALUE));
    }

    private SimulatedStorage(SimulatedTree tree, long seed, Life life) {
        this.tree = tree;
        this.seed = seed;
        this.bootId = life.boot();
        this.processId = life.process();
        this.nanos = new AtomicLong(life.nanos());
        this.capacity = life.capacity();
        this.used = tree.length();
    }

    /** What tells one incarnation from the next. */
    private record Life(long boot, long process, long nanos, long capacity) {}

    /** Limits what all files together may hold; this object. */
    public synchronized SimulatedStorage withCapacity(long bytes) {
        capacity = bytes;
        return this;
    }

    /** What all files hold at the moment, the deleted ones that are open included. */
    public synchronized long usedBytes() {
        return used;
    }

    /** Lets the {@code operation}-th mutating operation, counted from 1, throw before it takes effect. */
    public synchronized SimulatedStorage crashAt(long operation) {
        operations.crashAt(operation, false);
        return this;
    }

    /** As {@link #crashAt}, but an append or put has written half of its bytes; a word or a force is not divided. */
    public synchronized SimulatedStorage crashInside(long operation) {
        operations.crashAt(operation, true);
        return this;
    }

    /** Mutating operations so far, the one that crashed included. */
    public synchronized long operations() {
        return operations.count();
    }

    /** Starts writing the {@link #operationLog}; this object. */
    public synchronized SimulatedStorage logOperations() {
        operations.startLog();
        return this;
    }

    /**
     * The mutating operations since {@link #logOperations}, one line each: {@code create P}, {@code append P offset length},
     * {@code put P offset length}, {@code putInt P offset 4}, {@code force P offset length}, {@code forceDirectory P},
     * {@code rename P Q}, {@code delete P}, {@code createDirectory P}; and the lines of {@link #note}.
     */
    public synchronized List<String> operationLog() {
        return operations.log();
    }

    /** Adds a line to the log, so that a test can check the order of its own events, too. */
    public synchronized void note(String line) {
        operations.note(line);
    }

    /** Lets time pass. */
    public void advance(long nanoseconds) {
        nanos.addAndGet(nanoseconds);
    }

    /** True when nothing works any more. */
    public boolean isDead() {
        return operations.isDead();
    }

    /** The storage as the next boot finds it after a power cut. This one is dead. */
    public synchronized SimulatedStorage crash(long crashSeed) {
        operations.die();
        SimulatedTree after = tree.afterPowerCut(new SplittableRandom(crashSeed * GOLDEN + seed));
        long boot = mix(bootId * GOLDEN + crashSeed) | 1;
        return new SimulatedStorage(after, mix(seed ^ crashSeed), new Life(boot, processId + 1, 0, capacity));
    }

    /** The storage as another process finds it after the death of this one. This one is dead. */
    public synchronized SimulatedStorage kill() {
        operations.die();
        return new SimulatedStorage(tree.copy(), mix(seed + 1), new Life(bootId, processId + 1, nanos.get(), capacity));
    }

    @Override
    public synchronized StorageFile create(Path file) {
        SimulatedBytes bytes = add("create", file);
        return open(file, bytes, true);
    }

    @Override
    public synchronized StorageFile openForReading(Path file) {
        return open(file, unlocked(file), false);
    }

    @Override
    public synchronized byte[] readAll(Path file, int bytesMax) {
        SimulatedBytes bytes = unlocked(file);
        if (bytes.length() > bytesMax) {
            throw new StoreException.LimitReached(
                    file + ": holds " + bytes.length() + " bytes, expected at most " + bytesMax);
        }
        byte[] all = new byte[bytes.length()];
        bytes.read(0, all, 0, all.length);
        return all;
    }

    @Override
    public synchronized Region map(Path file) {
        SimulatedBytes bytes = unlocked(file);
        int length = bytes.length();
        if (length == 0) {
            throw new StoreException.Corrupt(file, 0, "length in bytes", "at least 1", 0);
        }
        ledger.addMapping(length, MappingUse.WRITTEN);
        bytes.handles++;
        ByteBuffer copy = bytes.directCopy();
        return new BufferRegion(copy.asReadOnlyBuffer(), () -> {
            Garbage.fill(copy);
            synchronized (this) {
                ledger.removeMapping(length);
                dropHandle(bytes);
            }
        });
    }

    @Override
    public synchronized WritableRegion createWritable(Path file, long length) {
        requireAlive();
        if (length <= 0) {
            throw new IllegalArgumentException("length " + length);
        }
        if (length > Integer.MAX_VALUE - SimulatedBytes.SECTOR_BYTES) {
            throw new StoreException.LimitReached(file + ": " + length + " bytes in one mapping");
        }
        SimulatedBytes bytes = add("create", file);
        bytes.handles++;
        operate("append", file, null, 0, length);
        if (length > capacity - used) {
            dropHandle(bytes);
            unlink(file);
            throw diskFull(file, length);
        }
        bytes.growTo((int) length);
        used += length;
        ledger.bytesWritten.add(length);
        operate("force", file, null, 0, length);
        bytes.force();
        ledger.syncs.increment();
        ledger.addMapping(length, MappingUse.WRITTEN);
        return new SimulatedRegion(this, file, bytes);
    }

    /** Memory that is overwritten with garbage when it is closed, and given back by the collector. */
    @Override
    public BufferRegion allocate(int bytes) {
        requireAlive();
        if (bytes <= 0) {
            throw new IllegalArgumentException("bytes " + bytes);
        }
        ByteBuffer memory;
        try {
            memory = ByteBuffer.allocateDirect(bytes);
        } catch (OutOfMemoryError e) {
            throw Failures.ofMemory(bytes, e);
        }
        ledger.addMemory(bytes);
        return new BufferRegion(memory, () -> {
            Garbage.fill(memory);
            ledger.removeMemory(bytes);
        });
    }

    @Override
    public synchronized void createDirectory(Path directory) {
        SimulatedDirectory parent = parentOf(directory);
        SimulatedNode found = parent.get(SimulatedTree.name(directory));
        if (found instanceof SimulatedDirectory) {
            return;
        }
        if (found != null) {
            throw new StoreException.Corrupt(directory, 0, "kind of path", PathKind.DIRECTORY, PathKind.FILE);
        }
        operate("createDirectory", directory, null, 0, 0);
        parent.add(SimulatedTree.name(directory), new SimulatedDirectory());
    }

    @Override
    public synchronized void forceDirectory(Path directory) {
        SimulatedDirectory found = directory(directory);
        operate("forceDirectory", directory, null, 0, 0);
        tree.force(found);
        ledger.syncs.increment();
    }

    @Override
    public synchronized void rename(Path from, Path to) {
        SimulatedNode node = parentOf(from).get(SimulatedTree.name(from));
        SimulatedNode replaced = parentOf(to).get(SimulatedTree.name(to));
        tree.required(from);
        if (replaced != null && (node instanceof SimulatedDirectory || replaced instanceof SimulatedDirectory)) {
            throw new StoreException.Io(from + ": renaming to " + to.getFileName() + ": is in the way", null);
        }
        operate("rename", from, to, 0, 0);
        if (node == replaced) {
            return;
        }
        tree.rename(from, to);
        dropName(replaced);
    }

    @Override
    public synchronized void delete(Path path) {
        SimulatedNode node = parentOf(path).get(SimulatedTree.name(path));
        if (node == null) {
            return;
        }
        if (node instanceof SimulatedDirectory directory && !directory.names().isEmpty()) {
            throw new StoreException.Io(path + ": deleting: the directory is not empty", null);
        }
        operate("delete", path, null, 0, 0);
        unlink(path);
    }

    @Override
    public synchronized List<String> list(Path directory) {
        return directory(directory).names();
    }

    @Override
    public synchronized PathKind kind(Path path) {
        requireAlive();
        SimulatedNode node = tree.find(path);
        if (node == null) {
            return PathKind.ABSENT;
        }
        return node instanceof SimulatedDirectory ? PathKind.DIRECTORY : PathKind.FILE;
    }

    @Override
    public synchronized long size(Path file) {
        return file(file).length();
    }

    @Override
    public synchronized Object identity(Path file) {
        return file(file);
    }

    @Override
    public synchronized StorageLock tryLock(Path file) {
        SimulatedBytes bytes = kind(file) == PathKind.ABSENT ? add("create", file) : file(file);
        if (bytes.locked) {
            return null;
        }
        bytes.locked = true;
        bytes.handles++;
        ledger.locks.incrementAndGet();
        boolean[] held = {true};
        return () -> {
            synchronized (this) {
                if (held[0]) {
                    held[0] = false;
                    bytes.locked = false;
                    ledger.locks.decrementAndGet();
                    dropHandle(bytes);
                }
            }
        };
    }

    @Override
    public synchronized boolean isLocked(Path file) {
        return kind(file) == PathKind.FILE && file(file).locked;
    }

    @Override
    public synchronized long usableBytes(Path path) {
        requireAlive();
        tree.required(path);
        return Math.max(0, capacity - used);
    }

    @Override
    public synchronized String fileSystemType(Path path) {
        requireAlive();
        tree.required(path);
        return "simulated";
    }

    @Override
    public long nanoTime() {
        requireAlive();
        return nanos.addAndGet(TICK_NANOS);
    }

    @Override
    public long wallMillis() {
        requireAlive();
        return WALL_MILLIS_START + nanos.get() / 1_000_000;
    }

    @Override
    public long randomLong() {
        requireAlive();
        return mix(seed + randoms.incrementAndGet() * GOLDEN);
    }

    @Override
    public long bootId() {
        requireAlive();
        return bootId;
    }

    @Override
    public long processId() {
        requireAlive();
        return processId;
    }

    /** A real thread. The death of this storage ends its body quietly. */
    @Override
    public Thread newThread(String name, Runnable body) {
        requireAlive();
        Runnable guarded = () -> {
            try {
                body.run();
            } catch (SimulatedCrash e) {
                assert operations.isDead() : "a crash of another storage: " + e;
            }
        };
        return new CountedThread(ledger, name, guarded);
    }

    @Override
    public StorageCounters counters() {
        return ledger.counters();
    }

    Ledger ledger() {
        return ledger;
    }

    void requireAlive() {
        operations.requireAlive();
    }

    /** Counts a mutating operation that is about to happen; throws when it is the one to crash at. Requires: monitor. */
    void operate(String verb, Path path, Path target, long offset, long length) {
        operations.begin(verb, path, target, offset, length);
    }

    /** Writes into a file, as much as there is room for. */
    synchronized void write(
            String verb, Path path, SimulatedBytes bytes, long position, byte[] source, int from, int length) {
        int count = operations.beginWrite(verb, path, null, position, length);
        long growth = Math.max(0, position + count - bytes.length());
        long missing = Math.max(0, growth - Math.max(0, capacity - used));
        int written = (int) (count - missing);
        bytes.write(Math.toIntExact(position), source, from, written);
        used += growth - missing;
        ledger.bytesWritten.add(written);
        operations.throwIfCrashed();
        if (missing > 0) {
            throw diskFull(path, length);
        }
    }

    /** Requires: monitor. */
    void dropHandle(SimulatedBytes bytes) {
        bytes.handles--;
        assert bytes.handles >= 0 : "closed too often";
        freeIfUnused(bytes);
    }

    private SimulatedBytes file(Path file) {
        requireAlive();
        return tree.file(file);
    }

    private SimulatedDirectory directory(Path path) {
        requireAlive();
        return tree.directory(path);
    }

    private SimulatedDirectory parentOf(Path path) {
        requireAlive();
        return tree.parentOf(path);
    }

    private StorageFile open(Path file, SimulatedBytes bytes, boolean writable) {
        bytes.handles++;
        ledger.files.incrementAndGet();
        return new SimulatedFile(this, file, bytes, writable);
    }

    private SimulatedBytes add(String verb, Path file) {
        SimulatedDirectory parent = parentOf(file);
        if (parent.get(SimulatedTree.name(file)) != null) {
            throw new StoreException.Io(file + ": creating: something of that name is there already", null);
        }
        operate(verb, file, null, 0, 0);
        SimulatedBytes bytes = new SimulatedBytes();
        parent.add(SimulatedTree.name(file), bytes);
        return bytes;
    }

    private void unlink(Path path) {
        SimulatedDirectory parent = parentOf(path);
        SimulatedNode node = parent.get(SimulatedTree.name(path));
        parent.remove(SimulatedTree.name(path));
        dropName(node);
    }

    private void dropName(SimulatedNode node) {
        if (node instanceof SimulatedBytes bytes) {
            bytes.linked = false;
            freeIfUnused(bytes);
        }
    }

    private void freeIfUnused(SimulatedBytes bytes) {
        if (!bytes.linked && bytes.handles == 0) {
            used -= bytes.length();
        }
    }

    private SimulatedBytes unlocked(Path file) {
        SimulatedBytes bytes = file(file);
        if (bytes.locked) {
            throw new AssertionError(file + " is locked: closing another open of it would drop the lock");
        }
        return bytes;
    }

    private static StoreException diskFull(Path path, long length) {
        return new StoreException.DiskFull(path + ": writing " + length + " bytes: No space left on device", null);
    }

    private static long mix(long word) {
        long mixed = (word ^ (word >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D0_49BB_1331_11EBL;
        return mixed ^ (mixed >>> 31);
    }
}
