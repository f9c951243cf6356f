package io.cleave.inspect;

import io.cleave.core.run.Run;
import io.cleave.core.run.RunIdentity;
import io.cleave.core.run.RunOptions;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.segment.SegmentManifest;
import io.cleave.core.segment.SegmentManifestFormat;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * The run of an index that was written last, as its manifests tell: it shows how the index was kept before its options stood
 * in the catalog. Stateless; reads the manifests and one run. What is damaged is passed over, for others to tell.
 */
public final class NewestRun {
    private final Storage storage;
    private final StoreIdentity identity;
    private final int indexId;
    private final Path directory;

    /**
     * @param identity of the store
     * @param directory of the index
     */
    public NewestRun(Storage storage, StoreIdentity identity, int indexId, Path directory) {
        this.storage = storage;
        this.identity = identity;
        this.indexId = indexId;
        this.directory = directory;
    }

    /** How it was written; {@code otherwise} when there is no run that can be read. */
    public RunOptions options(RunOptions otherwise) {
        // By what the segment holds: the newest last.
        TreeMap<Long, List<Path>> runs = new TreeMap<>(Comparator.reverseOrder());
        for (String name : storage.list(directory)) {
            OptionalLong segment = SegmentDirectory.parse(name);
            SegmentManifest manifest = segment.isEmpty() ? null : manifest(segment.getAsLong(), name);
            if (manifest != null && !manifest.runs().isEmpty()) {
                List<Path> files = manifest.runs().stream()
                        .map(run -> directory.resolve(name).resolve(RunIdentity.fileName(run.runNumber())))
                        .toList();
                runs.put(manifest.flushedSequence(), files);
            }
        }
        return runs.values().stream()
                .flatMap(List::stream)
                .map(this::options)
                .filter(options -> options != null)
                .findFirst()
                .orElse(otherwise);
    }

    private SegmentManifest manifest(long segmentId, String name) {
        try {
            SegmentManifest manifest = SegmentManifestFormat.FILE
                    .read(storage, directory.resolve(name), identity)
                    .content();
            return manifest.indexId() == indexId && manifest.segmentId() == segmentId ? manifest : null;
        } catch (StoreException.Corrupt | StoreException.NotFound | StoreException.Io e) {
            return null;
        }
    }

    private RunOptions options(Path file) {
        try (Run run = Run.openAny(storage, file)) {
            return run.options();
        } catch (StoreException.Corrupt | StoreException.NotFound | StoreException.Io e) {
            return null;
        }
    }
}
