package io.cleave.core.memtable;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The nodes of a memtable in order: a skip list in an {@link Arena}, by key ascending, then by tag descending. Nodes
 * are linked and never unlinked or moved.
 *
 * <p>Shape: nodes as in {@link NodeLayout}. The head is a node without fields below chunk 0's first entries. Whoever
 * links remembers the last splice, the nodes around the last linked one at every level: a search starts at the lowest
 * level at which the next node falls between the same two.
 *
 * <p>Thread-safety: {@link #ensureHead} is the writer's, before its first node. One thread at a time links, successive
 * ones ordered by a lock of the caller's. Readers take no lock. A node is linked from level 0 up, each link a release;
 * so a reader that finds a node at any level sees all its fields, and finds it at level 0 too.
 */
final class SkipList {
    /** Room below the head's base, a multiple of 8; keeps its reference from being 0. */
    private static final int HEAD_BEFORE = NodeLayout.HEIGHT_MAX * Long.BYTES;

    /** Reference of the head: the first thing in the first chunk. */
    private static final int HEAD = HEAD_BEFORE / Long.BYTES;

    private final Arena arena;
    private final Nodes nodes;

    /** Levels in use; 0 until a node is linked. A reader that sees an older height only searches longer. */
    private volatile int height;

    /** Written once, before the height is first raised; read after the height. */
    private SlotOrder slotOrder;

    /** The writer's. */
    private boolean headMade;

    // Whoever links.
    private final int[] spliceBefore = new int[NodeLayout.HEIGHT_MAX];
    private final long[] spliceOrder = new long[NodeLayout.HEIGHT_MAX];
    private final long[] spliceAfter = new long[NodeLayout.HEIGHT_MAX];

    SkipList(Arena arena, Nodes nodes) {
        this.arena = arena;
        this.nodes = nodes;
        clear();
    }

    /** Makes the head unless it is there: the first thing that is taken from the arena. */
    void ensureHead() {
        if (headMade) {
            return;
        }
        int head = arena.allocate(HEAD_BEFORE, Long.BYTES);
        assert head == HEAD : head;
        ByteBuffer chunk = arena.buffer(head);
        for (int level = 0; level < NodeLayout.HEIGHT_MAX; level++) {
            chunk.putLong(HEAD_BEFORE - level * Long.BYTES, NodeLayout.SLOT_END);
        }
        headMade = true;
    }

    /** Bytes that {@link #ensureHead} takes. */
    int headBytes() {
        return headMade ? 0 : HEAD_BEFORE + 2 * Long.BYTES;
    }

    /** What links tell of the nodes they lead to. Before the first link, once. */
    void setSlotOrder(SlotOrder order) {
        assert height == 0 : height;
        slotOrder = order;
    }

    /** Links a published node that is not in the list yet; it is there, at every level, on return. */
    void link(int node) {
        ByteBuffer chunk = arena.buffer(node);
        int base = arena.base(node);
        int levels = NodeLayout.pendingLevels(chunk.getLong(base));
        assert levels > 0 && levels <= NodeLayout.HEIGHT_MAX : levels;
        long order = slotOrder.of(nodes, node);
        if (height == 0) {
            height = 1;
        }
        splice(node, order);
        chunk.putInt(base + NodeLayout.BACK_OFFSET, spliceBefore[0]);
        for (int level = 0; level < levels; level++) {
            chunk.putLong(base - level * Long.BYTES, spliceAfter[level]);
        }
        assert isBetween(levels, node) : "not in order, or key and sequence number put twice";
        publish(node, order, levels);
    }

    /** First node that is not below (key, tag), or 0. */
    int seek(byte[] target, int targetLength, long prefix, long tag) {
        int level = height - 1;
        if (level < 0) {
            return NodeLayout.NONE;
        }
        long flipped = NodeLayout.flip(prefix);
        long order = slotOrder.of(target, targetLength, flipped);
        ByteBuffer chunk = arena.buffer(HEAD);
        int base = HEAD_BEFORE;
        int bound = NodeLayout.NONE;
        while (true) {
            long slot = NodeLayout.slotAcquire(chunk, base, level);
            if (slot < order
                    || ((int) slot != bound
                            && (slot & NodeLayout.SLOT_ORDER_MASK) == order
                            && nodes.compare((int) slot, target, targetLength, flipped, tag) < 0)) {
                chunk = arena.buffer((int) slot);
                base = arena.base((int) slot);
                continue;
            }
            bound = (int) slot;
            if (level == 0) {
                return bound;
            }
            level--;
        }
    }

    /** First node, or 0. */
    int first() {
        return height == 0 ? NodeLayout.NONE : next(HEAD);
    }

    /** Last node, or 0. */
    int last() {
        int node = HEAD;
        for (int level = height - 1; level >= 0; level--) {
            int next = next(node, level);
            while (next != NodeLayout.NONE) {
                node = next;
                next = next(node, level);
            }
        }
        return node == HEAD ? NodeLayout.NONE : node;
    }

    /** Node after {@code node}, or 0. */
    int next(int node) {
        return next(node, 0);
    }

    /** Node before {@code node}, or 0. */
    int previous(int node) {
        int before = NodeLayout.backAcquire(arena.buffer(node), arena.base(node));
        int next = next(before);
        while (next != node) {
            before = next;
            next = next(before);
        }
        return before == HEAD ? NodeLayout.NONE : before;
    }

    /** Forgets all nodes. Requires: no reader and no writer is left. */
    void clear() {
        height = 0;
        headMade = false;
        Arrays.fill(spliceBefore, HEAD);
        Arrays.fill(spliceOrder, NodeLayout.SLOT_HEAD);
        Arrays.fill(spliceAfter, NodeLayout.SLOT_END);
    }

    private int next(int node, int level) {
        return (int) NodeLayout.slotAcquire(arena.buffer(node), arena.base(node), level);
    }

    /** Moves the splice around the place of a node. */
    private void splice(int added, long order) {
        int level = spliceLevel(added, order);
        int node = spliceBefore[level];
        long nodeOrder = spliceOrder[level];
        if (!isBefore(node, nodeOrder, added, order)) {
            node = HEAD;
            nodeOrder = NodeLayout.SLOT_HEAD;
        }
        ByteBuffer chunk = arena.buffer(node);
        int base = arena.base(node);
        int bound = NodeLayout.NONE;
        while (true) {
            long slot = chunk.getLong(base - level * Long.BYTES);
            if (slot < order
                    || ((int) slot != bound
                            && (slot & NodeLayout.SLOT_ORDER_MASK) == order
                            && nodes.compare((int) slot, added) < 0)) {
                node = (int) slot;
                nodeOrder = slot & NodeLayout.SLOT_ORDER_MASK;
                chunk = arena.buffer(node);
                base = arena.base(node);
                continue;
            }
            bound = (int) slot;
            spliceBefore[level] = node;
            spliceOrder[level] = nodeOrder;
            spliceAfter[level] = slot;
            if (level == 0) {
                return;
            }
            level--;
        }
    }

    /** Lowest level at which a node falls between the nodes of the splice; the highest when there is none. */
    private int spliceLevel(int added, long order) {
        if (isInSplice(0, added, order)) {
            return 0;
        }
        int level = height - 1;
        while (level > 1 && isInSplice(level - 1, added, order)) {
            level--;
        }
        return level;
    }

    private boolean isInSplice(int level, int added, long order) {
        long after = spliceAfter[level];
        if (after < order || !isBefore(spliceBefore[level], spliceOrder[level], added, order)) {
            return false;
        }
        return (after & NodeLayout.SLOT_ORDER_MASK) != order
                || (int) after == NodeLayout.NONE
                || nodes.compare((int) after, added) > 0;
    }

    private boolean isBefore(int node, long nodeOrder, int added, long order) {
        return nodeOrder < order || node == HEAD || (nodeOrder == order && nodes.compare(node, added) < 0);
    }

    /** True when a node lies between the two nodes of the splice at each of the lower levels. */
    private boolean isBetween(int levels, int node) {
        for (int level = 0; level < levels; level++) {
            int before = spliceBefore[level];
            int after = (int) spliceAfter[level];
            if ((before != HEAD && nodes.compare(before, node) >= 0)
                    || (after != NodeLayout.NONE && nodes.compare(after, node) <= 0)
                    || spliceAfter[level] != arena.buffer(before).getLong(arena.base(before) - level * Long.BYTES)) {
                return false;
            }
        }
        return true;
    }

    /** Links a finished node into every level, the lowest first, and makes it the splice. */
    private void publish(int node, long order, int levels) {
        long slot = NodeLayout.slot(order, node);
        for (int level = 0; level < levels; level++) {
            int before = spliceBefore[level];
            NodeLayout.slotRelease(arena.buffer(before), arena.base(before), level, slot);
            spliceBefore[level] = node;
            spliceOrder[level] = order;
        }
        int after = (int) spliceAfter[0];
        if (after != NodeLayout.NONE) {
            NodeLayout.backRelease(arena.buffer(after), arena.base(after), node);
        }
        if (levels > height) {
            height = levels;
        }
    }
}
