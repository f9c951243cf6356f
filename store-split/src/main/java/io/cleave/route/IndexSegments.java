package io.cleave.route;

import io.cleave.core.entry.KeyBounds;
import io.cleave.core.parts.PartId;
import io.cleave.core.registry.SegmentLoader;
import io.cleave.core.segment.Segment;
import io.cleave.core.segment.SegmentBuilder;
import io.cleave.core.segment.SegmentContext;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.storage.Storage;
import java.nio.file.Path;

/** Opens, creates and deletes the segments of one index for its registry. Immutable, thread-safe. */
final class IndexSegments implements SegmentLoader {
    private final SegmentContext context;
    private final int indexId;
    private final Path directory;

    /** @param directory of the index */
    IndexSegments(SegmentContext context, int indexId, Path directory) {
        this.context = context;
        this.indexId = indexId;
        this.directory = directory;
    }

    @Override
    public Segment tryOpen(long segmentId) {
        return Segment.tryOpen(context, indexId, segmentId, directory(segmentId));
    }

    @Override
    public Segment create(long segmentId) {
        try (SegmentBuilder builder = new SegmentBuilder(context, indexId, segmentId, directory(segmentId))) {
            // Nothing of a new index can be in the log yet. A sequence number would be a promise that the log may not
            // keep:
            // after a power cut numbers that were not durable are given out again.
            return builder.finish(KeyBounds.ALL, 0);
        }
    }

    @Override
    public boolean delete(long segmentId) {
        Path segment = directory(segmentId);
        if (context.storage().kind(segment) == Storage.PathKind.ABSENT) {
            return false;
        }
        SegmentDirectory.delete(context.storage(), segment);
        context.parts().forget(PartId.manifest(indexId, segmentId));
        return true;
    }

    private Path directory(long segmentId) {
        return directory.resolve(SegmentDirectory.name(segmentId));
    }
}
