package io.cleave.route;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.bytes.OrderWord;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Long2LongHashMap;

/**
 * An immutable snapshot of a key map for searching: 8-byte words of the lower keys side by side, taken behind what all of them
 * start with, the keys themselves, and the slots. Thread-safe.
 */
public final class Route {
    private static final int ABSENT = -1;

    private final KeyMap map;
    /** What all lower keys but the first, which is empty, start with. */
    private final byte[] common;

    /** The 8 bytes of each lower key behind what is common. */
    private final long[] words;

    private final byte[][] lowers;
    private final SegmentSlot[] slots;
    /** Segment id to position. Filled by the constructor, only read afterwards. */
    private final Long2LongHashMap positions = new Long2LongHashMap(ABSENT);

    private Route(KeyMap map, SegmentSlot[] slots) {
        this.map = map;
        this.slots = slots;
        this.words = new long[slots.length];
        this.lowers = new byte[slots.length][];
        for (int i = 0; i < slots.length; i++) {
            positions.put(slots[i].segmentId(), i);
            lowers[i] = map.ranges().get(i).lower();
        }
        this.common = common(lowers);
        for (int i = 1; i < slots.length; i++) {
            words[i] = word(lowers[i]);
        }
    }

    /** A route with fresh slots, nothing loaded. */
    public static Route of(KeyMap map) {
        SegmentSlot[] slots = new SegmentSlot[map.ranges().size()];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = new SegmentSlot(map.ranges().get(i).segmentId(), map.bounds(i));
        }
        return new Route(map, slots);
    }

    /** The route after {@code count} slots from {@code position} on were replaced; the others are shared. */
    public Route replace(KeyMap next, int position, int count, List<SegmentSlot> replacement) {
        List<SegmentSlot> all = new ArrayList<>(List.of(slots).subList(0, position));
        all.addAll(replacement);
        all.addAll(List.of(slots).subList(position + count, slots.length));
        return new Route(next, all.toArray(new SegmentSlot[0]));
    }

    /** The key map it was made from. */
    public KeyMap map() {
        return map;
    }

    /** Number of slots. */
    public int size() {
        return slots.length;
    }

    /** The slot at a position. */
    public SegmentSlot slot(int position) {
        return slots[position];
    }

    /** Position of a segment's slot, or -1. */
    public int positionOf(long segmentId) {
        return (int) positions.get(segmentId);
    }

    /** The slot that holds a key. */
    public SegmentSlot find(byte[] key, long prefix) {
        return slots[position(key, prefix)];
    }

    /**
     * Position of the slot that holds a key: the last whose lower key is not above it.
     *
     * @param prefix {@link KeyOrder#prefix} of the key
     */
    public int position(byte[] key, long prefix) {
        int low = 0;
        int high = slots.length - 1;
        if (high == 0) {
            return 0;
        }
        long wanted = common.length == 0 ? prefix ^ Long.MIN_VALUE : word(key);
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (isAtOrBelow(middle, wanted, key)) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private boolean isAtOrBelow(int slot, long wanted, byte[] key) {
        long lower = words[slot];
        return lower < wanted || (lower == wanted && KeyOrder.compare(lowers[slot], key) <= 0);
    }

    /** Sign bit flipped, so that a signed comparison orders as an unsigned one. */
    private long word(byte[] key) {
        return OrderWord.of(key, key.length, common) ^ Long.MIN_VALUE;
    }

    private static byte[] common(byte[][] lowers) {
        if (lowers.length < 2) {
            return new byte[0];
        }
        // They ascend: what the lowest and the highest share all do.
        return OrderWord.common(lowers[1], lowers[lowers.length - 1]);
    }
}
