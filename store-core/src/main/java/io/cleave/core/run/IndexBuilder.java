package io.cleave.core.run;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.error.StoreException;
import java.util.Arrays;

/**
 * Collects the sparse index of a run: for each block its offset and a separator, the shortest key found that is not
 * below the block's last key and below the next block's first one.
 *
 * <p>Belongs to one thread. {@code LimitReached} when the index would pass 2 GiB.
 */
final class IndexBuilder {
    private static final int INDEX_BYTES_MAX = Integer.MAX_VALUE - 64;

    /** Offset, prefix and end of a separator. */
    private static final long COLLECTED_BLOCK_BYTES = 3 * Long.BYTES;

    /** The separators, up to twice as much room as they need, and the encoded index. */
    private static final long COPIES = 3;

    private final LongList offsets = new LongList();
    private final LongList prefixes = new LongList();
    private final LongList ends = new LongList();
    private byte[] separators = new byte[1024];
    private int length;

    /**
     * Heap that an index takes while it is collected and encoded, at most.
     *
     * @param indexBytes of the encoded index
     */
    static long heapBytes(long blocks, long indexBytes) {
        return COLLECTED_BLOCK_BYTES * blocks + COPIES * indexBytes;
    }

    /** See {@link #heapBytes(long, long)}. */
    long heapBytes() {
        return heapBytes(offsets.size(), bytes());
    }

    /** A block that starts at a file offset. */
    void addBlock(long offset) {
        offsets.add(offset);
    }

    /** The keys on both sides of the border between two blocks; they are equal when a key's versions go on. */
    void addBorder(byte[] last, int lastLength, byte[] next, int nextLength) {
        int common = Arrays.mismatch(last, 0, lastLength, next, 0, nextLength);
        if (common < 0) {
            addSeparator(last, lastLength);
        } else if (nextLength > common + 1) {
            addSeparator(next, common + 1);
        } else if (common < lastLength && (last[common] & 0xFF) + 1 < (next[common] & 0xFF)) {
            byte[] between = Arrays.copyOf(last, common + 1);
            between[common]++;
            addSeparator(between, common + 1);
        } else {
            addSeparator(last, lastLength);
        }
    }

    /** The last key of all. */
    void addEnd(byte[] last, int lastLength) {
        addSeparator(last, lastLength);
    }

    LongList offsets() {
        return offsets;
    }

    int blocks() {
        return Math.toIntExact(offsets.size());
    }

    /** Bytes of the index so far. */
    long bytes() {
        return offsets.size() * IndexFormat.BLOCK_BYTES + length + IndexFormat.CRC_BYTES;
    }

    /** The index as it stands at {@code offset} of the file. */
    byte[] encode(long seed, long offset) {
        assert prefixes.size() == offsets.size() : "each block has a separator";
        if (bytes() > INDEX_BYTES_MAX) {
            throw new StoreException.LimitReached(
                    "sparse index of a run: at most " + INDEX_BYTES_MAX + " bytes, asked for " + bytes());
        }
        int blocks = blocks();
        byte[] target = new byte[(int) bytes()];
        int at = 0;
        for (int i = 0; i < blocks; i++, at += IndexFormat.PREFIX_BYTES) {
            LittleEndian.putLong(target, at, prefixes.get(i));
        }
        for (int i = 0; i < blocks; i++, at += IndexFormat.OFFSET_BYTES) {
            LittleEndian.putLong(target, at, offsets.get(i));
        }
        for (int i = 0; i < blocks; i++, at += IndexFormat.END_BYTES) {
            LittleEndian.putInt(target, at, (int) ends.get(i));
        }
        System.arraycopy(separators, 0, target, at, length);
        at += length;
        LittleEndian.putInt(target, at, PieceChecksum.of(seed, offset, target, 0, at));
        return target;
    }

    private void addSeparator(byte[] key, int keyLength) {
        if (length + (long) keyLength > INDEX_BYTES_MAX) {
            throw new StoreException.LimitReached("separators of a run: at most " + INDEX_BYTES_MAX + " bytes");
        }
        if (length + keyLength > separators.length) {
            long room = Math.max(2L * separators.length, (long) length + keyLength);
            separators = Arrays.copyOf(separators, (int) Math.min(room, INDEX_BYTES_MAX));
        }
        System.arraycopy(key, 0, separators, length, keyLength);
        length += keyLength;
        prefixes.add(KeyOrder.prefix(key, keyLength));
        ends.add(length);
    }
}
