package io.cleave.core.storage;

import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** The directories of a {@link SimulatedStorage} and the way to them. Guarded by its storage. */
final class SimulatedTree {
    private final SimulatedDirectory root;

    private SimulatedTree(SimulatedDirectory root) {
        this.root = root;
    }

    /** A tree with one directory below the root, durable. */
    static SimulatedTree with(Path directory) {
        SimulatedTree tree = new SimulatedTree(new SimulatedDirectory());
        tree.root.add(name(directory), new SimulatedDirectory());
        tree.root.force();
        return tree;
    }

    SimulatedTree copy() {
        return new SimulatedTree(root.copy());
    }

    SimulatedTree afterPowerCut(SplittableRandom random) {
        return new SimulatedTree(root.afterPowerCut(random));
    }

    /** Null when nothing is there. */
    SimulatedNode find(Path path) {
        SimulatedNode node = root;
        for (Path name : path.toAbsolutePath()) {
            if (!(node instanceof SimulatedDirectory directory)) {
                return null;
            }
            node = directory.get(name.toString());
        }
        return node;
    }

    SimulatedBytes file(Path file) {
        SimulatedNode node = required(file);
        if (node instanceof SimulatedBytes bytes) {
            return bytes;
        }
        throw new StoreException.Corrupt(file, 0, "kind of path", "a regular file", "a directory");
    }

    SimulatedDirectory directory(Path path) {
        SimulatedNode node = required(path);
        if (node instanceof SimulatedDirectory directory) {
            return directory;
        }
        throw new StoreException.Io(path + ": not a directory", null);
    }

    SimulatedDirectory parentOf(Path path) {
        return directory(path.toAbsolutePath().getParent());
    }

    SimulatedNode required(Path path) {
        SimulatedNode node = find(path);
        if (node == null) {
            throw new StoreException.NotFound(path + ": no such file or directory");
        }
        return node;
    }

    /** Bytes of all files that have a name. */
    long length() {
        return length(root);
    }

    private static long length(SimulatedDirectory directory) {
        long length = 0;
        for (SimulatedNode node : directory.nodes()) {
            length += node instanceof SimulatedDirectory below ? length(below) : ((SimulatedBytes) node).length();
        }
        return length;
    }

    static String name(Path path) {
        return path.getFileName().toString();
    }
}
