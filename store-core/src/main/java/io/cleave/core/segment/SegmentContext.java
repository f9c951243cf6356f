package io.cleave.core.segment;

import io.cleave.core.memtable.ChunkPool;
import io.cleave.core.memtable.MemoryBudget;
import io.cleave.core.memtable.Memtable;
import io.cleave.core.parts.Parts;
import io.cleave.core.resource.Epoch;
import io.cleave.core.resource.MappedResources;
import io.cleave.core.resource.RankedLock;
import io.cleave.core.resource.Shared;
import io.cleave.core.run.Run;
import io.cleave.core.run.RunIdentity;
import io.cleave.core.run.RunOptions;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * What the segments of a store share; those of one index share the settings as well. Immutable.
 *
 * @param storage the outside world
 * @param identity of the store
 * @param parts its parts that are replaced whole
 * @param settings how segments are kept, asked at each flush and compaction
 * @param pool memory of memtables
 * @param budget the byte budget of memtables
 * @param runs the open run files
 * @param commitLock guards memtable writes and views
 * @param snapshots the visible sequence numbers
 * @param logBarrier makes the log durable up to a sequence number; called before runs that hold it are published, so that
 *     what survives a power cut has no hole
 */
public record SegmentContext(
        Storage storage,
        StoreIdentity identity,
        Parts parts,
        Supplier<SegmentOptions> settings,
        ChunkPool pool,
        MemoryBudget budget,
        MappedResources<SharedRun> runs,
        RankedLock commitLock,
        Snapshots snapshots,
        LongConsumer logBarrier) {
    /** How segments are kept at the moment. */
    public SegmentOptions options() {
        return settings.get();
    }

    /** The same for segments whose new runs have a format of their own, asked for at each flush and compaction. */
    public SegmentContext withRuns(Supplier<RunOptions> run) {
        return new SegmentContext(
                storage,
                identity,
                parts,
                () -> options().withRun(run.get()),
                pool,
                budget,
                runs,
                commitLock,
                snapshots,
                logBarrier);
    }

    /** An empty memtable, held once by the caller; its memory goes back when no reader is left. */
    public Shared<Memtable> newMemtable() {
        return share(new Memtable(pool, budget));
    }

    /** An empty memtable that goes on where another one ended: it expects keys of the same prefix. */
    Shared<Memtable> newMemtableAfter(Memtable sealed) {
        return share(new Memtable(pool, budget, sealed.sharedPrefix()));
    }

    /** A run file, open and held once by the caller. */
    Shared<SharedRun> openRun(Path file, RunIdentity identity) {
        return runs.getOrCreate(file, () -> new SharedRun(Run.open(storage, file, identity)));
    }

    /** A run file that a flush or a compaction has just written, open and held once by the caller. */
    Shared<SharedRun> openWritten(Path file, RunIdentity identity) {
        return runs.getOrCreate(file, () -> new SharedRun(Run.openWritten(storage, file, identity)));
    }

    /**
     * The file of a run that a manifest names.
     *
     * @throws StoreException.Corrupt when it is missing, another one, or of another length
     */
    Shared<SharedRun> openRun(Path directory, SegmentManifest manifest, SegmentManifest.RunEntry entry) {
        RunIdentity named = new RunIdentity(identity, manifest.indexId(), manifest.segmentId(), entry.runNumber());
        Path file = directory.resolve(named.fileName());
        Shared<SharedRun> run;
        try {
            run = openRun(file, named);
        } catch (StoreException.NotFound e) {
            StoreException.Corrupt missing = new StoreException.Corrupt(
                    file, 0, "run of the segment", "a file, because the manifest names it", "none");
            missing.addSuppressed(e);
            throw missing;
        }
        long found = run.get().mappedBytes();
        if (found != entry.fileBytes()) {
            run.release();
            throw new StoreException.Corrupt(file, 0, "file length", entry.fileBytes(), found);
        }
        return run;
    }

    /** Deletes the file of a run that could not be made part of its segment; a failure is added to the one that caused it. */
    void deleteAfter(Throwable failure, Path run) {
        try {
            storage.delete(run);
        } catch (StoreException e) {
            // An orphan, for the next load.
            failure.addSuppressed(e);
        }
    }

    private static Shared<Memtable> share(Memtable memtable) {
        return new Shared<>(memtable, () -> Epoch.retire(memtable::free));
    }
}
