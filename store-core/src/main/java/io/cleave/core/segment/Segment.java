package io.cleave.core.segment;

import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.merge.MergeCursor;
import io.cleave.core.merge.RetainingCursor;
import io.cleave.core.merge.RetainingCursor.Tombstones;
import io.cleave.core.resource.LockRank;
import io.cleave.core.resource.RankedLock;
import io.cleave.core.resource.Shared;
import io.cleave.core.run.Run;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageLock;
import io.cleave.error.StoreException;
import io.cleave.event.RunTraffic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A segment in memory: its view, its manifest, its directory lock.
 *
 * <p>Ownership: the registry opens and closes it. Thread-safety: reads go through {@link #view} inside an epoch or with a
 * reference; methods ending in {@code Locked} require the commit lock; {@link #flush}, {@link #compact}, {@link
 * #openIterator} with FULL_ISOLATION and {@link #close} require the handler lock of this segment.
 *
 * <p>Errors: flush and compaction throw {@link StoreException}; before the manifest's rename the segment is as it was,
 * after it {@code Poisoned}.
 */
public final class Segment {
    private final SegmentContext context;
    private final long id;
    private final Path directory;
    private final StorageLock directoryLock;
    private final SegmentGate gate;
    private final RankedLock iteratorLock;

    /** Replaced under the handler lock. */
    private volatile SegmentManifest manifest;

    /**
     * Number of the next run. Ahead of the manifest's once an attempt failed: the file of a failed attempt may be deleted late,
     * so its name must not be used again. Guarded by the handler lock.
     */
    private long nextRunNumber;

    /** Of the latest flush or compaction that did something. Guarded by the handler lock. */
    private RunTraffic traffic = RunTraffic.NONE;

    /** Null once closed. Replaced under the commit lock. */
    private volatile SegmentView view;

    /** Number of entries in which a split found nothing to divide; -1 for none. */
    private volatile long settledEntries = -1;

    /** Counts writes and replacements of the view. Written under the commit lock. */
    private final AtomicLong version = new AtomicLong();

    private Segment(
            SegmentContext context,
            Path directory,
            StorageLock directoryLock,
            SegmentManifest manifest,
            List<Shared<SharedRun>> runs) {
        this.context = context;
        this.id = manifest.segmentId();
        this.directory = directory;
        this.directoryLock = directoryLock;
        this.gate = new SegmentGate(directory.getFileName().toString());
        this.iteratorLock = new RankedLock(LockRank.ITERATOR, id);
        this.manifest = manifest;
        this.nextRunNumber = manifest.nextRunNumber();
        MemtableLayer active = new MemtableLayer(context.newMemtable());
        this.view = new SegmentView(manifest.bounds(), active, List.of(), runs);
        active.shared().release();
        runs.forEach(Shared::release);
    }

    /**
     * Opens an existing segment.
     *
     * @return null when another owner holds the segment's directory
     */
    public static Segment tryOpen(SegmentContext context, int indexId, long segmentId, Path directory) {
        if (context.storage().kind(directory) != Storage.PathKind.DIRECTORY) {
            throw new StoreException.NotFound("segment directory " + directory + " does not exist");
        }
        StorageLock lock = context.storage().tryLock(directory.resolve(SegmentDirectory.LOCK_NAME));
        if (lock == null) {
            return null;
        }
        List<Shared<SharedRun>> runs = new ArrayList<>();
        try {
            SegmentManifest manifest = SegmentManifestFile.read(context, indexId, segmentId, directory);
            if (context.snapshots().isRecovered()) {
                LogCoverage.require(context, directory, manifest);
            }
            for (SegmentManifest.RunEntry entry : manifest.runs()) {
                runs.add(context.openRun(directory, manifest, entry));
            }
            if (context.parts().isSettled()) {
                // Not before all comparisons: until then an older manifest than the store's may be the one that was
                // read.
                SegmentDirectory.deleteOrphans(context.storage(), directory, runs);
            }
            return new Segment(context, directory, lock, manifest, runs);
        } catch (RuntimeException | Error e) {
            runs.forEach(Shared::release);
            lock.close();
            throw e;
        }
    }

    /**
     * Makes a segment durable whose runs were written before (P3 to P5) and opens it. Takes over one reference on each run
     * and the lock, also when it throws.
     */
    static Segment publishNew(
            SegmentContext context,
            Path directory,
            StorageLock lock,
            SegmentManifest manifest,
            List<Shared<SharedRun>> runs) {
        try {
            SegmentManifestFile.publish(context, directory, manifest);
            context.storage().forceDirectory(directory.getParent());
            return new Segment(context, directory, lock, manifest, runs);
        } catch (RuntimeException | Error e) {
            runs.forEach(Shared::release);
            lock.close();
            throw e;
        }
    }

    /** Its id. */
    public long id() {
        return id;
    }

    /** Keys it may hold. */
    public KeyBounds bounds() {
        return manifest.bounds();
    }

    /** Its directory. */
    public Path directory() {
        return directory;
    }

    /** Its state. */
    public SegmentState state() {
        return gate.state();
    }

    /** The current view, or null once closed. Use it inside an epoch, or after {@code holder().tryAcquire()}. */
    public SegmentView view() {
        return view;
    }

    /** Entries up to here are in the runs. */
    public long flushedSequence() {
        return manifest.flushedSequence();
    }

    /** As when it is opened after a recovery; for one that was opened before its end. */
    public void requireInLog() {
        LogCoverage.require(context, directory, manifest);
    }

    /** What is durable of it. Requires the handler lock for a consistent answer. */
    public SegmentManifest manifest() {
        return manifest;
    }

    /** What the latest {@link #flush} or compaction that returned true read and wrote. Requires the handler lock. */
    public RunTraffic traffic() {
        return traffic;
    }

    /** Changes with each write, also those that come with {@link #adoptLocked}; background work changes no entry. */
    public long version() {
        return version.getAcquire();
    }

    /** Remembers that what it holds now can't be divided. */
    public void settle() {
        SegmentView current = view;
        settledEntries = current == null ? -1 : current.entries();
    }

    /** True while it holds no more entries than when it could not be divided. */
    public boolean isSettled() {
        SegmentView current = view;
        return current != null && current.entries() <= settledEntries;
    }

    /** Adds an entry. Requires the commit lock and state OPEN. Returns the bytes of the active memtable. */
    public long putLocked(MemtableLayer.Entry entry, long logPosition) {
        assert context.commitLock().isHeld();
        assert gate.state() == SegmentState.OPEN : "put into " + gate.state() + " segment " + directory;
        MemtableLayer active = view.active();
        active.put(entry, logPosition);
        version.setRelease(version.getPlain() + 1);
        return active.memtable().bytes();
    }

    /** Seals the active memtable when it holds anything. Requires the commit lock. */
    public void sealLocked() {
        SegmentView current = view;
        if (current.active().memtable().isEmpty()) {
            return;
        }
        MemtableLayer active =
                new MemtableLayer(context.newMemtableAfter(current.active().memtable()));
        List<MemtableLayer> sealed = new ArrayList<>();
        sealed.add(current.active());
        sealed.addAll(current.sealed());
        extendLocked(new SegmentView(current.bounds(), active, sealed, current.runs()));
        active.shared().release();
    }

    /** Puts memtables that are newer than everything here on top, sealed. Requires the commit lock. */
    public void adoptLocked(List<MemtableLayer> newestFirst) {
        sealLocked();
        if (!newestFirst.isEmpty()) {
            version.setRelease(version.getPlain() + 1);
        }
        SegmentView current = view;
        List<MemtableLayer> sealed = new ArrayList<>(newestFirst);
        sealed.addAll(current.sealed());
        extendLocked(new SegmentView(current.bounds(), current.active(), sealed, current.runs()));
    }

    /**
     * Writes all memtables into one new delta run. Requires the handler lock.
     *
     * @return true when something was flushed
     */
    public boolean flush() {
        return flushWith(List.of());
    }

    /** Writes all memtables and all runs into one run. Requires the handler lock. Returns true when there was anything to do. */
    public boolean flushToOneRun() {
        requireOpen();
        return view.isDirty() ? flushWith(view.runs()) : compact();
    }

    private boolean flushWith(List<Shared<SharedRun>> merged) {
        List<MemtableLayer> layers;
        long flushedSequence;
        context.commitLock().lock();
        try {
            requireOpen();
            sealLocked();
            layers = view.sealed();
            flushedSequence = context.snapshots().visible();
        } finally {
            context.commitLock().unlock();
        }
        if (layers.isEmpty()) {
            return false;
        }
        context.logBarrier().accept(flushedSequence);
        List<EntryCursor> sources = new ArrayList<>();
        layers.forEach(layer -> sources.add(layer.memtable().sealedCursor()));
        List<Run> inputs = view.openRuns().subList(0, merged.size());
        Shared<SharedRun> run = mergeToRun(sources, inputs);
        RunTraffic moved = MergeTraffic.of(layers, inputs, run);
        install(merged, run, layers, flushedSequence);
        traffic = moved;
        return true;
    }

    /** True when the policy asks for a merge of runs. */
    public boolean needsCompaction() {
        return runsToMerge() != CompactionPolicy.NONE;
    }

    /** True when it has more runs than it should keep, or the policy asks for a merge for the sake of what it would leave out. */
    public boolean isOverdue() {
        return CompactionPolicy.isOverdue(view, context);
    }

    /** True when a flush should bring tombstones to the runs for a merge that gives back at least {@code bytesMin}. */
    public boolean isReclaimDue(long bytesMin) {
        return CompactionPolicy.isReclaimDue(view, context, bytesMin);
    }

    /** The same where a merge gives back twice what stays: worth it even if more deletes are on their way. */
    public boolean isReclaimUrgent(long bytesMin) {
        return CompactionPolicy.isReclaimUrgent(view, context, bytesMin);
    }

    /** Merges runs if the policy asks for it. Requires the handler lock. Returns true when it did. */
    public boolean compactIfNeeded() {
        requireOpen();
        int count = runsToMerge();
        if (count == CompactionPolicy.NONE) {
            return false;
        }
        mergeNewest(count);
        return true;
    }

    /** Merges all runs into one. Requires the handler lock. Returns true when there was anything to merge. */
    public boolean compact() {
        requireOpen();
        boolean worthwhile = manifest.runs().size() > 1
                || view.openRuns().stream()
                        .anyMatch(run -> run.properties().tombstones() > 0
                                || run.properties().entries() > run.properties().distinctKeys());
        if (worthwhile) {
            mergeNewest(manifest.runs().size());
        }
        return worthwhile;
    }

    /** Writes all runs anew as one, also when there is one only. Requires the handler lock. Returns true when there was any. */
    public boolean rewrite() {
        requireOpen();
        int runs = manifest.runs().size();
        if (runs > 0) {
            mergeNewest(runs);
        }
        return runs > 0;
    }

    /**
     * Opens an iterator over the whole segment. FULL_ISOLATION requires the handler lock and holds the iterator lock until
     * it is closed or handed over.
     */
    public SegmentIterator openIterator(IteratorIsolation isolation) {
        return SegmentIterator.open(this, context, isolation);
    }

    /** Back from ISOLATED, with what was written meanwhile on top. Requires the commit lock. */
    public void resumeLocked(List<MemtableLayer> written) {
        if (gate.move(SegmentState.OPEN)) {
            adoptLocked(written);
        }
    }

    /**
     * Gives the view and the directory lock back; files stay. Memtables that are not flushed are lost but for the log.
     * Idempotent. Requires the handler lock, not the commit lock.
     */
    public void close() {
        close(false);
    }

    /**
     * Closes it as {@link #close} does, unless a memtable holds something or the segment is isolated.
     *
     * @return true when it is closed now
     */
    public boolean closeIfClean() {
        return close(true);
    }

    /** True when it could be closed without losing anything and nobody holds its view. */
    public boolean isIdle() {
        SegmentView current = view;
        return current == null
                || (!current.isDirty() && current.holder().references() == 1 && gate.state() == SegmentState.OPEN);
    }

    SegmentView isolateLocked() {
        requireOpen();
        sealLocked();
        gate.move(SegmentState.ISOLATED);
        return view;
    }

    RankedLock iteratorLock() {
        return iteratorLock;
    }

    private boolean close(boolean onlyIfClean) {
        SegmentView last = null;
        context.commitLock().lock();
        try {
            if (onlyIfClean
                    && gate.state() != SegmentState.CLOSED
                    && (view.isDirty() || gate.state() != SegmentState.OPEN)) {
                return false;
            }
            if (gate.move(SegmentState.CLOSED)) {
                last = view;
                view = null;
            }
        } finally {
            context.commitLock().unlock();
        }
        if (last != null) {
            last.holder().release();
            directoryLock.close();
        }
        return true;
    }

    private void requireOpen() {
        if (gate.state() != SegmentState.OPEN) {
            throw new IllegalStateException("segment " + directory + " is " + gate.state());
        }
    }

    private int runsToMerge() {
        SegmentView current = view;
        return current == null ? CompactionPolicy.NONE : CompactionPolicy.runsToMerge(current, context);
    }

    private void mergeNewest(int count) {
        List<Run> inputs = view.openRuns().subList(0, count);
        Shared<SharedRun> merged = mergeToRun(new ArrayList<>(), inputs);
        RunTraffic moved = MergeTraffic.of(List.of(), inputs, merged);
        install(view.runs().subList(0, count), merged, List.of(), manifest.flushedSequence());
        traffic = moved;
    }

    /** Writes one run of memtables and the newest runs; null when no entry is left. The number is consumed whatever happens. */
    private Shared<SharedRun> mergeToRun(List<EntryCursor> sources, List<Run> inputs) {
        long number = SegmentRunWriter.firstFree(context, directory, nextRunNumber);
        nextRunNumber = number + 1;
        inputs.forEach(run -> sources.add(run.cursor()));
        Tombstones tombstones = inputs.size() == manifest.runs().size() ? Tombstones.DROP : Tombstones.KEEP;
        KeyBounds bounds = manifest.bounds();
        // Inputs are fixed by now: snapshots that register later see the newest version of everything in them.
        long[] snapshots = context.snapshots().registered();
        try (RetainingCursor source = new RetainingCursor(MergeCursor.of(sources), snapshots, tombstones);
                SegmentRunWriter writer = new SegmentRunWriter(context, directory, manifest.indexId(), id, number)) {
            return writer.writeAll(source, bounds.lower(), bounds.upper()) == 0 ? null : writer.finish(true);
        } catch (IllegalArgumentException e) {
            throw SharedRun.disorder(inputs, e);
        }
    }

    /** Publishes a manifest with {@code added} in place of {@code removed} (P3 to P5), shows it, deletes what it replaces. */
    private void install(
            List<Shared<SharedRun>> removed,
            Shared<SharedRun> added,
            List<MemtableLayer> flushed,
            long flushedSequence) {
        List<Shared<SharedRun>> runs = new ArrayList<>(view.runs());
        runs.removeAll(removed);
        if (added != null) {
            runs.add(0, added);
        }
        SegmentManifest next = new SegmentManifest(
                manifest.indexId(), id, manifest.bounds(), flushedSequence, nextRunNumber, SharedRun.entries(runs));
        try {
            SegmentManifestFile.publish(context, directory, next);
        } catch (StoreException.Poisoned e) {
            // Old and new manifest may be the durable one: no file of either may go.
            releaseUnused(added);
            throw e;
        } catch (RuntimeException | Error e) {
            if (added != null) {
                // At once, not at the last release: after a close and an open the number may be given out anew.
                context.deleteAfter(e, added.get().path());
            }
            releaseUnused(added);
            throw e;
        }
        manifest = next;
        removed.forEach(run -> run.get().deleteOnRelease());
        SegmentView old;
        context.commitLock().lock();
        try {
            List<MemtableLayer> sealed = new ArrayList<>(view.sealed());
            sealed.removeAll(flushed);
            old = replaceLocked(new SegmentView(next.bounds(), view.active(), sealed, runs));
        } finally {
            context.commitLock().unlock();
        }
        // Outside of the lock: this may unmap and delete files.
        old.holder().release();
        releaseUnused(added);
    }

    private static void releaseUnused(Shared<SharedRun> run) {
        if (run != null) {
            run.release();
        }
    }

    /** Shows another view and returns the old one, whose reference the caller gives back. */
    private SegmentView replaceLocked(SegmentView next) {
        assert context.commitLock().isHeld();
        SegmentView old = view;
        view = next;
        return old;
    }

    /** Shows another view that holds everything the old one did. */
    private void extendLocked(SegmentView next) {
        replaceLocked(next).holder().release();
    }
}
