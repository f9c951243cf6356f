package io.cleave.core.memtable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The order of a memtable's nodes: a skip list in an {@link Arena}, by key ascending, then by tag descending. Nodes are
 * added and never removed or moved.
 *
 * <p>Shape: nodes as in {@link NodeLayout}; one of four has a further level. The head is a node without fields below
 * chunk 0's first entries. The writer remembers its last splice, the nodes around its last insertion at every level: a
 * search starts at the lowest level at which the new node falls between the same two.
 *
 * <p>Thread-safety: one writer at a time, readers take no lock. A node is linked from level 0 up, each link a release;
 * so a reader that finds a node at any level sees all its fields, and finds it at level 0 too.
 */
final class SkipList {
    private static final VarHandle LONG_BE = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    /** Room below the head's base, a multiple of 8; keeps its reference from being 0. */
    private static final int HEAD_BEFORE = NodeLayout.HEIGHT_MAX * Long.BYTES;

    /** Reference of the head: the first thing in the first chunk. */
    private static final int HEAD = HEAD_BEFORE / Long.BYTES;

    private static final long LEVEL_SEED = 0x9E37_79B9_7F4A_7C15L;

    private final Arena arena;
    private final SlotOrder slotOrder;

    /** Levels in use; 0 while there is no head. A reader that sees an older height only searches longer. */
    private volatile int height;

    // The writer's.
    private final int[] spliceBefore = new int[NodeLayout.HEIGHT_MAX];
    private final long[] spliceOrder = new long[NodeLayout.HEIGHT_MAX];
    private final long[] spliceAfter = new long[NodeLayout.HEIGHT_MAX];
    private long levelBits = LEVEL_SEED;

    SkipList(Arena arena, SlotOrder slotOrder) {
        this.arena = arena;
        this.slotOrder = slotOrder;
        clear();
    }

    /** Adds an entry; it is visible, at every level, on return. */
    void insert(byte[] key, int keyLength, long prefix, long tag, byte[] value, int valueLength) {
        if (height == 0) {
            addHead();
        }
        long flipped = NodeLayout.flip(prefix);
        int levels = nextLevels();
        int node = allocate(key, keyLength, value, valueLength, levels);
        long order = slotOrder.of(key, keyLength, flipped);
        splice(key, keyLength, flipped, tag, order);
        ByteBuffer chunk = arena.buffer(node);
        int base = arena.base(node);
        chunk.putLong(base + NodeLayout.PREFIX_OFFSET, flipped);
        chunk.putLong(base + NodeLayout.TAG_OFFSET, tag);
        chunk.putInt(base + NodeLayout.BACK_OFFSET, spliceBefore[0]);
        chunk.putShort(base + NodeLayout.KEY_LENGTH_OFFSET, (short) keyLength);
        for (int level = 0; level < levels; level++) {
            chunk.putLong(base - level * Long.BYTES, spliceAfter[level]);
        }
        assert isBetween(levels, key, keyLength, flipped, tag) : "not in order, or key and sequence number put twice";
        publish(node, order, levels);
    }

    /** First node that is not below (key, tag), or 0. */
    int seek(byte[] key, int keyLength, long prefix, long tag) {
        int level = height - 1;
        if (level < 0) {
            return NodeLayout.NONE;
        }
        long flipped = NodeLayout.flip(prefix);
        long order = slotOrder.of(key, keyLength, flipped);
        ByteBuffer chunk = arena.buffer(HEAD);
        int base = HEAD_BEFORE;
        int bound = NodeLayout.NONE;
        while (true) {
            long slot = NodeLayout.slotAcquire(chunk, base, level);
            if (slot < order
                    || ((int) slot != bound
                            && (slot & NodeLayout.SLOT_ORDER_MASK) == order
                            && compare((int) slot, key, keyLength, flipped, tag) < 0)) {
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

    /** True when the node's key is the given one. */
    boolean hasKey(int node, byte[] key, int keyLength, long prefix) {
        ByteBuffer chunk = arena.buffer(node);
        int base = arena.base(node);
        return NodeLayout.prefix(chunk, base) == NodeLayout.flip(prefix)
                && NodeLayout.keyLength(chunk, base) == keyLength
                && compareRest(chunk, base, key, keyLength, keyLength) == 0;
    }

    /** Forgets all nodes. Requires: no reader and no writer is left. */
    void clear() {
        height = 0;
        Arrays.fill(spliceBefore, HEAD);
        Arrays.fill(spliceOrder, NodeLayout.SLOT_HEAD);
        Arrays.fill(spliceAfter, NodeLayout.SLOT_END);
    }

    private int next(int node, int level) {
        return (int) NodeLayout.slotAcquire(arena.buffer(node), arena.base(node), level);
    }

    private void addHead() {
        int head = arena.allocate(HEAD_BEFORE, Long.BYTES);
        assert head == HEAD : head;
        ByteBuffer chunk = arena.buffer(head);
        for (int level = 0; level < NodeLayout.HEIGHT_MAX; level++) {
            chunk.putLong(HEAD_BEFORE - level * Long.BYTES, NodeLayout.SLOT_END);
        }
        height = 1;
    }

    /** Takes room for a node and fills in what does not depend on its place: lengths, key, value. */
    private int allocate(byte[] key, int keyLength, byte[] value, int valueLength, int levels) {
        int keyRest = NodeLayout.keyRest(keyLength);
        int before = (levels - 1) * Long.BYTES;
        int after = NodeLayout.PAYLOAD_OFFSET + keyRest + valueLength;
        if (before + after > arena.nodeBytesMax()) {
            return allocateLarge(key, keyLength, value, valueLength, before);
        }
        int node = arena.allocate(before, after);
        ByteBuffer chunk = arena.buffer(node);
        int base = arena.base(node);
        int payload = base + NodeLayout.PAYLOAD_OFFSET;
        if (keyRest > 0) {
            chunk.put(payload, key, Long.BYTES, keyRest);
        }
        chunk.put(payload + keyRest, value, 0, valueLength);
        chunk.putInt(base + NodeLayout.VALUE_LENGTH_OFFSET, valueLength);
        return node;
    }

    private int allocateLarge(byte[] key, int keyLength, byte[] value, int valueLength, int before) {
        int keyRest = NodeLayout.keyRest(keyLength);
        int node = arena.allocate(before, NodeLayout.PAYLOAD_OFFSET + Integer.BYTES);
        int number = arena.allocateLarge(keyRest + valueLength);
        ByteBuffer large = arena.large(number).bytes();
        if (keyRest > 0) {
            large.put(0, key, Long.BYTES, keyRest);
        }
        large.put(keyRest, value, 0, valueLength);
        ByteBuffer chunk = arena.buffer(node);
        int base = arena.base(node);
        chunk.putInt(base + NodeLayout.VALUE_LENGTH_OFFSET, valueLength | NodeLayout.LARGE_FLAG);
        chunk.putInt(base + NodeLayout.PAYLOAD_OFFSET, number);
        return node;
    }

    /** Moves the splice around the place of (key, tag). */
    private void splice(byte[] key, int keyLength, long flipped, long tag, long order) {
        int level = spliceLevel(key, keyLength, flipped, tag, order);
        int node = spliceBefore[level];
        long nodeOrder = spliceOrder[level];
        if (!isBefore(node, nodeOrder, key, keyLength, flipped, tag, order)) {
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
                            && compare((int) slot, key, keyLength, flipped, tag) < 0)) {
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

    /** Lowest level at which (key, tag) falls between the nodes of the splice; the highest when there is none. */
    private int spliceLevel(byte[] key, int keyLength, long flipped, long tag, long order) {
        if (isInSplice(0, key, keyLength, flipped, tag, order)) {
            return 0;
        }
        int level = height - 1;
        while (level > 1 && isInSplice(level - 1, key, keyLength, flipped, tag, order)) {
            level--;
        }
        return level;
    }

    private boolean isInSplice(int level, byte[] key, int keyLength, long flipped, long tag, long order) {
        long after = spliceAfter[level];
        if (after < order || !isBefore(spliceBefore[level], spliceOrder[level], key, keyLength, flipped, tag, order)) {
            return false;
        }
        return (after & NodeLayout.SLOT_ORDER_MASK) != order
                || (int) after == NodeLayout.NONE
                || compare((int) after, key, keyLength, flipped, tag) > 0;
    }

    private boolean isBefore(int node, long nodeOrder, byte[] key, int keyLength, long flipped, long tag, long order) {
        return nodeOrder < order
                || node == HEAD
                || (nodeOrder == order && compare(node, key, keyLength, flipped, tag) < 0);
    }

    /** True when (key, tag) lies between the two nodes of the splice at each of the lower levels. */
    private boolean isBetween(int levels, byte[] key, int keyLength, long flipped, long tag) {
        for (int level = 0; level < levels; level++) {
            int before = spliceBefore[level];
            int after = (int) spliceAfter[level];
            if ((before != HEAD && compare(before, key, keyLength, flipped, tag) >= 0)
                    || (after != NodeLayout.NONE && compare(after, key, keyLength, flipped, tag) <= 0)
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

    /** Height of the next node: each further level with a chance of one in four (xorshift64). */
    private int nextLevels() {
        long bits = levelBits;
        bits ^= bits << 13;
        bits ^= bits >>> 7;
        bits ^= bits << 17;
        levelBits = bits;
        return Math.min(NodeLayout.HEIGHT_MAX, 1 + (Long.numberOfTrailingZeros(bits) >>> 1));
    }

    /** Orders a node against (key, tag): key ascending, tag descending. */
    private int compare(int node, byte[] key, int keyLength, long flipped, long tag) {
        ByteBuffer chunk = arena.buffer(node);
        int base = arena.base(node);
        long nodePrefix = NodeLayout.prefix(chunk, base);
        if (nodePrefix != flipped) {
            return nodePrefix < flipped ? -1 : 1;
        }
        int nodeKeyLength = NodeLayout.keyLength(chunk, base);
        int order = compareRest(chunk, base, key, keyLength, nodeKeyLength);
        return order != 0 ? order : Long.compareUnsigned(tag, NodeLayout.tag(chunk, base));
    }

    /** Orders a node's key against another with the same prefix. */
    private int compareRest(ByteBuffer chunk, int base, byte[] key, int keyLength, int nodeKeyLength) {
        int from = base + NodeLayout.PAYLOAD_OFFSET;
        ByteBuffer bytes = chunk;
        if (NodeLayout.isLarge(chunk, base)) {
            bytes = arena.large(NodeLayout.largeNumber(chunk, base)).bytes();
            from = 0;
        }
        from -= Long.BYTES;
        int common = Math.min(keyLength, nodeKeyLength);
        int at = Long.BYTES;
        for (; at + Long.BYTES <= common; at += Long.BYTES) {
            long mine = Long.reverseBytes(bytes.getLong(from + at));
            long other = (long) LONG_BE.get(key, at);
            if (mine != other) {
                return Long.compareUnsigned(mine, other);
            }
        }
        for (; at < common; at++) {
            int difference = (bytes.get(from + at) & 0xFF) - (key[at] & 0xFF);
            if (difference != 0) {
                return difference;
            }
        }
        return nodeKeyLength - keyLength;
    }
}
