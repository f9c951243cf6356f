package io.cleave.catalog;

import io.cleave.core.run.Compression;
import io.cleave.core.run.FilterKind;
import io.cleave.core.run.RunOptions;
import java.nio.ByteBuffer;

/** The options of an index within the catalog. Authority: docs/format/metadata.md, "Catalog". */
final class StoredOptionsFormat {
    static final int COMPRESSION_OFFSET = 0;
    static final int FILTER_OFFSET = COMPRESSION_OFFSET + Byte.BYTES;
    static final int BLOCK_BYTES_OFFSET = FILTER_OFFSET + Byte.BYTES;
    static final int SEGMENT_BYTES_OFFSET = BLOCK_BYTES_OFFSET + Integer.BYTES;
    static final int SEGMENT_ENTRIES_OFFSET = SEGMENT_BYTES_OFFSET + Long.BYTES;

    /** Bytes of the fields that this version knows; more may follow. */
    static final int LENGTH = SEGMENT_ENTRIES_OFFSET + Long.BYTES;

    private StoredOptionsFormat() {}

    static int length(StoredOptions options) {
        return LENGTH + options.later().remaining();
    }

    static void encode(StoredOptions options, ByteBuffer body) {
        RunOptions run = options.run();
        body.put((byte) run.compression().code()).put((byte) run.filter().code());
        body.putInt(run.blockBytes());
        body.putLong(options.segmentBytesMax()).putLong(options.segmentEntriesMax());
        body.put(options.later().duplicate());
    }

    /** Reads {@code length} bytes, which are there. */
    static StoredOptions decode(CatalogReader reader, int length) {
        ByteBuffer body = reader.body();
        int at = reader.at();
        int compressionCode = body.get(at + COMPRESSION_OFFSET);
        Compression compression = Compression.ofCode(compressionCode);
        reader.check(compression != null, at + COMPRESSION_OFFSET, "compression", "a known code", compressionCode);
        int filterCode = body.get(at + FILTER_OFFSET);
        FilterKind filter = FilterKind.ofCode(filterCode);
        reader.check(filter != null, at + FILTER_OFFSET, "filter", "a known code", filterCode);
        int blockBytes = body.getInt(at + BLOCK_BYTES_OFFSET);
        check(
                reader,
                at + BLOCK_BYTES_OFFSET,
                "blockBytes",
                RunOptions.BLOCK_BYTES_MIN,
                RunOptions.BLOCK_BYTES_MAX,
                blockBytes);
        long bytesMax = body.getLong(at + SEGMENT_BYTES_OFFSET);
        check(
                reader,
                at + SEGMENT_BYTES_OFFSET,
                "segmentBytesMax",
                StoredOptions.SEGMENT_BYTES_LEAST,
                StoredOptions.SEGMENT_BYTES_MOST,
                bytesMax);
        long entriesMax = body.getLong(at + SEGMENT_ENTRIES_OFFSET);
        check(
                reader,
                at + SEGMENT_ENTRIES_OFFSET,
                "segmentEntriesMax",
                StoredOptions.SEGMENT_ENTRIES_LEAST,
                StoredOptions.SEGMENT_ENTRIES_MOST,
                entriesMax);
        ByteBuffer later = body.duplicate().limit(at + length).position(at + LENGTH);
        reader.skip(length);
        return new StoredOptions(new RunOptions(compression, blockBytes, filter), bytesMax, entriesMax, later);
    }

    private static void check(CatalogReader reader, int offset, String name, long least, long most, long found) {
        reader.check(found >= least && found <= most, offset, name, least + " to " + most, found);
    }
}
