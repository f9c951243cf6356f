package io.cleave.core.run;

import io.cleave.core.bytes.OrderWord;
import io.cleave.core.storage.Region;

/**
 * The sparse index where it is mapped: finds the block of a key or of a file offset by binary search. Checked as a
 * whole when it is first used, checksum and structure. Authority: docs/format/run.md, "Sparse index".
 *
 * <p>Thread-safe: two threads may check it at the same time, with the same outcome.
 */
final class SparseIndex {
    private final RunFile file;
    private final Region region;
    private final int blocks;
    private final long prefixesAt;
    private final long offsetsAt;
    private final long endsAt;
    private final long separatorsAt;

    /** What all keys start with. */
    private final byte[] shared;

    private final boolean onePerKey;

    /** Set once the bytes were found right; a race costs a second check. */
    private Top top;

    SparseIndex(RunFile file) {
        this.file = file;
        this.region = file.region();
        this.blocks = file.footer().blocks();
        this.prefixesAt = file.footer().indexOffset();
        this.offsetsAt = prefixesAt + IndexFormat.offsetsAt(blocks);
        this.endsAt = prefixesAt + IndexFormat.endsAt(blocks);
        this.separatorsAt = prefixesAt + IndexFormat.separatorsAt(blocks);
        RunProperties properties = file.properties();
        this.shared = OrderWord.common(properties.smallestKey(), properties.largestKey());
        this.onePerKey = properties.entries() == properties.distinctKeys();
    }

    int blocks() {
        return blocks;
    }

    /** What all keys of the run start with; not to be changed. */
    byte[] sharedPrefix() {
        return shared;
    }

    /** True when no two entries of the run share a key. */
    boolean isOnePerKey() {
        return onePerKey;
    }

    /** A key's word behind the shared prefix. */
    long word(byte[] key, int keyLength, long prefix) {
        return shared.length == 0 ? prefix : OrderWord.of(key, keyLength, shared);
    }

    /**
     * Ordinal of the only block that can hold the newest version of a key; {@link #blocks} when the key is above all.
     *
     * @param word {@link #word} of the key
     */
    int blockOfKey(byte[] key, int keyLength, long word) {
        Top top = checkedTop();
        long[] words = top.words;
        int group = firstNotBelow(words, 0, word);
        if (group == words.length) {
            return blocks;
        }
        int low = group << top.shift;
        int high = low;
        if (words[group] == word) {
            int above = word == OrderWord.ABOVE ? words.length : firstNotBelow(words, group, word + 1);
            high = above == words.length ? blocks : top.lastOf(above, blocks);
        } else if (top.shift > 0) {
            high = top.lastOf(group, blocks);
        }
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (isBelow(middle, key, keyLength)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /**
     * Where in its block a key probably stands, as if words were spread evenly between the separators.
     *
     * @param word {@link #word} of the key, for which {@link #blockOfKey} gave the block
     * @return part of the block that lies before it, below 1
     */
    double guess(int ordinal, long word) {
        Top found = checkedTop();
        if (found.shift > 0 || ordinal == 0) {
            return 0.5;
        }
        long before = found.words[ordinal - 1];
        double width = (double) ((found.words[ordinal] - before) >>> 1) + 1;
        double place = (double) ((word - before) >>> 1);
        return Math.min(place / width, 0.999);
    }

    /** Ordinal of the block that holds the byte at an offset within the data. */
    int blockOfOffset(long offset) {
        requireChecked();
        int low = 0;
        int high = blocks - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (region.getLong(offsetsAt + 8L * middle) <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** File offset of a block. */
    long blockStart(int ordinal) {
        requireChecked();
        return region.getLong(offsetsAt + 8L * ordinal);
    }

    /** File offset after a block. */
    long blockEnd(int ordinal) {
        requireChecked();
        return ordinal + 1 < blocks ? region.getLong(offsetsAt + 8L * (ordinal + 1)) : file.dataEnd();
    }

    /** First 8 bytes of a block's separator. */
    long prefix(int ordinal) {
        return region.getLong(prefixesAt + 8L * ordinal);
    }

    /** A copy of a block's separator. */
    byte[] separator(int ordinal) {
        requireChecked();
        long start = separatorStart(ordinal);
        byte[] copy = new byte[(int) (separatorEnd(ordinal) - start)];
        region.copyTo(separatorsAt + start, copy, 0, copy.length);
        return copy;
    }

    /** File offset of a block's separator. */
    long separatorOffset(int ordinal) {
        return separatorsAt + separatorStart(ordinal);
    }

    /** Checks checksum and structure now, whether or not they were checked before. */
    void check() {
        long crcOffset = prefixesAt + file.footer().indexLength() - IndexFormat.CRC_BYTES;
        file.checkPiece(prefixesAt, crcOffset, "sparse index");
        long blockStart = RunHeaderFormat.LENGTH;
        long separatorStart = 0;
        for (int i = 0; i < blocks; i++) {
            long start = region.getLong(offsetsAt + 8L * i);
            if (i == 0 ? start != blockStart : start < blockStart) {
                throw file.corrupt(offsetsAt + 8L * i, "block offset", "at least " + blockStart, start);
            }
            blockStart = start + BlockFormat.BLOCK_BYTES_MIN;
            if (blockStart > file.dataEnd()) {
                throw file.corrupt(offsetsAt + 8L * i, "end of block", "at most " + file.dataEnd(), blockStart);
            }
            long end = separatorEnd(i);
            if (end <= separatorStart || end - separatorStart > 0xFFFF || separatorsAt + end > crcOffset) {
                throw file.corrupt(endsAt + 4L * i, "end of separator", "above " + separatorStart, end);
            }
            separatorStart = end;
        }
        if (separatorsAt + separatorStart != crcOffset) {
            throw file.corrupt(crcOffset, "end of separators", crcOffset, separatorsAt + separatorStart);
        }
        top = sample();
    }

    private void requireChecked() {
        if (top == null) {
            check();
        }
    }

    private Top checkedTop() {
        Top found = top;
        if (found == null) {
            check();
            found = top;
        }
        return found;
    }

    private Top sample() {
        int shift = 0;
        while ((long) (blocks >>> shift) * Long.BYTES > file.properties().entries()) {
            shift++;
        }
        long[] words = new long[((blocks - 1) >>> shift) + 1];
        Top made = new Top(words, shift);
        byte[] separator = new byte[64];
        for (int i = 0; i < words.length; i++) {
            int block = made.lastOf(i, blocks);
            long start = separatorStart(block);
            int length = (int) (separatorEnd(block) - start);
            if (separator.length < length) {
                separator = new byte[length];
            }
            region.copyTo(separatorsAt + start, separator, 0, length);
            words[i] = OrderWord.of(separator, length, shared);
        }
        return made;
    }

    /** First place from {@code from} on whose word is not below the given one. */
    private static int firstNotBelow(long[] words, int from, long word) {
        long wanted = word + Long.MIN_VALUE;
        int low = from;
        int high = words.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (words[middle] + Long.MIN_VALUE < wanted) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private boolean isBelow(int ordinal, byte[] key, int keyLength) {
        long start = separatorStart(ordinal);
        return region.compare(separatorsAt + start, (int) (separatorEnd(ordinal) - start), key, keyLength) < 0;
    }

    private long separatorStart(int ordinal) {
        return ordinal == 0 ? 0 : separatorEnd(ordinal - 1);
    }

    private long separatorEnd(int ordinal) {
        return Integer.toUnsignedLong(region.getInt(endsAt + 4L * ordinal));
    }

    /**
     * Words of separators, on the heap: of each block, or where entries are so large that this would take more than a byte
     * for each, of the last block of each group. A record, so that a thread that sees it sees what is in it.
     *
     * @param words word of the last separator of each group
     * @param shift a group is {@code 1 << shift} blocks
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Top(long[] words, int shift) {
        int lastOf(int group, int blocks) {
            return Math.min(((group + 1) << shift) - 1, blocks - 1);
        }
    }
}
