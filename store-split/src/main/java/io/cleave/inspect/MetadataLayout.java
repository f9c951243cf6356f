package io.cleave.inspect;

import io.cleave.catalog.StoreCatalog;
import io.cleave.catalog.StoreCatalogFormat;
import io.cleave.core.parts.PartsLedgerFormat;
import io.cleave.core.registry.SegmentIdAllocator;
import io.cleave.core.segment.SegmentManifestFormat;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.Storage;
import io.cleave.route.KeyMapFormat;
import java.nio.file.Path;
import java.util.function.Consumer;

/** The framed files, field by field: catalog, ledger of the parts, key map, segment ids, manifest. Each was decoded, and so checked, before. */
final class MetadataLayout {
    private MetadataLayout() {}

    static FileLayout catalog(Storage storage, Path file) {
        byte[] bytes = storage.readAll(file, MetadataFormat.FILE_BYTES_MAX);
        MetadataFormat.Frame frame = MetadataFormat.decode(file, StoreCatalogFormat.MAGIC, bytes);
        int level = StoreCatalogFormat.decode(file, frame.body()).level();
        return layout(file, bytes, frame, body -> {
            int features = 0;
            if (level > StoreCatalog.LEVEL_OLDEST) {
                body.number4("levelMark");
                body.number4("level");
                features = body.number4("featureCount");
            }
            body.number4("nextIndexId");
            int count = body.number4("indexCount");
            for (int i = 0; i < features; i++) {
                body.number1("features[" + i + "].class");
                body.text("features[" + i + "].name", body.number1("features[" + i + "].nameLength"));
            }
            for (int i = 0; i < count; i++) {
                index(body, "indexes[" + i + "].", level);
            }
        });
    }

    private static void index(FieldReader body, String prefix, int level) {
        body.number4(prefix + "id");
        int nameLength = body.number4(prefix + "nameLength");
        int optionsLength = level > StoreCatalog.LEVEL_OLDEST ? body.number4(prefix + "optionsLength") : 0;
        body.text(prefix + "name", nameLength);
        if (optionsLength > 0) {
            int before = body.taken();
            body.number1(prefix + "compression");
            body.number1(prefix + "filter");
            body.number4(prefix + "blockBytes");
            body.number8(prefix + "segmentBytesMax");
            body.number8(prefix + "segmentEntriesMax");
            int later = optionsLength - (body.taken() - before);
            if (later > 0) {
                body.key(prefix + "later", later);
            }
        }
    }

    static FileLayout parts(Storage storage, Path file) {
        byte[] bytes = storage.readAll(file, PartsLedgerFormat.FILE_BYTES_MAX);
        MetadataFormat.Frame frame = MetadataFormat.decode(file, PartsLedgerFormat.MAGIC, bytes);
        return layout(file, bytes, frame, body -> {
            body.number4("flags");
            int count = body.number4("lineCount");
            body.number8("sequence");
            body.number8("logFile");
            for (int i = 0; i < count; i++) {
                String prefix = "lines[" + i + "].";
                body.number4(prefix + "kind");
                body.number4(prefix + "indexId");
                body.number8(prefix + "segmentId");
                body.number8(prefix + "version");
                body.number8(prefix + "entries");
                body.number8(prefix + "bytes");
                body.hex(prefix + "checksum", Integer.BYTES);
            }
        });
    }

    static FileLayout keyMap(Storage storage, Path file) {
        return read(storage, file, KeyMapFormat.MAGIC, body -> {
            body.number4("indexId");
            int count = body.number4("rangeCount");
            body.number8("version");
            for (int i = 0; i < count; i++) {
                body.number8("ranges[" + i + "].segmentId");
                int length = body.number4("ranges[" + i + "].lowerLength");
                body.key("ranges[" + i + "].lower", length);
            }
        });
    }

    static FileLayout segmentIds(Storage storage, Path file) {
        return read(storage, file, SegmentIdAllocator.MAGIC, body -> body.number8("mark"));
    }

    static FileLayout manifest(Storage storage, Path file) {
        return read(storage, file, SegmentManifestFormat.MAGIC, body -> {
            body.number4("indexId");
            boolean tellsEntries = SegmentManifestFormat.tellsEntries(body.number4("flags"));
            body.number8("segmentId");
            body.number8("flushedSequence");
            body.number8("nextRunNumber");
            int runs = body.number4("runCount");
            int lowerLength = body.number4("lowerLength");
            int upperLength = body.number4("upperLength");
            for (int i = 0; i < runs; i++) {
                body.number8("runs[" + i + "].runNumber");
                body.number8("runs[" + i + "].fileBytes");
                if (tellsEntries) {
                    body.number8("runs[" + i + "].entries");
                }
            }
            body.key("lower", lowerLength);
            body.key("upper", upperLength);
        });
    }

    private static FileLayout read(Storage storage, Path file, long magic, Consumer<FieldReader> body) {
        byte[] bytes = storage.readAll(file, MetadataFormat.FILE_BYTES_MAX);
        return layout(file, bytes, MetadataFormat.decode(file, magic, bytes), body);
    }

    private static FileLayout layout(Path file, byte[] bytes, MetadataFormat.Frame frame, Consumer<FieldReader> body) {
        FieldReader reader = new FieldReader(bytes, 0);
        reader.text("magic", Long.BYTES);
        reader.number4("version");
        reader.number4("length");
        reader.hex("storeHigh", Long.BYTES);
        reader.hex("storeLow", Long.BYTES);
        assert reader.taken() == MetadataFormat.BODY_OFFSET : "the frame's fields end at " + reader.taken();
        body.accept(reader);
        int trailer = MetadataFormat.trailerBytes(frame.version());
        assert reader.taken() == bytes.length - trailer : "the body ends at " + reader.taken();
        if (frame.version() != MetadataFormat.VERSION_OLDEST) {
            reader.number8("partVersion");
        }
        reader.hex("crc", Integer.BYTES);
        return new FileLayout(file, bytes.length, reader.fields());
    }
}
