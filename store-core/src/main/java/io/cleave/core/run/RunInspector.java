package io.cleave.core.run;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Shows a run as fields and offsets, for tools and tests. Lists are read on demand and belong to the caller.
 *
 * <p>Ownership: borrows the run, which must stay open. Belongs to one thread. Errors: as the run's reads.
 */
public final class RunInspector {
    private final RunFile file;
    private final SparseIndex index;
    private final RunBlocks blocks;

    /** Looks at an open run. */
    public RunInspector(Run run) {
        this.file = run.file();
        this.index = run.index();
        this.blocks = run.blocks();
    }

    /**
     * A field of the header, the properties or the footer.
     *
     * @param offset file offset
     * @param bytes length
     * @param name name in docs/format/run.md
     * @param value what it holds, as a number or as text; a key is in hex
     */
    public record Field(long offset, int bytes, String name, Object value) {}

    /**
     * A data block.
     *
     * @param ordinal number of the block
     * @param offset file offset
     * @param storedBytes length in the file, trailer included
     * @param rawBytes length of the body before compression
     * @param entries entries
     * @param compressed whether the body is compressed
     * @param firstKey key of the first entry
     * @param separator the block's separator in the sparse index
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Block(
            int ordinal,
            long offset,
            long storedBytes,
            int rawBytes,
            int entries,
            boolean compressed,
            byte[] firstKey,
            byte[] separator) {}

    /** The header's fields. */
    public List<Field> header() {
        RunIdentity identity = file.header().identity();
        RunOptions options = file.header().options();
        List<Field> fields = new ArrayList<>();
        fields.add(new Field(RunHeaderFormat.MAGIC_OFFSET, 8, "magic", "CLEAVRUN"));
        fields.add(new Field(RunHeaderFormat.VERSION_OFFSET, 4, "version", RunHeaderFormat.VERSION));
        fields.add(new Field(RunHeaderFormat.INDEX_ID_OFFSET, 4, "indexId", identity.indexId()));
        fields.add(new Field(
                RunHeaderFormat.STORE_HIGH_OFFSET,
                8,
                "storeHigh",
                identity.store().high()));
        fields.add(new Field(
                RunHeaderFormat.STORE_LOW_OFFSET,
                8,
                "storeLow",
                identity.store().low()));
        fields.add(new Field(RunHeaderFormat.SEGMENT_ID_OFFSET, 8, "segmentId", identity.segmentId()));
        fields.add(new Field(RunHeaderFormat.RUN_NUMBER_OFFSET, 8, "runNumber", identity.runNumber()));
        fields.add(new Field(RunHeaderFormat.COMPRESSION_OFFSET, 1, "compression", options.compression()));
        fields.add(new Field(RunHeaderFormat.FILTER_OFFSET, 1, "filter", options.filter()));
        int interval = options.compression().restartInterval();
        fields.add(new Field(RunHeaderFormat.RESTART_INTERVAL_OFFSET, 2, "restartInterval", interval));
        fields.add(new Field(RunHeaderFormat.BLOCK_BYTES_OFFSET, 4, "blockBytes", options.blockBytes()));
        fields.add(new Field(RunHeaderFormat.RESERVED_OFFSET, 4, "reserved", 0));
        fields.add(new Field(RunHeaderFormat.CRC_OFFSET, 4, "crc", intAt(RunHeaderFormat.CRC_OFFSET)));
        return fields;
    }

    /** The properties' fields. */
    public List<Field> properties() {
        RunProperties found = file.properties();
        long base = file.footer().propertiesOffset();
        int smallest = found.smallestKey().length;
        int largest = found.largestKey().length;
        long keys = base + RunPropertiesFormat.KEYS_OFFSET;
        List<Field> fields = new ArrayList<>();
        fields.add(new Field(base + RunPropertiesFormat.ENTRIES_OFFSET, 8, "entries", found.entries()));
        fields.add(new Field(base + RunPropertiesFormat.DISTINCT_KEYS_OFFSET, 8, "distinctKeys", found.distinctKeys()));
        fields.add(new Field(base + RunPropertiesFormat.TOMBSTONES_OFFSET, 8, "tombstones", found.tombstones()));
        fields.add(new Field(base + RunPropertiesFormat.KEY_BYTES_OFFSET, 8, "keyBytes", found.keyBytes()));
        fields.add(new Field(base + RunPropertiesFormat.VALUE_BYTES_OFFSET, 8, "valueBytes", found.valueBytes()));
        long sequences = base + RunPropertiesFormat.SMALLEST_SEQUENCE_OFFSET;
        fields.add(new Field(sequences, 8, "smallestSequence", found.smallestSequence()));
        fields.add(new Field(sequences + 8, 8, "largestSequence", found.largestSequence()));
        fields.add(new Field(base + RunPropertiesFormat.SMALLEST_KEY_LENGTH_OFFSET, 4, "smallestKeyLength", smallest));
        fields.add(new Field(base + RunPropertiesFormat.LARGEST_KEY_LENGTH_OFFSET, 4, "largestKeyLength", largest));
        fields.add(new Field(keys, smallest, "smallestKey", hex(found.smallestKey())));
        fields.add(new Field(keys + smallest, largest, "largestKey", hex(found.largestKey())));
        fields.add(new Field(keys + smallest + largest, 4, "crc", intAt(keys + smallest + largest)));
        return fields;
    }

    /** The footer's fields. */
    public List<Field> footer() {
        RunFooter found = file.footer();
        long base = found.fileBytes() - RunFooterFormat.LENGTH;
        List<Field> fields = new ArrayList<>();
        fields.add(new Field(base + RunFooterFormat.INDEX_OFFSET_OFFSET, 8, "indexOffset", found.indexOffset()));
        fields.add(new Field(base + RunFooterFormat.INDEX_LENGTH_OFFSET, 8, "indexLength", found.indexLength()));
        fields.add(new Field(base + RunFooterFormat.FILTER_OFFSET_OFFSET, 8, "filterOffset", found.filterOffset()));
        fields.add(new Field(base + RunFooterFormat.FILTER_LENGTH_OFFSET, 8, "filterLength", found.filterLength()));
        long properties = base + RunFooterFormat.PROPERTIES_OFFSET_OFFSET;
        fields.add(new Field(properties, 8, "propertiesOffset", found.propertiesOffset()));
        fields.add(new Field(properties + 8, 8, "propertiesLength", found.propertiesLength()));
        fields.add(new Field(base + RunFooterFormat.SEQUENCE_BASE_OFFSET, 8, "sequenceBase", found.sequenceBase()));
        fields.add(new Field(base + RunFooterFormat.FILE_BYTES_OFFSET, 8, "fileBytes", found.fileBytes()));
        fields.add(new Field(base + RunFooterFormat.BLOCKS_OFFSET, 4, "blocks", found.blocks()));
        fields.add(new Field(
                base + RunFooterFormat.POSITIONS_OFFSET,
                4,
                "positions",
                found.positions().code()));
        fields.add(new Field(base + RunFooterFormat.VERSION_OFFSET, 4, "version", RunHeaderFormat.VERSION));
        long crc = base + RunFooterFormat.CRC_OFFSET;
        fields.add(new Field(crc, 4, "crc", intAt(crc)));
        fields.add(new Field(base + RunFooterFormat.MAGIC_OFFSET, 8, "magic", "RUNFOOT1"));
        return fields;
    }

    /** How many data blocks there are. */
    public int blocks() {
        return index.blocks();
    }

    /** A data block by its number. */
    public Block block(int ordinal) {
        blocks.check(ordinal);
        long start = index.blockStart(ordinal);
        long end = index.blockEnd(ordinal);
        long trailer = end - BlockFormat.TRAILER_BYTES;
        return new Block(
                ordinal,
                start,
                end - start,
                intAt(trailer + BlockFormat.RAW_LENGTH_OFFSET),
                file.region().getUnsignedShort(trailer + BlockFormat.ENTRIES_OFFSET),
                file.region().getByte(trailer + BlockFormat.ENCODING_OFFSET) == BlockFormat.ENCODING_LZ4,
                blocks.entry(ordinal, 0).key(),
                index.separator(ordinal));
    }

    /** The entries of a block. */
    public List<BlockEntry> entries(int ordinal) {
        int count = block(ordinal).entries();
        List<BlockEntry> entries = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            entries.add(blocks.entry(ordinal, i));
        }
        return entries;
    }

    private int intAt(long offset) {
        return file.region().getInt(offset);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
