package io.cleave.core.run;

import io.cleave.core.bytes.Checksum;
import io.cleave.core.storage.Region;

/**
 * Checksum of a part of a run of any length, taken in pieces of {@value #PIECE_BYTES} bytes so that checking it needs a
 * small buffer only. Each piece's seed is the run's seed plus the unsigned checksum of the piece before; the checksum
 * of the last piece is that of the part. Authority: docs/format/run.md, "Checksums". Stateless, thread-safe.
 */
final class PieceChecksum {
    /** Longest piece. */
    static final int PIECE_BYTES = 65_536;

    /** What a thread keeps: pages and common blocks fit. Longer parts are checked once, when they are first met. */
    private static final int KEPT_BYTES = 8_192;

    /** A stale byte in it can't pass for a good one: the checksum is bound to the place. */
    private static final ThreadLocal<byte[]> SCRATCH = ThreadLocal.withInitial(() -> new byte[KEPT_BYTES]);

    private PieceChecksum() {}

    /** Checksum of heap bytes that stand, or will stand, at {@code offset} of the file. */
    static int of(long seed, long offset, byte[] bytes, int from, int length) {
        int checksum = 0;
        int done = 0;
        do {
            int piece = Math.min(PIECE_BYTES, length - done);
            checksum = Checksum.at(seed + Integer.toUnsignedLong(checksum), offset + done, bytes, from + done, piece);
            done += piece;
        } while (done < length);
        return checksum;
    }

    /** Checksum of mapped bytes, by way of a copy on the heap. */
    static int of(long seed, Region region, long offset, long length) {
        byte[] scratch = length <= KEPT_BYTES ? SCRATCH.get() : new byte[(int) Math.min(PIECE_BYTES, length)];
        int checksum = 0;
        long done = 0;
        do {
            int piece = (int) Math.min(PIECE_BYTES, length - done);
            region.copyTo(offset + done, scratch, 0, piece);
            checksum = Checksum.at(seed + Integer.toUnsignedLong(checksum), offset + done, scratch, 0, piece);
            done += piece;
        } while (done < length);
        return checksum;
    }
}
