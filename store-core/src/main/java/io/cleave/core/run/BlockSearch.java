package io.cleave.core.run;

import io.cleave.core.bytes.Checksum;
import java.util.zip.CRC32C;

/**
 * Finds data blocks in a part of a run of which no index tells where they are. A block's checksum is bound to the run and to the
 * place where the block starts, so one that holds proves where a block starts and ends.
 *
 * <p>Blocks follow each other without a gap, so where one ends the next is looked for first. Behind a damaged one there are two
 * ways on: the trailer of a block that is not compressed tells its length; for a compressed one each place is tried as a start,
 * with ends up to {@value #REACH_BYTES} bytes behind it. The bytes that are looked at are bounded, whatever the file says.
 *
 * <p>Belongs to one thread; one for each run.
 */
final class BlockSearch {
    /** How far behind a guessed start a compressed block may end. */
    static final int REACH_BYTES = 96 << 10;

    /** Bytes that are looked at for checksums besides those of each block that is found. */
    private static final long GUESSED_BYTES_MAX = 4L << 30;

    /** Places that may be the end of a block: more than in any run, unless somebody made them. */
    private static final long ENDS_MAX = 1 << 22;

    /** A part of a file. */
    record Extent(long start, long end) {}

    private final SalvageReader reader;
    private final long seed;
    private final Compression compression;
    /** Offsets of checksums behind what looks like a trailer, ascending. */
    private LongList ends = new LongList();

    private long limit;
    private long budget = GUESSED_BYTES_MAX;

    /**
     * Looks for blocks.
     *
     * @param compression how the run stores blocks; null when that is not known
     */
    BlockSearch(SalvageReader reader, long seed, Compression compression) {
        this.reader = reader;
        this.seed = seed;
        this.compression = compression;
    }

    /** Looks at a part for what may be ends of blocks; {@link #next} looks in it from then on. */
    void over(long from, long to) {
        ends = new LongList();
        limit = Math.min(to, reader.length());
        long at = from + BlockFormat.BLOCK_BYTES_MIN - BlockFormat.TRAILER_BYTES;
        while (at + BlockFormat.TRAILER_BYTES <= limit && ends.size() < ENDS_MAX) {
            int window = reader.load(at, 4096);
            int last = reader.windowEnd() - BlockFormat.TRAILER_BYTES;
            if (window < 0 || last < window) {
                at += 4096;
                continue;
            }
            int usable = (int) Math.min(last, limit - BlockFormat.TRAILER_BYTES - at + window);
            collect(at - window, window, usable);
            at += usable - window + 1;
        }
    }

    /** Collects what looks like a trailer between two places of the window. */
    private void collect(long base, int from, int last) {
        byte[] window = reader.window();
        for (int i = from; i <= last; i++) {
            if (window[i + BlockFormat.RESERVED_OFFSET] != 0) {
                continue;
            }
            if (LittleEndian.getLong(window, i) == 0) {
                // Nor does a length that is not zero start at the next four places.
                i += Integer.BYTES;
                continue;
            }
            byte encoding = window[i + BlockFormat.ENCODING_OFFSET];
            boolean packed = encoding == BlockFormat.ENCODING_LZ4 && compression != Compression.NONE;
            boolean known = packed || encoding == BlockFormat.ENCODING_RAW;
            int rawLength = LittleEndian.getInt(window, i);
            if (known
                    && rawLength > 0
                    && rawLength <= BlockFormat.RAW_BYTES_MAX
                    && LittleEndian.getUnsignedShort(window, i + BlockFormat.ENTRIES_OFFSET) > 0
                    && ends.size() < ENDS_MAX) {
                ends.add(base + i + BlockFormat.CRC_OFFSET);
            }
        }
    }

    /**
     * The first block that starts at or above an offset.
     *
     * @param from where a block starts if nothing is damaged
     * @return null when there is none, or none was found in the bounds
     */
    Extent next(long from) {
        long end = endOf(from, limit);
        if (end >= 0) {
            return new Extent(from, end);
        }
        Extent plain = nextPlain(from + 1);
        Extent packed =
                compression == Compression.NONE ? null : nextPacked(from + 1, plain == null ? limit : plain.start());
        return packed == null ? plain : packed;
    }

    /** The first block behind an offset whose trailer tells its length. */
    private Extent nextPlain(long from) {
        Extent first = null;
        for (long i = firstEnd(from); i < ends.size() && budget > 0; i++) {
            long crcOffset = ends.get(i);
            long trailer = crcOffset - BlockFormat.CRC_OFFSET;
            if (first != null && trailer >= first.end()) {
                break;
            }
            int window = reader.load(trailer, BlockFormat.TRAILER_BYTES);
            if (window < 0
                    || reader.windowEnd() - window < BlockFormat.TRAILER_BYTES
                    || reader.window()[window + BlockFormat.ENCODING_OFFSET] != BlockFormat.ENCODING_RAW) {
                continue;
            }
            long start = trailer - LittleEndian.getInt(reader.window(), window + BlockFormat.RAW_LENGTH_OFFSET);
            boolean below = start >= from && (first == null || start < first.start());
            if (below && holds(start, crcOffset)) {
                first = new Extent(start, crcOffset + Integer.BYTES);
            }
        }
        return first;
    }

    private Extent nextPacked(long from, long to) {
        long at = from;
        while (at < to && budget > 0) {
            long i = firstEnd(at + BlockFormat.BLOCK_BYTES_MIN - Integer.BYTES);
            if (i == ends.size()) {
                return null;
            }
            // Nothing ends within reach of the places before.
            at = Math.max(at, ends.get(i) - REACH_BYTES);
            long end = endOf(at, Math.min(limit, at + REACH_BYTES));
            if (end >= 0) {
                return new Extent(at, end);
            }
            at++;
        }
        return null;
    }

    /** Index of the first end at or above an offset. */
    private long firstEnd(long offset) {
        long low = 0;
        long high = ends.size();
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (ends.get(middle) < offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private boolean holds(long start, long crcOffset) {
        return endOf(start, crcOffset + Integer.BYTES, firstEnd(crcOffset)) >= 0;
    }

    private long endOf(long start, long to) {
        return endOf(start, to, firstEnd(start + BlockFormat.BLOCK_BYTES_MIN - Integer.BYTES));
    }

    /** Where the block that starts at an offset ends, at one of the places that may be an end; -1 when there is none. */
    private long endOf(long start, long to, long firstEnd) {
        CRC32C crc = new CRC32C();
        long pieceAt = start;
        long done = start;
        restart(crc, seed, pieceAt);
        for (long i = firstEnd; i < ends.size() && budget > 0; i++) {
            long crcOffset = ends.get(i);
            if (crcOffset + Integer.BYTES > to) {
                return -1;
            }
            while (done < crcOffset) {
                if (done == pieceAt + PieceChecksum.PIECE_BYTES) {
                    pieceAt = done;
                    restart(crc, seed + Integer.toUnsignedLong((int) crc.getValue()), pieceAt);
                }
                int more = (int) (Math.min(crcOffset, pieceAt + PieceChecksum.PIECE_BYTES) - done);
                int window = reader.load(done, more);
                if (window < 0 || reader.windowEnd() - window < more) {
                    return -1;
                }
                crc.update(reader.window(), window, more);
                done += more;
                budget -= more;
            }
            if (isChecksum(crcOffset, (int) crc.getValue())) {
                budget += crcOffset - start;
                return crcOffset + Integer.BYTES;
            }
        }
        return -1;
    }

    private boolean isChecksum(long crcOffset, int checksum) {
        int window = reader.load(crcOffset, Integer.BYTES);
        return window >= 0
                && reader.windowEnd() - window >= Integer.BYTES
                && LittleEndian.getInt(reader.window(), window) == checksum;
    }

    private static void restart(CRC32C crc, long pieceSeed, long offset) {
        crc.reset();
        Checksum.begin(crc, pieceSeed, offset);
    }
}
