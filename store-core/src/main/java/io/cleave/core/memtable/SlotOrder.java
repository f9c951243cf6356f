package io.cleave.core.memtable;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.bytes.OrderWord;
import java.util.Arrays;

/**
 * What a slot tells about the order of the node it links: 4 key bytes. They are those behind a prefix that the keys are
 * expected to share, because those before it tell nothing.
 *
 * <p>Shape: a signed long whose low half is 0. Keys in order have orders that never fall; equal orders say nothing.
 * Keys below all that start with the prefix have the least order, keys above them the greatest: a wrong expectation
 * costs time only.
 *
 * <p>Immutable.
 */
final class SlotOrder {
    private final byte[] shared;

    /** The prefix by 8 bytes, and which bits of the last 8 belong to it. */
    private final long[] sharedWords;

    private final long lastMask;

    /** @param shared what the keys are expected to start with; not copied */
    SlotOrder(byte[] shared) {
        this.shared = shared;
        sharedWords = new long[(shared.length + Long.BYTES - 1) / Long.BYTES];
        for (int i = 0; i < sharedWords.length; i++) {
            int from = i * Long.BYTES;
            byte[] rest = Arrays.copyOfRange(shared, from, Math.min(shared.length, from + Long.BYTES));
            sharedWords[i] = KeyOrder.prefix(rest, rest.length);
        }
        int lastBytes = shared.length % Long.BYTES;
        lastMask = lastBytes == 0 ? -1L : -1L << (Long.SIZE - lastBytes * Byte.SIZE);
    }

    /** The order of a key with the given flipped prefix. */
    long of(byte[] key, int keyLength, long flipped) {
        long order = shared.length == 0 ? flipped : NodeLayout.flip(OrderWord.of(key, keyLength, shared));
        return order & NodeLayout.SLOT_ORDER_MASK;
    }

    /** The order of a node: that of its key. */
    long of(Nodes nodes, int node) {
        for (int i = 0; i < sharedWords.length; i++) {
            long word = nodes.keyWord(node, i * Long.BYTES) & (i == sharedWords.length - 1 ? lastMask : -1L);
            if (word != sharedWords[i]) {
                return Long.compareUnsigned(word, sharedWords[i]) < 0 ? NodeLayout.SLOT_HEAD : NodeLayout.SLOT_END;
            }
        }
        return NodeLayout.flip(nodes.keyWord(node, shared.length)) & NodeLayout.SLOT_ORDER_MASK;
    }
}
