package io.cleave.core.memtable;

import io.cleave.core.bytes.KeyHash;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The entries of a memtable as nodes in its {@link Arena}, each written once and chained to the one put before.
 *
 * <p>Shape: nodes as in {@link NodeLayout}; the chain runs through the pending words, newest first, up to the first
 * node that is in order. How many levels a node has is drawn when it is made: one of four has a further level.
 *
 * <p>Thread-safety: one writer at a time adds and publishes. Any thread reads a node that it found by {@link #newest},
 * a link or the key table, all of which are read with acquire and written with release after the node was written.
 *
 * <p>Errors: {@code LimitReached} from {@link #add}; nothing is published then.
 */
final class Nodes {
    private static final VarHandle LONG_BE = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG_LE =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle NEWEST;

    private static final int KEY_BYTES_BY_WORD = 64;

    /** What a node of full height has below its base. */
    private static final int NODE_BYTES_BEFORE_MAX = (NodeLayout.HEIGHT_MAX - 1) * Long.BYTES;

    private static final long LEVEL_SEED = 0x9E37_79B9_7F4A_7C15L;

    static {
        try {
            NEWEST = MethodHandles.lookup().findVarHandle(Nodes.class, "newest", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Arena arena;

    /** Node put last, or 0. Written by the writer with release, read by others with acquire. */
    private int newest;

    // The writer's.
    private long levelBits = LEVEL_SEED;
    private int keyLengthMax;

    /** Where the value of the node that was added last goes. */
    private ByteBuffer valueTarget;

    private int valueAt;

    Nodes(Arena arena) {
        this.arena = arena;
    }

    /** The node put last, or 0: head of the chain. */
    int newest() {
        return (int) NEWEST.getAcquire(this);
    }

    /** Bytes of the longest key; the writer's. */
    int keyLengthMax() {
        return keyLengthMax;
    }

    /**
     * Writes a node but for its value, see {@link #putValue}; nobody sees it yet.
     *
     * @param older the next older version of the key, or 0 when there is none or it is not known
     */
    int add(byte[] key, int keyLength, long prefix, long tag, int valueLength, int older) {
        int levels = nextLevels();
        int before = (levels - 1) * Long.BYTES;
        int shape = older == NodeLayout.NONE ? 0 : NodeLayout.OLDER_FLAG;
        int head = NodeLayout.payload(0, shape);
        int keyRest = NodeLayout.keyRest(keyLength);
        boolean large = before + head + keyRest + valueLength > arena.nodeBytesMax();
        shape |= large ? NodeLayout.LARGE_FLAG : valueLength;
        int node = arena.allocate(before, head + (large ? NodeLayout.LARGE_PAYLOAD_BYTES : keyRest + valueLength));
        ByteBuffer chunk = arena.buffer(node);
        int base = arena.base(node);
        ByteBuffer target = chunk;
        int payload = base + head;
        if (large) {
            int number = arena.allocateLarge(keyRest + valueLength);
            chunk.putInt(payload, number);
            chunk.putInt(payload + Integer.BYTES, valueLength);
            target = arena.large(number).bytes();
            payload = 0;
        }
        putKeyRest(target, payload, key, keyLength);
        valueTarget = target;
        valueAt = payload + keyRest;
        chunk.putLong(base, NodeLayout.pending(levels, newest));
        chunk.putLong(base + NodeLayout.PREFIX_OFFSET, NodeLayout.flip(prefix));
        chunk.putLong(base + NodeLayout.TAG_OFFSET, tag);
        chunk.putInt(base + NodeLayout.SHAPE_OFFSET, shape);
        chunk.putShort(base + NodeLayout.KEY_LENGTH_OFFSET, (short) keyLength);
        if (older != NodeLayout.NONE) {
            chunk.putInt(base + NodeLayout.OLDER_OFFSET, older);
        }
        return node;
    }

    /** Reserves what {@link #add} takes at most. */
    void reserve(long commit, int keyLength, int valueLength, int besides) {
        int most = NODE_BYTES_BEFORE_MAX + NodeLayout.payload(0, NodeLayout.OLDER_FLAG);
        int payload = NodeLayout.keyRest(keyLength) + valueLength;
        boolean maybeLarge = most + payload > arena.nodeBytesMax();
        boolean surelyLarge = NodeLayout.payload(0, 0) + payload > arena.nodeBytesMax();
        int inChunk = surelyLarge ? 0 : payload;
        arena.reserve(commit, besides + most + Math.max(inChunk, NodeLayout.LARGE_PAYLOAD_BYTES) + Long.BYTES);
        if (maybeLarge) {
            arena.reserveLarge(payload);
        }
    }

    /** Writes the value of the node that was added last. */
    void putValue(byte[] value, int from, int length) {
        valueTarget.put(valueAt, value, from, length);
    }

    /** Most keys are so short that a call for their bytes in bulk costs more than this. */
    private static void putKeyRest(ByteBuffer target, int payload, byte[] key, int keyLength) {
        int offset = payload - Long.BYTES;
        int at = Long.BYTES;
        if (keyLength > KEY_BYTES_BY_WORD) {
            target.put(payload, key, at, keyLength - at);
            return;
        }
        for (; at + Long.BYTES <= keyLength; at += Long.BYTES) {
            target.putLong(offset + at, (long) LONG_LE.get(key, at));
        }
        for (; at < keyLength; at++) {
            target.put(offset + at, key[at]);
        }
    }

    /** Makes a node the newest. */
    void publish(int node, int keyLength) {
        keyLengthMax = Math.max(keyLengthMax, keyLength);
        NEWEST.setRelease(this, node);
    }

    /** Forgets all nodes. Requires: no reader and no writer is left. */
    void clear() {
        NEWEST.setRelease(this, NodeLayout.NONE);
    }

    /** The pending word of a node that is not in order yet. */
    long pending(int node) {
        return arena.buffer(node).getLong(arena.base(node));
    }

    /** The node's tag. */
    long tag(int node) {
        return NodeLayout.tag(arena.buffer(node), arena.base(node));
    }

    /** Bytes of the node's key. */
    int keyLength(int node) {
        return NodeLayout.keyLength(arena.buffer(node), arena.base(node));
    }

    /** Puts the node's key together in {@code target}, which has room for it and for at least 8 bytes. */
    int copyKey(int node, byte[] target) {
        ByteBuffer chunk = arena.buffer(node);
        int base = arena.base(node);
        int length = NodeLayout.keyLength(chunk, base);
        LONG_BE.set(target, 0, NodeLayout.flip(NodeLayout.prefix(chunk, base)));
        if (length > Long.BYTES) {
            payloadBytes(chunk, base).get(payloadStart(chunk, base), target, Long.BYTES, length - Long.BYTES);
        }
        return length;
    }

    /** The node's key in an array of its own. */
    byte[] key(int node) {
        int length = keyLength(node);
        byte[] key = new byte[Math.max(length, Long.BYTES)];
        copyKey(node, key);
        return key.length == length ? key : Arrays.copyOf(key, length);
    }

    /** {@link KeyHash} of the node's key; {@code scratch} is large enough for {@link #copyKey}. */
    long hash(int node, byte[] scratch) {
        int length = copyKey(node, scratch);
        return KeyHash.of(scratch, length);
    }

    /** 8 key bytes from {@code from} on as a number that orders unsigned, with zeros behind the key's end. */
    long keyWord(int node, int from) {
        ByteBuffer chunk = arena.buffer(node);
        int base = arena.base(node);
        int length = NodeLayout.keyLength(chunk, base);
        long word = 0;
        int at = from;
        if (from < Long.BYTES) {
            word = NodeLayout.flip(NodeLayout.prefix(chunk, base)) << (from * Byte.SIZE);
            at = Long.BYTES;
        }
        if (from == 0 || length <= at) {
            return word;
        }
        ByteBuffer bytes = payloadBytes(chunk, base);
        int rest = payloadStart(chunk, base) - Long.BYTES;
        if (from >= Long.BYTES && from + Long.BYTES <= length) {
            return Long.reverseBytes(bytes.getLong(rest + from));
        }
        for (int end = Math.min(length, from + Long.BYTES); at < end; at++) {
            word |= (bytes.get(rest + at) & 0xFFL) << (Long.SIZE - Byte.SIZE - (at - from) * Byte.SIZE);
        }
        return word;
    }

    /** True when the node's key is the given one. */
    boolean hasKey(int node, byte[] key, int keyLength, long prefix) {
        ByteBuffer chunk = arena.buffer(node);
        int base = arena.base(node);
        return NodeLayout.prefix(chunk, base) == NodeLayout.flip(prefix)
                && NodeLayout.keyLength(chunk, base) == keyLength
                && (keyLength <= Long.BYTES || compareRest(chunk, base, key, keyLength, keyLength) == 0);
    }

    /** Orders a node against (key, tag): key ascending, tag descending. */
    int compare(int node, byte[] key, int keyLength, long flipped, long tag) {
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

    /** Orders two nodes: key ascending, tag descending. */
    int compare(int one, int other) {
        ByteBuffer oneChunk = arena.buffer(one);
        int oneBase = arena.base(one);
        ByteBuffer otherChunk = arena.buffer(other);
        int otherBase = arena.base(other);
        int order = Long.compare(NodeLayout.prefix(oneChunk, oneBase), NodeLayout.prefix(otherChunk, otherBase));
        if (order == 0) {
            order = compareRest(oneChunk, oneBase, otherChunk, otherBase);
        }
        return order != 0
                ? order
                : Long.compareUnsigned(NodeLayout.tag(otherChunk, otherBase), NodeLayout.tag(oneChunk, oneBase));
    }

    /** Orders the keys of two nodes with the same prefix. */
    private int compareRest(ByteBuffer oneChunk, int oneBase, ByteBuffer otherChunk, int otherBase) {
        int oneLength = NodeLayout.keyLength(oneChunk, oneBase);
        int otherLength = NodeLayout.keyLength(otherChunk, otherBase);
        int common = Math.min(oneLength, otherLength) - Long.BYTES;
        if (common > 0) {
            ByteBuffer oneBytes = payloadBytes(oneChunk, oneBase);
            int oneFrom = payloadStart(oneChunk, oneBase);
            ByteBuffer otherBytes = payloadBytes(otherChunk, otherBase);
            int otherFrom = payloadStart(otherChunk, otherBase);
            int at = 0;
            for (; at + Long.BYTES <= common; at += Long.BYTES) {
                long mine = oneBytes.getLong(oneFrom + at);
                long theirs = otherBytes.getLong(otherFrom + at);
                if (mine != theirs) {
                    return Long.compareUnsigned(Long.reverseBytes(mine), Long.reverseBytes(theirs));
                }
            }
            for (; at < common; at++) {
                int difference = (oneBytes.get(oneFrom + at) & 0xFF) - (otherBytes.get(otherFrom + at) & 0xFF);
                if (difference != 0) {
                    return difference;
                }
            }
        }
        return oneLength - otherLength;
    }

    /** Orders a node's key against another with the same prefix. */
    private int compareRest(ByteBuffer chunk, int base, byte[] key, int keyLength, int nodeKeyLength) {
        ByteBuffer bytes = payloadBytes(chunk, base);
        int from = payloadStart(chunk, base) - Long.BYTES;
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

    private ByteBuffer payloadBytes(ByteBuffer chunk, int base) {
        return NodeLayout.isLarge(chunk, base)
                ? arena.large(NodeLayout.largeNumber(chunk, base)).bytes()
                : chunk;
    }

    private static int payloadStart(ByteBuffer chunk, int base) {
        return NodeLayout.isLarge(chunk, base) ? 0 : NodeLayout.payload(chunk, base);
    }

    /** Levels of the next node: each further one with a chance of one in four (xorshift64). */
    private int nextLevels() {
        long bits = levelBits;
        bits ^= bits << 13;
        bits ^= bits >>> 7;
        bits ^= bits << 17;
        levelBits = bits;
        return Math.min(NodeLayout.HEIGHT_MAX, 1 + (Long.numberOfTrailingZeros(bits) >>> 1));
    }
}
