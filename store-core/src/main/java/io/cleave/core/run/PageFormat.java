package io.cleave.core.run;

/**
 * A page of a point index or bloom filter: {@value #CELLS} cells of {@value #CELL_BYTES} bytes, one cache line each,
 * and a trailer of the same size that ends in a checksum. The last page is a whole one too. Authority:
 * docs/format/run.md, "Filter pages". Stateless, thread-safe.
 */
final class PageFormat {
    static final int PAGE_BYTES = 4096;
    static final int CELL_BYTES = 64;
    static final int CELLS = PAGE_BYTES / CELL_BYTES - 1;
    static final int CRC_OFFSET = PAGE_BYTES - Integer.BYTES;

    private PageFormat() {}

    /** Where pages may start at or after an offset: no cell lies in two cache lines. */
    static long align(long offset) {
        return (offset + CELL_BYTES - 1) & -CELL_BYTES;
    }

    /** Pages that hold a number of cells. */
    static long pages(long cells) {
        return (cells + CELLS - 1) / CELLS;
    }

    /** The cell of a hash: its upper half scaled to the number of cells, which is below 2^31. */
    static long cell(long hash, long cells) {
        return ((hash >>> 32) * cells) >>> 32;
    }

    /** Start of a cell, from the start of the first page. */
    static long cellAt(long cell) {
        return (cell + cell / CELLS) * CELL_BYTES;
    }

    static void encodeChecksum(byte[] page, long seed, long offset) {
        LittleEndian.putInt(page, CRC_OFFSET, PieceChecksum.of(seed, offset, page, 0, CRC_OFFSET));
    }
}
