package io.cleave.core.segment;

import io.cleave.core.parts.PartId;
import io.cleave.core.parts.PartLine;
import io.cleave.core.parts.Parts;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.PartFile;
import io.cleave.error.StoreException;
import java.nio.file.Path;

/** Replaces and reads the manifest in a segment's directory. Stateless; one publisher of a segment at a time. */
public final class SegmentManifestFile {
    private SegmentManifestFile() {}

    /** Steps P3 to P5 of docs/protocol/publish.md; errors as {@link Parts#publish} has them. */
    static void publish(SegmentContext context, Path directory, SegmentManifest manifest) {
        context.parts()
                .publish(
                        PartId.manifest(manifest.indexId(), manifest.segmentId()),
                        SegmentManifestFormat.FILE,
                        directory,
                        manifest,
                        contents(manifest));
    }

    /**
     * Reads and checks the manifest; {@code Corrupt} when there is none, when it belongs to another segment, or when it is of
     * another age than the store.
     */
    static SegmentManifest read(SegmentContext context, int indexId, long segmentId, Path directory) {
        return read(context.parts(), indexId, segmentId, directory);
    }

    /** The same for a segment that need not be open, of a store with these parts. */
    public static SegmentManifest read(Parts parts, int indexId, long segmentId, Path directory) {
        PartId part = PartId.manifest(indexId, segmentId);
        PartFile.Held<SegmentManifest> held = parts.read(part, SegmentManifestFormat.FILE, directory);
        SegmentManifest manifest = held.content();
        if (manifest.indexId() != indexId || manifest.segmentId() != segmentId) {
            throw new StoreException.Corrupt(
                    held.file(),
                    MetadataFormat.BODY_OFFSET,
                    "index and segment id",
                    indexId + " and " + segmentId,
                    manifest.indexId() + " and " + manifest.segmentId());
        }
        parts.compare(part, held, contents(manifest));
        return manifest;
    }

    private static PartLine.Contents contents(SegmentManifest manifest) {
        return new PartLine.Contents(manifest.entries(), manifest.runBytes());
    }
}
