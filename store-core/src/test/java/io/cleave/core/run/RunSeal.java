package io.cleave.core.run;

import io.cleave.core.storage.StoreIdentity;

/**
 * Makes the checksums of a run fit its bytes again, so that a reader gets past them to what they protect. Follows what the
 * bytes themselves say as far as it lies within the file.
 */
public final class RunSeal {
    private final byte[] file;
    private final long seed;

    private RunSeal(byte[] file) {
        this.file = file;
        this.seed = new RunIdentity(
                        new StoreIdentity(
                                LittleEndian.getLong(file, RunHeaderFormat.STORE_HIGH_OFFSET),
                                LittleEndian.getLong(file, RunHeaderFormat.STORE_LOW_OFFSET)),
                        LittleEndian.getInt(file, RunHeaderFormat.INDEX_ID_OFFSET),
                        LittleEndian.getLong(file, RunHeaderFormat.SEGMENT_ID_OFFSET),
                        LittleEndian.getLong(file, RunHeaderFormat.RUN_NUMBER_OFFSET))
                .seed();
    }

    /** Seals the bytes in place. */
    public static void seal(byte[] file) {
        if (file.length >= RunHeaderFormat.LENGTH + RunFooterFormat.LENGTH) {
            new RunSeal(file).seal();
        }
    }

    private void seal() {
        checksum(0, RunHeaderFormat.CRC_OFFSET);
        int footer = file.length - RunFooterFormat.LENGTH;
        checksum(footer, footer + RunFooterFormat.CRC_OFFSET);
        part(footer, RunFooterFormat.PROPERTIES_OFFSET_OFFSET, RunFooterFormat.PROPERTIES_LENGTH_OFFSET);
        part(footer, RunFooterFormat.INDEX_OFFSET_OFFSET, RunFooterFormat.INDEX_LENGTH_OFFSET);
        long filter = LittleEndian.getLong(file, footer + RunFooterFormat.FILTER_OFFSET_OFFSET);
        long filterLength = LittleEndian.getLong(file, footer + RunFooterFormat.FILTER_LENGTH_OFFSET);
        if (isWithin(filter, filterLength)) {
            for (long at = filter; at + PageFormat.PAGE_BYTES <= filter + filterLength; at += PageFormat.PAGE_BYTES) {
                checksum(at, at + PageFormat.CRC_OFFSET);
            }
        }
        blocks(footer);
    }

    private void blocks(int footer) {
        long index = LittleEndian.getLong(file, footer + RunFooterFormat.INDEX_OFFSET_OFFSET);
        int blocks = LittleEndian.getInt(file, footer + RunFooterFormat.BLOCKS_OFFSET);
        if (blocks < 1 || !isWithin(index, (long) IndexFormat.BLOCK_BYTES * blocks)) {
            return;
        }
        long offsets = index + 8L * blocks;
        for (int i = 0; i < blocks; i++) {
            long start = LittleEndian.getLong(file, (int) (offsets + 8L * i));
            long end = i + 1 < blocks ? LittleEndian.getLong(file, (int) (offsets + 8L * (i + 1))) : index;
            if (start >= 0 && end > start && end <= file.length && end - start >= BlockFormat.TRAILER_BYTES) {
                checksum(start, end - Integer.BYTES);
            }
        }
        part(footer, RunFooterFormat.INDEX_OFFSET_OFFSET, RunFooterFormat.INDEX_LENGTH_OFFSET);
    }

    private void part(int footer, int offsetField, int lengthField) {
        long offset = LittleEndian.getLong(file, footer + offsetField);
        long length = LittleEndian.getLong(file, footer + lengthField);
        if (isWithin(offset, length) && length > Integer.BYTES) {
            checksum(offset, offset + length - Integer.BYTES);
        }
    }

    private boolean isWithin(long offset, long length) {
        return offset >= 0 && length >= 0 && offset <= file.length && length <= file.length - offset;
    }

    private void checksum(long from, long at) {
        LittleEndian.putInt(file, (int) at, PieceChecksum.of(seed, from, file, (int) from, (int) (at - from)));
    }
}
