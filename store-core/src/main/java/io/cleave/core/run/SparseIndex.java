package io.cleave.core.run;

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

    /** Set once the bytes were found right; a race costs a second check. */
    private boolean checked;

    SparseIndex(RunFile file) {
        this.file = file;
        this.region = file.region();
        this.blocks = file.footer().blocks();
        this.prefixesAt = file.footer().indexOffset();
        this.offsetsAt = prefixesAt + IndexFormat.offsetsAt(blocks);
        this.endsAt = prefixesAt + IndexFormat.endsAt(blocks);
        this.separatorsAt = prefixesAt + IndexFormat.separatorsAt(blocks);
    }

    int blocks() {
        return blocks;
    }

    /**
     * Ordinal of the only block that can hold the newest version of a key; {@link #blocks} when the key is above all.
     */
    int blockOfKey(byte[] key, int keyLength, long prefix) {
        requireChecked();
        int low = 0;
        int high = blocks;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (region.getLong(prefixesAt + 8L * middle) + Long.MIN_VALUE < prefix + Long.MIN_VALUE) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if (low == blocks || region.getLong(prefixesAt + 8L * low) != prefix) {
            return low;
        }
        high = blocks;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (isBelow(middle, key, keyLength, prefix)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
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
        checked = true;
    }

    private void requireChecked() {
        if (!checked) {
            check();
        }
    }

    private boolean isBelow(int ordinal, byte[] key, int keyLength, long prefix) {
        if (region.getLong(prefixesAt + 8L * ordinal) != prefix) {
            return false;
        }
        long start = separatorStart(ordinal);
        return region.compare(separatorsAt + start, (int) (separatorEnd(ordinal) - start), key, keyLength) < 0;
    }

    private long separatorStart(int ordinal) {
        return ordinal == 0 ? 0 : separatorEnd(ordinal - 1);
    }

    private long separatorEnd(int ordinal) {
        return Integer.toUnsignedLong(region.getInt(endsAt + 4L * ordinal));
    }
}
