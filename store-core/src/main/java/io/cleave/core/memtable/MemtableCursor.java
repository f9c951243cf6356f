package io.cleave.core.memtable;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryCursor;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A position among the entries of a memtable. Weakly consistent: shows what was put before it moved and perhaps what is
 * put meanwhile, always in order.
 *
 * <p>Ownership: holds nothing; the memtable must not be freed while it moves. Belongs to one thread at a time.
 */
final class MemtableCursor implements EntryCursor {
    private static final VarHandle LONG_BE = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final int KEY_ROOM = 32;
    private static final int KEY_NOT_COPIED = NodeLayout.NONE;

    private final Arena arena;
    private final SkipList list;
    private byte[] key = new byte[KEY_ROOM];

    /** Node whose key stands in {@link #key}. */
    private int keyNode = KEY_NOT_COPIED;

    private int node = NodeLayout.NONE;
    private ByteBuffer chunk;
    private int base;

    MemtableCursor(Arena arena, SkipList list) {
        this.arena = arena;
        this.list = list;
    }

    @Override
    public boolean first() {
        return moveTo(list.first());
    }

    @Override
    public boolean last() {
        return moveTo(list.last());
    }

    @Override
    public boolean seek(byte[] target, int targetLength) {
        long prefix = KeyOrder.prefix(target, targetLength);
        return moveTo(list.seek(target, targetLength, prefix, NodeLayout.TAG_MAX));
    }

    @Override
    public boolean next() {
        assert isOnEntry();
        return moveTo((int) NodeLayout.slotAcquire(chunk, base, 0));
    }

    @Override
    public boolean previous() {
        assert isOnEntry();
        return moveTo(list.previous(node));
    }

    @Override
    public int keyLength() {
        assert isOnEntry();
        return NodeLayout.keyLength(chunk, base);
    }

    @Override
    public long keyPrefix() {
        assert isOnEntry();
        return NodeLayout.flip(NodeLayout.prefix(chunk, base));
    }

    @Override
    public byte[] key() {
        assert isOnEntry();
        if (keyNode != node) {
            copyKey();
            keyNode = node;
        }
        return key;
    }

    @Override
    public long sequence() {
        assert isOnEntry();
        return NodeLayout.sequence(NodeLayout.tag(chunk, base));
    }

    @Override
    public byte kind() {
        assert isOnEntry();
        return (byte) NodeLayout.tag(chunk, base);
    }

    @Override
    public int valueLength() {
        assert isOnEntry();
        return NodeLayout.valueLength(chunk, base);
    }

    @Override
    public void copyValue(int from, byte[] target, int at, int length) {
        assert isOnEntry();
        assert from >= 0 && length >= 0 && from + length <= valueLength() : from + " + " + length;
        int keyRest = NodeLayout.keyRest(NodeLayout.keyLength(chunk, base));
        payload().get(payloadOffset() + keyRest + from, target, at, length);
    }

    /** Unpositions the cursor; it holds nothing that had to be returned. */
    @Override
    public void close() {
        node = NodeLayout.NONE;
        keyNode = KEY_NOT_COPIED;
        chunk = null;
    }

    private boolean moveTo(int reference) {
        node = reference;
        if (reference == NodeLayout.NONE) {
            return false;
        }
        chunk = arena.buffer(reference);
        base = arena.base(reference);
        return true;
    }

    /** Puts the key together from the node's prefix and the rest of it. */
    private void copyKey() {
        int length = NodeLayout.keyLength(chunk, base);
        if (length > key.length) {
            key = new byte[Math.max(length, key.length * 2)];
        }
        LONG_BE.set(key, 0, NodeLayout.flip(NodeLayout.prefix(chunk, base)));
        if (length > Long.BYTES) {
            payload().get(payloadOffset(), key, Long.BYTES, length - Long.BYTES);
        }
    }

    private ByteBuffer payload() {
        return NodeLayout.isLarge(chunk, base)
                ? arena.large(NodeLayout.largeNumber(chunk, base)).bytes()
                : chunk;
    }

    private int payloadOffset() {
        return NodeLayout.isLarge(chunk, base) ? 0 : base + NodeLayout.PAYLOAD_OFFSET;
    }

    private boolean isOnEntry() {
        return node != NodeLayout.NONE;
    }
}
