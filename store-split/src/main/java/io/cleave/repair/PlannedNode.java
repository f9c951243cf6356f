package io.cleave.repair;

import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeMap;

/**
 * A file or directory of a {@link PlannedStorage}: one that is on the disk, wherever the plan has moved it, or one that the
 * plan makes. Belongs to one thread.
 */
final class PlannedNode {
    private static final byte[] EMPTY = {};
    private static final int BYTES_MAX = Integer.MAX_VALUE - 8;

    final Storage.PathKind kind;

    /** Where it is on the disk; null when the plan makes it. */
    final Path source;

    /** Of a directory; null until somebody asks. */
    private TreeMap<String, PlannedNode> children;

    private byte[] content = EMPTY;
    private int length;

    private PlannedNode(Storage.PathKind kind, Path source) {
        this.kind = kind;
        this.source = source;
    }

    static PlannedNode onDisk(Storage.PathKind kind, Path source) {
        return new PlannedNode(kind, source);
    }

    static PlannedNode newFile(int length) {
        PlannedNode node = new PlannedNode(Storage.PathKind.FILE, null);
        node.content = new byte[length];
        node.length = length;
        return node;
    }

    static PlannedNode newDirectory() {
        PlannedNode node = new PlannedNode(Storage.PathKind.DIRECTORY, null);
        node.children = new TreeMap<>();
        return node;
    }

    /** What a directory holds; read from the disk at the first call. */
    TreeMap<String, PlannedNode> children(Storage storage) {
        if (children == null) {
            TreeMap<String, PlannedNode> found = new TreeMap<>();
            for (String name : storage.list(source)) {
                Path path = source.resolve(name);
                found.put(name, onDisk(storage.kind(path), path));
            }
            children = found;
        }
        return children;
    }

    int length() {
        return length;
    }

    /** The bytes of a file that the plan makes; longer than the file as a rule. */
    byte[] content() {
        return content;
    }

    void write(int offset, byte[] bytes, int from, int count) {
        long needed = (long) offset + count;
        if (needed > BYTES_MAX) {
            throw new StoreException.LimitReached("a file that a repair writes: expected at most " + BYTES_MAX
                    + " bytes, which it holds in memory until then, found " + needed);
        }
        int end = (int) needed;
        if (end > content.length) {
            grow(end);
        }
        System.arraycopy(bytes, from, content, offset, count);
        length = Math.max(length, end);
    }

    private void grow(int needed) {
        try {
            content = Arrays.copyOf(content, (int) Math.max(needed, Math.min(BYTES_MAX, 2L * content.length)));
        } catch (OutOfMemoryError e) {
            StoreException.LimitReached limit =
                    new StoreException.LimitReached("heap: a repair holds in memory what it is"
                            + " going to write, one file of more than " + needed
                            + " bytes among it; nothing was changed: try again with a larger heap (-Xmx)");
            limit.addSuppressed(e);
            throw limit;
        }
    }
}
