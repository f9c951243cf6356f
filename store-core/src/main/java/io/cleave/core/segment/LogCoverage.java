package io.cleave.core.segment;

import io.cleave.core.parts.Parts;
import io.cleave.error.StoreException;
import java.nio.file.Path;

/**
 * Whether the log reaches as far as segments have flushed. A flush makes the log durable before its run is named, so a log that ends
 * earlier has lost its end. Stateless, thread-safe.
 */
public final class LogCoverage {
    private LogCoverage() {}

    /**
     * Looks at a segment that need not be open, by its manifest alone. One that can't be read is told when the segment is opened.
     *
     * @throws StoreException.Corrupt when its runs hold more than the log
     */
    public static void require(SegmentContext context, int indexId, long segmentId, Path directory) {
        require(
                context.parts(),
                indexId,
                segmentId,
                directory,
                context.snapshots().visible());
    }

    /** The same for a store with these parts, whose log ends with a sequence number. */
    public static void require(Parts parts, int indexId, long segmentId, Path directory, long lastSequence) {
        SegmentManifest manifest;
        try {
            manifest = SegmentManifestFile.read(parts, indexId, segmentId, directory);
        } catch (StoreException.Corrupt | StoreException.FormatVersion | StoreException.NotFound e) {
            assert e.getMessage() != null;
            return;
        }
        require(directory, manifest, lastSequence);
    }

    static void require(SegmentContext context, Path directory, SegmentManifest manifest) {
        require(directory, manifest, context.snapshots().visible());
    }

    /** Looks at a manifest; {@code Corrupt} when it holds more than a log that ends with that sequence number. */
    public static void require(Path directory, SegmentManifest manifest, long lastSequence) {
        if (manifest.flushedSequence() > lastSequence) {
            throw new StoreException.Corrupt(
                    directory.resolve(SegmentManifest.FILE_NAME),
                    0,
                    "flushed sequence number",
                    "at most the log's last, " + lastSequence,
                    manifest.flushedSequence());
        }
    }
}
