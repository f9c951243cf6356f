package io.cleave.core.segment;

import io.cleave.core.storage.MetadataFile;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.nio.file.Path;

/** Replaces and reads the manifest in a segment's directory. Stateless; one publisher of a segment at a time. */
public final class SegmentManifestFile {
    private SegmentManifestFile() {}

    /** Steps P3 to P5 of docs/protocol/publish.md; errors as {@link MetadataFile#publish} has them. */
    static void publish(SegmentContext context, Path directory, SegmentManifest manifest) {
        byte[] framed = MetadataFormat.encode(
                SegmentManifestFormat.MAGIC,
                context.storeHigh(),
                context.storeLow(),
                SegmentManifestFormat.encode(manifest));
        MetadataFile.publish(context.storage(), directory.resolve(SegmentManifest.FILE_NAME), framed);
    }

    /** Reads and checks the manifest; {@code Corrupt} when there is none, or it belongs to another segment. */
    static SegmentManifest read(SegmentContext context, int indexId, long segmentId, Path directory) {
        return read(context.storage(), context.storeHigh(), context.storeLow(), indexId, segmentId, directory);
    }

    /** The same for a segment of the store with that identity, which need not be open. */
    public static SegmentManifest read(
            Storage storage, long storeHigh, long storeLow, int indexId, long segmentId, Path directory) {
        Path file = directory.resolve(SegmentManifest.FILE_NAME);
        if (storage.kind(file) == Storage.PathKind.ABSENT) {
            throw new StoreException.Corrupt(file, 0, "manifest", "one in each segment directory", "none");
        }
        MetadataFormat.Frame frame = MetadataFile.read(storage, file, SegmentManifestFormat.MAGIC, storeHigh, storeLow);
        SegmentManifest manifest = SegmentManifestFormat.decode(file, frame.body());
        if (manifest.indexId() != indexId || manifest.segmentId() != segmentId) {
            throw new StoreException.Corrupt(
                    file,
                    MetadataFormat.BODY_OFFSET,
                    "index and segment id",
                    indexId + " and " + segmentId,
                    manifest.indexId() + " and " + manifest.segmentId());
        }
        return manifest;
    }
}
