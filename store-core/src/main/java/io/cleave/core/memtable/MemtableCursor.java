package io.cleave.core.memtable;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.bytes.OrderWord;
import io.cleave.core.entry.EntryCursor;
import java.nio.ByteBuffer;

/**
 * A position among the entries of a memtable. Weakly consistent: shows what was put before {@link #first}, {@link
 * #last} or {@link #seek} last placed it and perhaps what is put meanwhile, always in order.
 *
 * <p>Ownership: holds nothing; the memtable must not be freed while it moves. Belongs to one thread at a time. Placing
 * it may take the lock of {@link MemtableOrder}; a step to the next or the previous entry takes none.
 */
final class MemtableCursor extends EntryCursor {
    private static final int KEY_ROOM = 32;
    private static final int KEY_NOT_COPIED = NodeLayout.NONE;

    private final Arena arena;
    private final Nodes nodes;
    private final MemtableOrder order;
    private byte[] key = new byte[KEY_ROOM];

    /** Node whose key stands in {@link #key}. */
    private int keyNode = KEY_NOT_COPIED;

    private int node = NodeLayout.NONE;
    private ByteBuffer chunk;
    private int base;

    /** All nodes in order, or null: then the list has it. */
    private final int[] sorted;

    /** Place of {@link #node} in {@link #sorted}. */
    private int at;

    MemtableCursor(Arena arena, Nodes nodes, MemtableOrder order) {
        this(arena, nodes, order, null);
    }

    /** @param sorted all nodes in order, if they are known */
    MemtableCursor(Arena arena, Nodes nodes, MemtableOrder order, int[] sorted) {
        this.arena = arena;
        this.nodes = nodes;
        this.order = order;
        this.sorted = sorted;
    }

    @Override
    public boolean first() {
        return sorted == null ? moveTo(order.complete().first()) : moveToPlace(0);
    }

    @Override
    public boolean last() {
        return sorted == null ? moveTo(order.complete().last()) : moveToPlace(sorted.length - 1);
    }

    @Override
    public boolean land(byte[] target, int targetLength) {
        long prefix = KeyOrder.prefix(target, targetLength);
        if (sorted != null) {
            return moveToPlace(firstNotBelow(target, targetLength, NodeLayout.flip(prefix)));
        }
        return moveTo(order.complete().seek(target, targetLength, prefix, NodeLayout.TAG_MAX));
    }

    @Override
    public boolean next() {
        assert isOnEntry();
        return sorted == null ? moveTo((int) NodeLayout.slotAcquire(chunk, base, 0)) : moveToPlace(at + 1);
    }

    @Override
    public boolean previous() {
        assert isOnEntry();
        return sorted == null ? moveTo(order.list().previous(node)) : moveToPlace(at - 1);
    }

    @Override
    public byte[] key() {
        assert isOnEntry();
        if (keyNode != node) {
            copyKey(keyLength());
            keyNode = node;
        }
        return key;
    }

    @Override
    public void copyKey(byte[] target) {
        System.arraycopy(key(), 0, target, 0, keyLength());
    }

    /** Versions of a key may follow, or come. */
    @Override
    public boolean leavesKey() {
        return false;
    }

    /** Unknown: a key that comes may start otherwise. */
    @Override
    public byte[] sharedPrefix() {
        return null;
    }

    @Override
    protected void reorder() {
        node = NodeLayout.NONE;
    }

    @Override
    public void copyValue(int from, byte[] target, int at, int length) {
        assert isOnEntry();
        assert from >= 0 && length >= 0 && from + length <= valueLength() : from + " + " + length;
        int keyRest = NodeLayout.keyRest(NodeLayout.keyLength(chunk, base));
        if (NodeLayout.isLarge(chunk, base)) {
            ByteBuffer large = arena.large(NodeLayout.largeNumber(chunk, base)).bytes();
            large.get(keyRest + from, target, at, length);
        } else {
            chunk.get(NodeLayout.payload(chunk, base) + keyRest + from, target, at, length);
        }
    }

    /** Unpositions the cursor; it holds nothing that had to be returned. */
    @Override
    public void close() {
        node = NodeLayout.NONE;
        keyNode = KEY_NOT_COPIED;
        chunk = null;
    }

    private boolean moveToPlace(int place) {
        at = place;
        return moveTo(place >= 0 && place < sorted.length ? sorted[place] : NodeLayout.NONE);
    }

    private int firstNotBelow(byte[] target, int targetLength, long flipped) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (nodes.compare(sorted[middle], target, targetLength, flipped, NodeLayout.TAG_MAX) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private boolean moveTo(int reference) {
        node = reference;
        if (reference == NodeLayout.NONE) {
            return false;
        }
        chunk = arena.buffer(reference);
        base = arena.base(reference);
        long tag = NodeLayout.tag(chunk, base);
        standAt(NodeLayout.sequence(tag), (byte) tag);
        int keyLength = NodeLayout.keyLength(chunk, base);
        if (prefix().length == 0) {
            stand(NodeLayout.flip(NodeLayout.prefix(chunk, base)), keyLength, NodeLayout.valueLength(chunk, base));
        } else {
            copyKey(keyLength);
            keyNode = reference;
            stand(OrderWord.of(key, keyLength, prefix()), keyLength, NodeLayout.valueLength(chunk, base));
        }
        return true;
    }

    private void copyKey(int length) {
        if (length > key.length) {
            key = new byte[Math.max(length, key.length * 2)];
        }
        nodes.copyKey(node, key);
    }

    private boolean isOnEntry() {
        return node != NodeLayout.NONE;
    }
}
