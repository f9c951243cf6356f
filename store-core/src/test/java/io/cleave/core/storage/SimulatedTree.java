package io.cleave.core.storage;

import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.SplittableRandom;

/** The directories of a {@link SimulatedStorage} and the way to them. Guarded by its storage. */
final class SimulatedTree {
    /** A rename between two directories that neither of them has forced yet: after a power cut it has happened or not. */
    private record Move(
            SimulatedDirectory from, String oldName, SimulatedDirectory to, String newName, SimulatedNode node) {
        void settle() {
            from.removeDurable(oldName, node);
            to.addDurable(newName, node);
        }

        Move with(IdentityHashMap<SimulatedNode, SimulatedNode> copies) {
            return new Move(
                    (SimulatedDirectory) copies.get(from),
                    oldName,
                    (SimulatedDirectory) copies.get(to),
                    newName,
                    copies.get(node));
        }
    }

    private final SimulatedDirectory root;
    private final List<Move> moves = new ArrayList<>();

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
        IdentityHashMap<SimulatedNode, SimulatedNode> copies = new IdentityHashMap<>();
        SimulatedTree copy = new SimulatedTree(root.copy(copies));
        for (Move move : moves) {
            // What is in the list of a directory that was deleted since has no copy, and matters to nobody.
            Move copied = move.with(copies);
            if (copied.from() != null && copied.to() != null && copied.node() != null) {
                copy.moves.add(copied);
            }
        }
        return copy;
    }

    SimulatedTree afterPowerCut(SplittableRandom random) {
        if (moves.isEmpty()) {
            return new SimulatedTree(root.afterPowerCut(random));
        }
        SimulatedTree copy = copy();
        copy.moves.removeIf(move -> random.nextBoolean());
        copy.moves.forEach(Move::settle);
        return new SimulatedTree(copy.root.afterPowerCut(random));
    }

    void rename(Path from, Path to) {
        SimulatedDirectory source = parentOf(from);
        SimulatedDirectory target = parentOf(to);
        if (source == target) {
            source.rename(name(from), name(to));
            return;
        }
        SimulatedNode node = source.get(name(from));
        source.leave(name(from));
        target.enter(name(to), node);
        moves.add(new Move(source, name(from), target, name(to), node));
    }

    /** Makes the names of a directory durable, and with them the moves from it and to it. */
    void force(SimulatedDirectory directory) {
        for (Move move : List.copyOf(moves)) {
            if (move.from() == directory || move.to() == directory) {
                move.settle();
                moves.remove(move);
            }
        }
        directory.force();
    }

    /** Null when nothing is there. */
    SimulatedNode find(Path path) {
        // By the text: tests that crash everywhere spend a tenth of their time on the names of a path one by one.
        String text = path.toAbsolutePath().toString();
        SimulatedNode node = root;
        for (int at = 1; at < text.length(); ) {
            if (!(node instanceof SimulatedDirectory directory)) {
                return null;
            }
            int end = text.indexOf('/', at) < 0 ? text.length() : text.indexOf('/', at);
            node = directory.get(text.substring(at, end));
            at = end + 1;
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
