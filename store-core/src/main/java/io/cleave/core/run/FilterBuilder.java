package io.cleave.core.run;

/**
 * Builds the filter pages of a run from the hashes and positions of its keys. Collecting takes 16 bytes a key, {@link
 * #build} as much as the pages.
 *
 * <p>Belongs to one thread.
 */
final class FilterBuilder {
    /** Hash and position of a key, and its part of the pages. */
    private static final long POINT_INDEX_KEY_BYTES = 2 * Long.BYTES + 10;

    private static final long BLOOM_KEY_BYTES = Long.BYTES + 2;

    private final FilterKind kind;
    private final LongList hashes = new LongList();
    private final LongList positions = new LongList();

    /** Heap that the collecting and the building for a number of keys take together, at most. */
    static long heapBytes(FilterKind kind, long keys) {
        return switch (kind) {
            case NONE -> 0;
            case POINT_INDEX -> POINT_INDEX_KEY_BYTES * keys;
            case BLOOM -> BLOOM_KEY_BYTES * keys;
        };
    }

    FilterBuilder(FilterKind kind) {
        this.kind = kind;
    }

    /** See {@link #heapBytes(FilterKind, long)}. */
    long heapBytes() {
        return heapBytes(kind, hashes.size());
    }

    /** Whether keys have to be added at all. */
    boolean isActive() {
        return kind != FilterKind.NONE;
    }

    /** Adds a key; the position is kept only where the filter has any. */
    void add(long hash, long position) {
        hashes.add(hash);
        if (kind == FilterKind.POINT_INDEX) {
            positions.add(position);
        }
    }

    /** Largest position so far; 0 when none is kept. They grow with the keys. */
    long lastPosition() {
        return positions.size() == 0 ? 0 : positions.get(positions.size() - 1);
    }

    /** Replaces each position by the ordinal of the block it lies in. */
    void toOrdinals(LongList blockOffsets) {
        int block = 0;
        for (long i = 0; i < positions.size(); i++) {
            while (block + 1 < blockOffsets.size() && blockOffsets.get(block + 1L) <= positions.get(i)) {
                block++;
            }
            positions.set(i, block);
        }
    }

    /** The pages, without their checksums. */
    byte[][] build() {
        long pages = switch (kind) {
            case NONE -> 0;
            case POINT_INDEX -> PointIndexFormat.pages(hashes.size());
            case BLOOM -> BloomFormat.pages(hashes.size());
        };
        byte[][] built = new byte[Math.toIntExact(pages)][];
        for (int i = 0; i < built.length; i++) {
            built[i] = new byte[PageFormat.PAGE_BYTES];
        }
        long cells = pages * PageFormat.CELLS;
        for (long i = 0; i < hashes.size(); i++) {
            if (kind == FilterKind.POINT_INDEX) {
                insert(built, cells, hashes.get(i), (int) positions.get(i));
            } else {
                setBits(built, cells, hashes.get(i));
            }
        }
        return built;
    }

    /** Puts a slot into the first bucket with room, and marks each full one it passes. */
    private static void insert(byte[][] pages, long cells, long hash, int position) {
        long cell = PageFormat.cell(hash, cells);
        while (true) {
            byte[] page = pages[(int) (cell / PageFormat.CELLS)];
            int at = (int) (cell % PageFormat.CELLS) * PageFormat.CELL_BYTES;
            int count = page[at + PointIndexFormat.COUNT_OFFSET];
            if (count < PointIndexFormat.SLOTS) {
                int slot = at + PointIndexFormat.FINGERPRINTS_OFFSET + Short.BYTES * count;
                LittleEndian.putShort(page, slot, PointIndexFormat.fingerprint(hash));
                LittleEndian.putInt(page, at + PointIndexFormat.POSITIONS_OFFSET + Integer.BYTES * count, position);
                page[at + PointIndexFormat.COUNT_OFFSET] = (byte) (count + 1);
                return;
            }
            int bit = PointIndexFormat.overflowBit(hash);
            page[at + PointIndexFormat.OVERFLOW_OFFSET + bit / 8] |= (byte) (1 << bit % 8);
            cell = cell + 1 == cells ? 0 : cell + 1;
        }
    }

    private static void setBits(byte[][] pages, long cells, long hash) {
        long cell = PageFormat.cell(hash, cells);
        byte[] page = pages[(int) (cell / PageFormat.CELLS)];
        int at = (int) (cell % PageFormat.CELLS) * PageFormat.CELL_BYTES;
        long probes = BloomFormat.probes(hash);
        for (int i = 0; i < BloomFormat.PROBES; i++) {
            int bit = (int) (probes >>> (BloomFormat.PROBE_BITS * i)) & (BloomFormat.CELL_BITS - 1);
            page[at + bit / 8] |= (byte) (1 << bit % 8);
        }
    }
}
