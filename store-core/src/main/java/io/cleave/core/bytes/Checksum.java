package io.cleave.core.bytes;

import java.util.zip.CRC32C;

/**
 * CRC-32C bound to a place: the checksum of bytes at one offset of one file never fits the same bytes elsewhere, so a
 * misplaced block or a stale buffer is found. Stateless, thread-safe. Heap arrays only.
 */
public final class Checksum {
    private Checksum() {}

    /**
     * Checksum of {@code length} bytes that stand at {@code offset} of the file with identity {@code fileSeed}. The 8
     * little-endian bytes of seed + offset * odd constant are hashed first, then the bytes.
     */
    public static int at(long fileSeed, long offset, byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        begin(crc, fileSeed, offset);
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }

    /** The beginning of {@link #at}: what follows in {@code crc} are the bytes at that place, in as many pieces as it takes. */
    public static void begin(CRC32C crc, long fileSeed, long offset) {
        long place = fileSeed + offset * 0x9E37_79B9_7F4A_7C15L;
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            crc.update((int) (place >>> shift) & 0xFF);
        }
    }
}
