package io.cleave.core.segment;

import io.cleave.core.run.Run;
import io.cleave.core.run.RunIdentity;
import io.cleave.core.run.RunProperties;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a segment holds, by its manifest and the properties of its runs, without opening it. Whoever has it open may replace
 * files meanwhile. Stateless, thread-safe.
 */
public final class SegmentGlance {
    private static final int ATTEMPTS_MAX = 4;

    private SegmentGlance() {}

    /**
     * Reads the properties of its runs, newest first: of each the ends of the file, one after the other.
     *
     * @throws StoreException.NotFound when the segment, or a run of it, is not there any more
     * @throws StoreException when it can't be read
     */
    public static List<RunProperties> runs(SegmentContext context, int indexId, long segmentId, Path directory) {
        for (int attempt = 1; ; attempt++) {
            try {
                return read(context, indexId, segmentId, directory);
            } catch (StoreException.NotFound e) {
                // A compaction may have replaced a run since its manifest was read.
                if (attempt == ATTEMPTS_MAX) {
                    throw e;
                }
            }
        }
    }

    private static List<RunProperties> read(SegmentContext context, int indexId, long segmentId, Path directory) {
        SegmentManifest manifest = SegmentManifestFile.read(context, indexId, segmentId, directory);
        List<RunProperties> runs = new ArrayList<>();
        for (SegmentManifest.RunEntry entry : manifest.runs()) {
            RunIdentity identity = new RunIdentity(context.identity(), indexId, segmentId, entry.runNumber());
            try (Run run = Run.open(context.storage(), directory.resolve(identity.fileName()), identity)) {
                runs.add(run.properties());
            }
        }
        return runs;
    }
}
