package io.cleave.core.memtable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Where the fields of a node stand. Little-endian; offsets count from the node's base, a multiple of 8.
 *
 * <table>
 *   <caption>Node</caption>
 *   <tr><th>offset</th><th>bytes</th><th>field</th><th>meaning</th></tr>
 *   <tr><td>-8 * level</td><td>8</td><td>slot</td><td>link to the next node of this level, see below; while the
 *     node is not in order yet, slot 0 is its pending word</td></tr>
 *   <tr><td>8</td><td>8</td><td>prefix</td><td>first 8 key bytes as a number, sign bit flipped: orders as
 *     signed</td></tr>
 *   <tr><td>16</td><td>8</td><td>tag</td><td>sequence number * 256 + kind, unsigned</td></tr>
 *   <tr><td>24</td><td>4</td><td>shape</td><td>bit 31: the payload is large; bit 30: there is an older version; the
 *     others: bytes of the value, unless the payload is large</td></tr>
 *   <tr><td>28</td><td>4</td><td>back</td><td>reference of a node before this one, nearly always the last
 *     such</td></tr>
 *   <tr><td>32</td><td>2</td><td>keyLength</td><td>bytes of the key, unsigned</td></tr>
 *   <tr><td>34</td><td>0 or 4</td><td>older</td><td>reference of the next older version of the key, when shape says
 *     that there is one</td></tr>
 *   <tr><td>34 or 38</td><td>n</td><td>payload</td><td>key bytes from the 9th on, then the value; when large, 8
 *     bytes: the number of the large region that holds both, and the bytes of the value</td></tr>
 * </table>
 *
 * <p>A slot holds the next node's reference in its low half and that node's {@link SlotOrder} in its high half, so that
 * most comparisons of a descent never touch the node they compare with. The end of a level is {@link #SLOT_END}: the
 * greatest order, reference 0. A pending word holds the reference of the node put before this one in its low half and
 * the number of levels in its high half.
 *
 * <p>Access modes: slots and back are written by release and read by acquire once the node is in order; before that
 * only whoever brings it there touches them. All else is written before the node is published and never again.
 * Stateless.
 */
final class NodeLayout {
    static final int PREFIX_OFFSET = Long.BYTES;
    static final int TAG_OFFSET = PREFIX_OFFSET + Long.BYTES;
    static final int SHAPE_OFFSET = TAG_OFFSET + Long.BYTES;
    static final int BACK_OFFSET = SHAPE_OFFSET + Integer.BYTES;
    static final int KEY_LENGTH_OFFSET = BACK_OFFSET + Integer.BYTES;
    static final int OLDER_OFFSET = KEY_LENGTH_OFFSET + Short.BYTES;

    /** Bytes of a large node's payload: number of the region, bytes of the value. */
    static final int LARGE_PAYLOAD_BYTES = 2 * Integer.BYTES;

    /** Most levels a node has. With one node of four at the next level, enough for 16 million entries. */
    static final int HEIGHT_MAX = 12;

    /** Reference of no node. */
    static final int NONE = 0;

    /** Slot of the last node of a level. */
    static final long SLOT_END = 0x7FFF_FFFFL << Integer.SIZE;

    /** Order of the head: not above that of any node. */
    static final long SLOT_HEAD = Long.MIN_VALUE;

    /** High half of a slot: the order of nodes as far as the slot tells it. */
    static final long SLOT_ORDER_MASK = -1L << Integer.SIZE;

    /** Set in the shape when key and value stand in a large region. */
    static final int LARGE_FLAG = Integer.MIN_VALUE;

    /** Set in the shape when there is an older version. */
    static final int OLDER_FLAG = 1 << 30;

    /** Above every tag: a search for it ends on the newest version of a key. */
    static final long TAG_MAX = -1L;

    private static final int KIND_BITS = Byte.SIZE;
    private static final int VALUE_LENGTH_MASK = OLDER_FLAG - 1;

    /** Brings {@link #OLDER_FLAG} down to the bytes that the reference takes. */
    private static final int OLDER_SHIFT =
            Integer.numberOfTrailingZeros(OLDER_FLAG) - Integer.numberOfTrailingZeros(Integer.BYTES);

    private static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private NodeLayout() {}

    /** The link to a node. */
    static long slot(long order, int reference) {
        assert (int) order == 0 && reference > 0 : order + " " + reference;
        return order | reference;
    }

    /** A key prefix in the form in which signed comparison orders it. */
    static long flip(long prefix) {
        return prefix ^ Long.MIN_VALUE;
    }

    /** Sequence number and kind as one number, unsigned. */
    static long tag(long sequence, byte kind) {
        return (sequence << KIND_BITS) | (kind & 0xFF);
    }

    /** Sequence number in a tag; the kind is its low byte. */
    static long sequence(long tag) {
        return tag >>> KIND_BITS;
    }

    static long slotAcquire(ByteBuffer chunk, int base, int level) {
        return (long) LONGS.getAcquire(chunk, base - level * Long.BYTES);
    }

    static void slotRelease(ByteBuffer chunk, int base, int level, long slot) {
        LONGS.setRelease(chunk, base - level * Long.BYTES, slot);
    }

    static int backAcquire(ByteBuffer chunk, int base) {
        return (int) INTS.getAcquire(chunk, base + BACK_OFFSET);
    }

    static void backRelease(ByteBuffer chunk, int base, int reference) {
        INTS.setRelease(chunk, base + BACK_OFFSET, reference);
    }

    static long prefix(ByteBuffer chunk, int base) {
        return chunk.getLong(base + PREFIX_OFFSET);
    }

    static long tag(ByteBuffer chunk, int base) {
        return chunk.getLong(base + TAG_OFFSET);
    }

    static int keyLength(ByteBuffer chunk, int base) {
        return chunk.getShort(base + KEY_LENGTH_OFFSET) & 0xFFFF;
    }

    static int valueLength(ByteBuffer chunk, int base) {
        int shape = chunk.getInt(base + SHAPE_OFFSET);
        return shape < 0 ? chunk.getInt(payload(base, shape) + Integer.BYTES) : shape & VALUE_LENGTH_MASK;
    }

    static boolean isLarge(ByteBuffer chunk, int base) {
        return chunk.getInt(base + SHAPE_OFFSET) < 0;
    }

    /** Number of the large region of a node that has one. */
    static int largeNumber(ByteBuffer chunk, int base) {
        return chunk.getInt(payload(chunk, base));
    }

    /** Where the payload begins in the chunk. */
    static int payload(ByteBuffer chunk, int base) {
        return payload(base, chunk.getInt(base + SHAPE_OFFSET));
    }

    /** Where the payload of a node of the given shape begins. */
    static int payload(int base, int shape) {
        return base + OLDER_OFFSET + ((shape & OLDER_FLAG) >>> OLDER_SHIFT);
    }

    /** The next older version of the node's key, or {@link #NONE}. */
    static int older(ByteBuffer chunk, int base) {
        boolean has = (chunk.getInt(base + SHAPE_OFFSET) & OLDER_FLAG) != 0;
        return has ? chunk.getInt(base + OLDER_OFFSET) : NONE;
    }

    /** The pending word of a node that is not in order yet. */
    static long pending(int levels, int previous) {
        return ((long) levels << Integer.SIZE) | previous;
    }

    /** Levels in the pending word. */
    static int pendingLevels(long pending) {
        return (int) (pending >>> Integer.SIZE);
    }

    /** Node put before, in the pending word. */
    static int pendingPrevious(long pending) {
        return (int) pending;
    }

    /** Bytes of the key that the prefix does not hold. */
    static int keyRest(int keyLength) {
        return Math.max(0, keyLength - Long.BYTES);
    }
}
