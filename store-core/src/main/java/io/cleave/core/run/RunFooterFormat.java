package io.cleave.core.run;

import io.cleave.core.entry.EntryLimits;
import io.cleave.error.StoreException;
import java.nio.file.Path;

/** The last {@value #LENGTH} bytes of a run. Authority: docs/format/run.md, "Footer". Stateless, thread-safe. */
final class RunFooterFormat {
    /** "RUNFOOT1" as it stands in the file. */
    static final long MAGIC = 0x3154_4F4F_464E_5552L;

    static final int INDEX_OFFSET_OFFSET = 0;
    static final int INDEX_LENGTH_OFFSET = INDEX_OFFSET_OFFSET + Long.BYTES;
    static final int FILTER_OFFSET_OFFSET = INDEX_LENGTH_OFFSET + Long.BYTES;
    static final int FILTER_LENGTH_OFFSET = FILTER_OFFSET_OFFSET + Long.BYTES;
    static final int PROPERTIES_OFFSET_OFFSET = FILTER_LENGTH_OFFSET + Long.BYTES;
    static final int PROPERTIES_LENGTH_OFFSET = PROPERTIES_OFFSET_OFFSET + Long.BYTES;
    static final int SEQUENCE_BASE_OFFSET = PROPERTIES_LENGTH_OFFSET + Long.BYTES;
    static final int FILE_BYTES_OFFSET = SEQUENCE_BASE_OFFSET + Long.BYTES;
    static final int BLOCKS_OFFSET = FILE_BYTES_OFFSET + Long.BYTES;
    static final int POSITIONS_OFFSET = BLOCKS_OFFSET + Integer.BYTES;
    static final int VERSION_OFFSET = POSITIONS_OFFSET + Integer.BYTES;
    static final int CRC_OFFSET = VERSION_OFFSET + Integer.BYTES;
    static final int MAGIC_OFFSET = CRC_OFFSET + Integer.BYTES;
    static final int LENGTH = MAGIC_OFFSET + Long.BYTES;

    private RunFooterFormat() {}

    static byte[] encode(RunFooter footer, long seed) {
        byte[] target = new byte[LENGTH];
        LittleEndian.putLong(target, INDEX_OFFSET_OFFSET, footer.indexOffset());
        LittleEndian.putLong(target, INDEX_LENGTH_OFFSET, footer.indexLength());
        LittleEndian.putLong(target, FILTER_OFFSET_OFFSET, footer.filterOffset());
        LittleEndian.putLong(target, FILTER_LENGTH_OFFSET, footer.filterLength());
        LittleEndian.putLong(target, PROPERTIES_OFFSET_OFFSET, footer.propertiesOffset());
        LittleEndian.putLong(target, PROPERTIES_LENGTH_OFFSET, footer.propertiesLength());
        LittleEndian.putLong(target, SEQUENCE_BASE_OFFSET, footer.sequenceBase());
        LittleEndian.putLong(target, FILE_BYTES_OFFSET, footer.fileBytes());
        LittleEndian.putInt(target, BLOCKS_OFFSET, footer.blocks());
        LittleEndian.putInt(target, POSITIONS_OFFSET, footer.positions().code());
        LittleEndian.putInt(target, VERSION_OFFSET, RunHeaderFormat.VERSION);
        LittleEndian.putInt(
                target, CRC_OFFSET, PieceChecksum.of(seed, footer.fileBytes() - LENGTH, target, 0, CRC_OFFSET));
        LittleEndian.putLong(target, MAGIC_OFFSET, MAGIC);
        return target;
    }

    /** Decodes the footer of a file of {@code fileBytes} bytes; every offset and length in the result fits the file. */
    static RunFooter decode(Path file, RunHeader header, byte[] source, long fileBytes) {
        Check check = new Check(file, fileBytes - LENGTH);
        check.same(MAGIC_OFFSET, "footer magic", MAGIC, LittleEndian.getLong(source, MAGIC_OFFSET));
        int crc = PieceChecksum.of(header.identity().seed(), fileBytes - LENGTH, source, 0, CRC_OFFSET);
        check.same(CRC_OFFSET, "footer checksum", crc, LittleEndian.getInt(source, CRC_OFFSET));
        check.same(
                VERSION_OFFSET, "footer version", RunHeaderFormat.VERSION, LittleEndian.getInt(source, VERSION_OFFSET));
        check.same(FILE_BYTES_OFFSET, "file length", fileBytes, LittleEndian.getLong(source, FILE_BYTES_OFFSET));
        int positions = LittleEndian.getInt(source, POSITIONS_OFFSET);
        check.within(POSITIONS_OFFSET, "kind of position", positions, 0, 1);
        RunFooter footer = new RunFooter(
                LittleEndian.getLong(source, INDEX_OFFSET_OFFSET),
                LittleEndian.getLong(source, INDEX_LENGTH_OFFSET),
                LittleEndian.getLong(source, FILTER_OFFSET_OFFSET),
                LittleEndian.getLong(source, FILTER_LENGTH_OFFSET),
                LittleEndian.getLong(source, PROPERTIES_OFFSET_OFFSET),
                LittleEndian.getLong(source, PROPERTIES_LENGTH_OFFSET),
                LittleEndian.getLong(source, SEQUENCE_BASE_OFFSET),
                LittleEndian.getInt(source, BLOCKS_OFFSET),
                RunFooter.PositionKind.ofCode(positions),
                fileBytes);
        checkLayout(check, header.options(), footer);
        return footer;
    }

    /** The parts follow each other without a gap, but for the padding before the filter. */
    private static void checkLayout(Check check, RunOptions options, RunFooter footer) {
        long footerOffset = footer.fileBytes() - LENGTH;
        check.within(
                INDEX_OFFSET_OFFSET,
                "index offset",
                footer.indexOffset(),
                RunHeaderFormat.LENGTH + BlockFormat.BLOCK_BYTES_MIN,
                footerOffset);
        check.within(INDEX_LENGTH_OFFSET, "index length", footer.indexLength(), 1, footerOffset - footer.indexOffset());
        long indexEnd = footer.indexOffset() + footer.indexLength();
        long blocksMax = Math.min(
                (footer.indexOffset() - RunHeaderFormat.LENGTH) / BlockFormat.BLOCK_BYTES_MIN,
                (footer.indexLength() - Integer.BYTES) / IndexFormat.BLOCK_BYTES);
        check.within(BLOCKS_OFFSET, "blocks", footer.blocks(), 1, blocksMax);
        boolean filtered = options.filter() != FilterKind.NONE;
        long filterOffset = filtered ? PageFormat.align(indexEnd) : indexEnd;
        check.same(FILTER_OFFSET_OFFSET, "filter offset", filterOffset, footer.filterOffset());
        check.within(
                FILTER_LENGTH_OFFSET,
                "filter length",
                footer.filterLength(),
                filtered ? PageFormat.PAGE_BYTES : 0,
                filtered ? footerOffset - filterOffset : 0);
        check.same(FILTER_LENGTH_OFFSET, "rest of a filter page", 0, footer.filterLength() % PageFormat.PAGE_BYTES);
        long filterEnd = filterOffset + footer.filterLength();
        check.same(PROPERTIES_OFFSET_OFFSET, "properties offset", filterEnd, footer.propertiesOffset());
        check.same(PROPERTIES_LENGTH_OFFSET, "properties length", footerOffset - filterEnd, footer.propertiesLength());
        check.within(
                PROPERTIES_LENGTH_OFFSET,
                "properties length",
                footer.propertiesLength(),
                RunPropertiesFormat.LENGTH_MIN,
                RunPropertiesFormat.LENGTH_MAX);
        check.within(SEQUENCE_BASE_OFFSET, "sequence base", footer.sequenceBase(), 0, EntryLimits.SEQUENCE_MAX);
        boolean offsets = options.filter() == FilterKind.POINT_INDEX && options.compression() == Compression.NONE;
        check.within(POSITIONS_OFFSET, "kind of position", footer.positions().code(), 0, offsets ? 1 : 0);
    }

    /** Throws {@code Corrupt} with the place of a field that starts at an offset of one part of a file. */
    record Check(Path file, long base) {
        void same(int at, String what, long expected, long found) {
            if (expected != found) {
                throw new StoreException.Corrupt(file, base + at, what, expected, found);
            }
        }

        void within(int at, String what, long found, long smallest, long largest) {
            if (found < smallest || found > largest) {
                throw new StoreException.Corrupt(file, base + at, what, smallest + " to " + largest, found);
            }
        }
    }
}
