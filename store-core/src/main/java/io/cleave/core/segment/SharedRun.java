package io.cleave.core.segment;

import io.cleave.core.resource.Epoch;
import io.cleave.core.resource.Shared;
import io.cleave.core.run.Run;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.util.ArrayList;
import java.util.List;

/**
 * An open run of a segment and whether its file goes with it. Shared by reference count between views; the last release
 * unmaps it when no point read is left, and deletes the file if that was asked for.
 *
 * <p>Thread-safe.
 */
public final class SharedRun {
    private final Run run;
    private final Storage storage;
    private volatile boolean deleteOnRelease;

    private SharedRun(Storage storage, Run run) {
        this.storage = storage;
        this.run = run;
    }

    /** Takes over {@code run}; the caller holds the first reference. */
    static Shared<SharedRun> share(Storage storage, Run run) {
        SharedRun file = new SharedRun(storage, run);
        return new Shared<>(file, () -> Epoch.retire(file::release));
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
            entries.add(new SegmentManifest.RunEntry(run.identity().runNumber(), run.fileBytes()));
        }
        return entries;
    }

    /** Deletes the file of a run that could not be made part of its segment; a failure is added to the one that caused it. */
    void deleteAfter(Throwable failure) {
        try {
            storage.delete(run.path());
        } catch (StoreException e) {
            // An orphan, for the next load.
            failure.addSuppressed(e);
        }
    }

    /** Asks for deletion once the last reference is gone; nothing durable names the file any more. */
    void deleteOnRelease() {
        deleteOnRelease = true;
    }

    private void release() {
        run.close();
        if (deleteOnRelease) {
            delete();
        }
    }

    private void delete() {
        try {
            storage.delete(run.path());
        } catch (StoreException.NotFound e) {
            // Its directory went first, with everything in it.
            assert storage.kind(run.path()) == Storage.PathKind.ABSENT;
        }
    }
}
