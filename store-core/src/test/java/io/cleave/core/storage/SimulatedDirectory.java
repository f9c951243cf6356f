package io.cleave.core.storage;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A simulated directory: the names a reader sees, those the disk has, and the changes between them. Guarded by its storage.
 *
 * <p>Model: each change since the last force (a new name, a removed one, a rename) outlives a power cut or not, each for
 * itself. A rename is one change: afterwards the file has its old name or its new one, and a replaced file is there as long
 * as the rename is not. That is weaker than what journaling file systems give, which keep a prefix.
 */
final class SimulatedDirectory extends SimulatedNode {
    /** {@code node} loses the name {@code removed}, if any, and gets the name {@code added}, if any. */
    private record Change(String removed, String added, SimulatedNode node) {
        /** Applies it where earlier changes may be missing. */
        void replayOn(Map<String, SimulatedNode> names) {
            if (removed != null) {
                names.remove(removed, node);
            }
            if (added != null) {
                // A node has one name: the rename that gave it another one in between may be lost.
                names.values().remove(node);
                names.put(added, node);
            }
        }

        Change with(SimulatedNode other) {
            return new Change(removed, added, other);
        }
    }

    private final TreeMap<String, SimulatedNode> names = new TreeMap<>();
    private final TreeMap<String, SimulatedNode> durableNames = new TreeMap<>();
    private final List<Change> changes = new ArrayList<>();

    SimulatedNode get(String name) {
        return names.get(name);
    }

    List<String> names() {
        return new ArrayList<>(names.keySet());
    }

    Iterable<SimulatedNode> nodes() {
        return names.values();
    }

    void add(String name, SimulatedNode node) {
        change(new Change(null, name, node));
    }

    void remove(String name) {
        change(new Change(name, null, names.get(name)));
    }

    void rename(String from, String to) {
        change(new Change(from, to, names.get(from)));
    }

    /** A node goes to another directory; {@link SimulatedTree} keeps in mind that this is not durable. */
    void leave(String name) {
        SimulatedNode node = names.remove(name);
        if (changes.stream().anyMatch(change -> change.node() == node)) {
            throw new AssertionError(name + " is moved before its name was forced");
        }
    }

    void enter(String name, SimulatedNode node) {
        names.put(name, node);
    }

    void removeDurable(String name, SimulatedNode node) {
        durableNames.remove(name, node);
    }

    void addDurable(String name, SimulatedNode node) {
        durableNames.put(name, node);
    }

    void force() {
        changes.clear();
        durableNames.clear();
        durableNames.putAll(names);
    }

    private void change(Change change) {
        if (change.removed() != null) {
            names.remove(change.removed());
        }
        if (change.added() != null) {
            names.put(change.added(), change.node());
        }
        changes.add(change);
    }

    /** The same names with the same changes unforced; {@code done} gets each node and its copy. */
    SimulatedDirectory copy(IdentityHashMap<SimulatedNode, SimulatedNode> done) {
        SimulatedDirectory copy = new SimulatedDirectory();
        done.put(this, copy);
        names.forEach((name, node) -> copy.names.put(name, copyOf(node, done)));
        durableNames.forEach((name, node) -> copy.durableNames.put(name, copyOf(node, done)));
        changes.forEach(change -> copy.changes.add(change.with(copyOf(change.node(), done))));
        return copy;
    }

    private static SimulatedNode copyOf(SimulatedNode node, IdentityHashMap<SimulatedNode, SimulatedNode> done) {
        SimulatedNode copy = done.get(node);
        if (copy == null) {
            copy = node instanceof SimulatedDirectory directory ? directory.copy(done) : ((SimulatedBytes) node).copy();
            done.put(node, copy);
        }
        return copy;
    }

    /** What a power cut may leave of it and of everything below it. */
    SimulatedDirectory afterPowerCut(SplittableRandom random) {
        TreeMap<String, SimulatedNode> survivors = new TreeMap<>(durableNames);
        BitSet all = new BitSet();
        all.set(0, changes.size());
        BitSet lost = new BitSet();
        Survival.random(random).forEachLost(all, random, lost::set);
        for (int i = 0; i < changes.size(); i++) {
            if (!lost.get(i)) {
                changes.get(i).replayOn(survivors);
            }
        }
        SimulatedDirectory after = new SimulatedDirectory();
        survivors.forEach((name, node) -> after.names.put(
                name,
                node instanceof SimulatedDirectory directory
                        ? directory.afterPowerCut(random)
                        : ((SimulatedBytes) node).afterPowerCut(random)));
        after.force();
        return after;
    }
}
