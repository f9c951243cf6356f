package io.cleave.core.run;

import io.cleave.core.storage.PageCache;
import io.cleave.core.storage.Region;

/**
 * The filter pages of a run where they are mapped. A page is checked when it is first used.
 *
 * <p>Thread-safe: the marks of checked pages are plain bytes, and a race costs a second check.
 */
final class FilterPages {
    private final RunFile file;
    private final Region region;
    private final long start;
    private final long cells;
    /** By page: 0 until it was found right, then {@link PageCache#mark} of the time when it was last known to be in memory. */
    private final byte[] checked;

    FilterPages(RunFile file) {
        this.file = file;
        this.region = file.region();
        this.start = file.footer().filterOffset();
        this.checked = new byte[(int) (file.footer().filterLength() / PageFormat.PAGE_BYTES)];
        this.cells = (long) checked.length * PageFormat.CELLS;
    }

    /** Number of cells, all pages together. */
    long cells() {
        return cells;
    }

    int pages() {
        return checked.length;
    }

    /** File offset of a cell, whose page is right. */
    long cellOffset(long cell) {
        int page = (int) (cell / PageFormat.CELLS);
        if (checked[page] != PageCache.mark()) {
            touch(page);
        }
        return start + (cell + page) * PageFormat.CELL_BYTES;
    }

    /** Checks a page now, whether or not it was checked before. */
    void checkPage(int page) {
        long offset = start + (long) page * PageFormat.PAGE_BYTES;
        file.checkPiece(offset, offset + PageFormat.CRC_OFFSET, "filter page");
        checked[page] = PageCache.mark();
    }

    /** A page that may not be in memory, or was never looked at. */
    private void touch(int page) {
        region.warm(start + (long) page * PageFormat.PAGE_BYTES, PageFormat.PAGE_BYTES);
        if (checked[page] == 0) {
            checkPage(page);
        }
        checked[page] = PageCache.mark();
    }

    /** Slots that are taken in all buckets of a point index. */
    long slotsTaken() {
        long taken = 0;
        for (long cell = 0; cell < cells; cell++) {
            long at = cellOffset(cell);
            int count = region.getByte(at + PointIndexFormat.COUNT_OFFSET) & 0xFF;
            if (count > PointIndexFormat.SLOTS) {
                throw file.corrupt(at, "slots taken", "at most " + PointIndexFormat.SLOTS, count);
            }
            taken += count;
        }
        return taken;
    }

    /** Whether a point index leads a hash to a position. */
    boolean leadsTo(long hash, long position) {
        long cell = PageFormat.cell(hash, cells);
        for (long passed = 0; passed < cells; passed++) {
            long at = cellOffset(cell);
            for (int slot = 0; slot < PointIndexFormat.SLOTS; slot++) {
                int fingerprint = region.getUnsignedShort(at + PointIndexFormat.FINGERPRINTS_OFFSET + 2L * slot);
                int found = region.getInt(at + PointIndexFormat.POSITIONS_OFFSET + 4L * slot);
                if (fingerprint == PointIndexFormat.fingerprint(hash) && Integer.toUnsignedLong(found) == position) {
                    return true;
                }
            }
            if (!PointIndexFormat.overflowed(region.getLong(at + 16), PointIndexFormat.overflowBit(hash))) {
                return false;
            }
            cell = cell + 1 == cells ? 0 : cell + 1;
        }
        return false;
    }

    /** Whether a bloom filter may hold a hash. */
    boolean mayContain(long hash) {
        long at = cellOffset(PageFormat.cell(hash, cells));
        long probes = BloomFormat.probes(hash);
        for (int i = 0; i < BloomFormat.PROBES; i++) {
            int bit = (int) probes & (BloomFormat.CELL_BITS - 1);
            if ((region.getLong(at + (bit >>> 6) * 8L) >>> bit & 1) == 0) {
                return false;
            }
            probes >>>= BloomFormat.PROBE_BITS;
        }
        return true;
    }
}
