package io.cleave.repair;

import io.cleave.core.storage.BufferRegion;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.Region;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageCounters;
import io.cleave.core.storage.StorageFile;
import io.cleave.core.storage.StorageLock;
import io.cleave.core.storage.WritableRegion;
import io.cleave.error.StoreException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A storage that shows a store as if changes had been made, and makes none: it keeps them as a list, which {@link #carryOut}
 * applies in order. What is read comes from the disk, what would be written is held in memory. So a dry run and a repair
 * are one plan.
 *
 * <p>A file that the plan makes is written whole, under the name it was created with, and forced at once when the plan is
 * carried out; names become durable where the plan says so. The plan knows no locks. Belongs to one thread.
 *
 * <p>A file that is longer than its kind can be is {@code Corrupt} here: a repair has to tell it from a limit of the machine.
 */
final class PlannedStorage implements Storage {
    /** One change. */
    private interface Step {
        void apply(Storage storage);
    }

    /** The last bytes of a run. */
    private static final long RUN_END = MetadataFormat.magic("RUNFOOT1");

    private final Storage storage;
    private final Path root;
    private final PlannedNode rootNode;
    private final List<Step> steps = new ArrayList<>();

    /** Plans changes below a directory. */
    PlannedStorage(Storage storage, Path root) {
        this.storage = storage;
        this.root = root;
        this.rootNode = PlannedNode.onDisk(storage.kind(root), root);
    }

    /** Makes the changes. */
    void carryOut() {
        steps.forEach(step -> step.apply(storage));
    }

    boolean isEmpty() {
        return steps.isEmpty();
    }

    /** Where a path is on the disk before the plan is carried out; the path itself when it is not there yet. */
    Path onDisk(Path path) {
        PlannedNode node = find(path);
        return node == null || node.source == null ? path : node.source;
    }

    @Override
    public StorageFile create(Path file) {
        return new PlannedFile(add(file, PlannedNode.newFile(0)));
    }

    @Override
    public WritableRegion createWritable(Path file, long length) {
        return new PlannedFile(add(file, PlannedNode.newFile(Math.toIntExact(length))));
    }

    /** Creates a file with what another plan, which is never carried out, has written. The bytes are shared, not copied. */
    void adopt(Path file, PlannedStorage other, Path written) {
        add(file, other.required(written));
    }

    private PlannedNode add(Path file, PlannedNode node) {
        PlannedNode parent = directory(file.getParent());
        if (parent.children(storage).putIfAbsent(name(file), node) != null) {
            throw new StoreException.Io(file + ": creating: something of that name is there already", null);
        }
        steps.add(actual -> {
            try (StorageFile made = actual.create(file)) {
                made.append(node.content(), 0, node.length());
                made.force();
            }
        });
        return node;
    }

    @Override
    public StorageFile openForReading(Path file) {
        PlannedNode node = required(file);
        return node.source == null && node.kind == PathKind.FILE
                ? new PlannedFile(node)
                : storage.openForReading(onDisk(file));
    }

    @Override
    public byte[] readAll(Path file, int bytesMax) {
        PlannedNode node = required(file);
        if (node.kind == PathKind.FILE && size(file) > bytesMax) {
            throw new StoreException.Corrupt(file, bytesMax, "file length", "at most " + bytesMax, size(file));
        }
        return node.source == null && node.kind == PathKind.FILE
                ? Arrays.copyOf(node.content(), node.length())
                : storage.readAll(onDisk(file), bytesMax);
    }

    @Override
    public Region map(Path file) {
        PlannedNode node = required(file);
        if (node.source != null) {
            requireEnd(node, file);
            return storage.map(node.source);
        }
        BufferRegion region = storage.allocate(node.length());
        region.bytes().put(0, node.content(), 0, node.length());
        return region;
    }

    /** A run that is too long for one mapping of this storage is whole if it ends as one: then that is a limit, and no damage. */
    private void requireEnd(PlannedNode node, Path file) {
        if (node.kind != PathKind.FILE || size(file) <= Integer.MAX_VALUE) {
            return;
        }
        byte[] end = new byte[Long.BYTES];
        long at = size(file) - end.length;
        try (StorageFile open = openForReading(file)) {
            open.read(at, end, 0, end.length);
        }
        long found = ByteBuffer.wrap(end).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (found != RUN_END) {
            throw new StoreException.Corrupt(
                    file, at, "footer magic", Long.toHexString(RUN_END), Long.toHexString(found));
        }
    }

    @Override
    public long size(Path file) {
        PlannedNode node = required(file);
        return node.source == null ? node.length() : storage.size(node.source);
    }

    @Override
    public void createDirectory(Path directory) {
        PlannedNode parent = directory(directory.getParent());
        PlannedNode before = parent.children(storage).get(name(directory));
        if (before != null && before.kind == PathKind.DIRECTORY) {
            return;
        }
        if (before != null) {
            throw new StoreException.Corrupt(directory, 0, "kind of path", PathKind.DIRECTORY, before.kind);
        }
        parent.children(storage).put(name(directory), PlannedNode.newDirectory());
        steps.add(actual -> actual.createDirectory(directory));
    }

    @Override
    public void forceDirectory(Path directory) {
        steps.add(actual -> actual.forceDirectory(directory));
    }

    @Override
    public void rename(Path from, Path to) {
        PlannedNode target = directory(to.getParent());
        PlannedNode node = required(from);
        directory(from.getParent()).children(storage).remove(name(from));
        target.children(storage).put(name(to), node);
        steps.add(actual -> actual.rename(from, to));
    }

    @Override
    public void delete(Path path) {
        PlannedNode node = find(path);
        if (node == null) {
            return;
        }
        if (node.kind == PathKind.DIRECTORY && !node.children(storage).isEmpty()) {
            throw new StoreException.Io(path + ": deleting: the directory is not empty", null);
        }
        directory(path.getParent()).children(storage).remove(name(path));
        steps.add(actual -> actual.delete(path));
    }

    @Override
    public List<String> list(Path directory) {
        return new ArrayList<>(directory(directory).children(storage).keySet());
    }

    @Override
    public PathKind kind(Path path) {
        PlannedNode node = find(path);
        return node == null ? PathKind.ABSENT : node.kind;
    }

    /** Null when nothing is there. */
    private PlannedNode find(Path path) {
        if (!path.startsWith(root)) {
            throw new IllegalArgumentException(path + " is outside of " + root);
        }
        PlannedNode node = rootNode;
        for (Path name : root.relativize(path)) {
            if (name.toString().isEmpty()) {
                return node;
            }
            if (node.kind != PathKind.DIRECTORY) {
                return null;
            }
            node = node.children(storage).get(name.toString());
            if (node == null) {
                return null;
            }
        }
        return node;
    }

    private PlannedNode required(Path path) {
        PlannedNode node = find(path);
        if (node == null) {
            throw new StoreException.NotFound(path + ": no such file or directory");
        }
        return node;
    }

    private PlannedNode directory(Path path) {
        PlannedNode node = required(path);
        if (node.kind != PathKind.DIRECTORY) {
            throw new StoreException.Io(path + ": not a directory", null);
        }
        return node;
    }

    private static String name(Path path) {
        return path.getFileName().toString();
    }

    @Override
    public Object identity(Path file) {
        throw new UnsupportedOperationException("a plan has no files of its own: " + file);
    }

    @Override
    public StorageLock tryLock(Path file) {
        throw new UnsupportedOperationException("a plan takes no lock: " + file);
    }

    @Override
    public BufferRegion allocate(int bytes) {
        return storage.allocate(bytes);
    }

    @Override
    public long usableBytes(Path path) {
        return storage.usableBytes(root);
    }

    @Override
    public String fileSystemType(Path path) {
        return storage.fileSystemType(root);
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
