package io.cleave.core.segment;

import io.cleave.core.resource.MappedResource;
import io.cleave.core.resource.Shared;
import io.cleave.core.run.Run;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An open run of a segment and whether its file goes with it. Shared by counted handles ({@link
 * io.cleave.core.resource.MappedResources}) between views.
 *
 * <p>Thread-safe.
 */
public final class SharedRun implements MappedResource {
    private final Run run;
    private volatile boolean deleted;

    /** Takes over {@code run}. */
    SharedRun(Run run) {
        this.run = run;
    }

    /** The run. */
    public Run run() {
        return run;
    }

    /**
     * What to throw when a merge of runs met entries out of order, which {@code refusal} says: each run is verified, and the
     * first to break a rule is to blame. Checksums can't tell, if somebody has made them fit.
     */
    public static StoreException disorder(List<Run> inputs, IllegalArgumentException refusal) {
        for (Run run : inputs) {
            try {
                run.verify();
            } catch (StoreException e) {
                e.addSuppressed(refusal);
                return e;
            }
        }
        if (inputs.isEmpty()) {
            throw refusal;
        }
        StoreException.Corrupt corrupt = new StoreException.Corrupt(
                inputs.get(0).path(), 0, "version of a key", "in one run of the segment", "in another one, too");
        corrupt.addSuppressed(refusal);
        return corrupt;
    }

    /** The manifest's entries for these runs. */
    static List<SegmentManifest.RunEntry> entries(List<Shared<SharedRun>> runs) {
        List<SegmentManifest.RunEntry> entries = new ArrayList<>();
        for (Shared<SharedRun> shared : runs) {
            Run run = shared.get().run;
            entries.add(entry(run));
        }
        return entries;
    }

    /** The manifest's entry for a run. */
    static SegmentManifest.RunEntry entry(Run run) {
        return new SegmentManifest.RunEntry(
                run.identity().runNumber(), run.fileBytes(), run.properties().entries());
    }

    /** Asks for deletion once the last reference is gone; nothing durable names the file any more. */
    void deleteOnRelease() {
        deleted = true;
    }

    @Override
    public Path path() {
        return run.path();
    }

    @Override
    public long mappedBytes() {
        return run.fileBytes();
    }

    @Override
    public boolean isDeleted() {
        return deleted;
    }

    @Override
    public void unmap() {
        run.close();
    }
}
