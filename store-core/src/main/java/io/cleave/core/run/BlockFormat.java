package io.cleave.core.run;

import io.cleave.core.entry.EntryLimits;

/**
 * The frame of a data block: body, then a trailer of {@value #TRAILER_BYTES} bytes. The body is entries, then the
 * restart array; it may be compressed. Authority: docs/format/run.md, "Data block". Stateless, thread-safe.
 */
final class BlockFormat {
    static final int RAW_LENGTH_OFFSET = 0;
    static final int ENTRIES_OFFSET = RAW_LENGTH_OFFSET + Integer.BYTES;
    static final int ENCODING_OFFSET = ENTRIES_OFFSET + Short.BYTES;
    static final int RESERVED_OFFSET = ENCODING_OFFSET + Byte.BYTES;
    static final int CRC_OFFSET = RESERVED_OFFSET + Byte.BYTES;
    static final int TRAILER_BYTES = CRC_OFFSET + Integer.BYTES;

    /** Width of an element of the restart array. */
    static final int RESTART_BYTES = Short.BYTES;

    /** Shortest block: one entry, one restart, the trailer. */
    static final int BLOCK_BYTES_MIN = EntryFormat.ENTRY_BYTES_MIN + RESTART_BYTES + TRAILER_BYTES;

    /** Longest body before compression: a full block and one entry of the largest size. */
    static final int RAW_BYTES_MAX = EntryLimits.VALUE_BYTES_MAX + 4 * 65_536;

    /** The body is stored as it is. */
    static final byte ENCODING_RAW = 0;

    /** The body is one LZ4 block. */
    static final byte ENCODING_LZ4 = 1;

    /** A compressed byte stands for no more than this many. */
    static final int LZ4_EXPANSION_MAX = 255;

    private BlockFormat() {}

    /** Elements of the restart array of a block. */
    static int restarts(int entries, int restartInterval) {
        return (entries + restartInterval - 1) / restartInterval;
    }

    /** Writes the trailer behind a body that starts at index 0 of {@code target}. */
    static void encodeTrailer(byte[] target, int stored, int rawLength, int entries, byte encoding) {
        LittleEndian.putInt(target, stored + RAW_LENGTH_OFFSET, rawLength);
        LittleEndian.putShort(target, stored + ENTRIES_OFFSET, entries);
        target[stored + ENCODING_OFFSET] = encoding;
        target[stored + RESERVED_OFFSET] = 0;
    }

    /** Writes the checksum of body and trailer. */
    static void encodeChecksum(byte[] target, int stored, long seed, long offset) {
        int crcAt = stored + CRC_OFFSET;
        LittleEndian.putInt(target, crcAt, PieceChecksum.of(seed, offset, target, 0, crcAt));
    }
}
