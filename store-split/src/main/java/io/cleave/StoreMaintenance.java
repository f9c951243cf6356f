package io.cleave;

import io.cleave.catalog.StoredOptions;
import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.resource.StackRoom;
import io.cleave.core.segment.Segment;
import io.cleave.core.segment.SegmentView;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import io.cleave.maintenance.MaintenanceWorkers;
import io.cleave.maintenance.TaskHandle;
import io.cleave.maintenance.TaskKey;
import io.cleave.maintenance.TaskKind;
import io.cleave.maintenance.WritePacing;
import io.cleave.route.RetryPolicy;
import io.cleave.route.Route;
import io.cleave.route.RoutedIndex;
import io.cleave.route.SegmentSlot;
import io.cleave.split.SegmentSplitter;
import io.cleave.split.SplitOutcome;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides what background work a store needs, and has the workers do it. Thread-safe.
 *
 * <p>A task that fails for want of room or time is tried again when there is new reason to; one that fails {@value
 * TaskFailures#TRIES_MAX} times for another reason is left alone, and writers that depend on it get its cause. An I/O error or a
 * broken virtual machine poisons the store.
 */
final class StoreMaintenance {
    /** A segment with this many times the delta runs it should have slows its writers down. */
    private static final int DELTAS_PILED = 4;

    private static final int FLUSH_ROUNDS_MAX = 8;

    private final StoreContext shared;
    private final StoreOptions options;
    private final MaintenanceWorkers workers;
    private final WritePacing pacing;
    private final SegmentUpkeep upkeep;
    private final SegmentRewrites rewrites;
    private final MemoryRelief relief;
    private final DueWork due;
    private final PeriodicWork periodic;
    private final LogUpkeep log;
    private final RefusedSplits refused;
    private final TaskFailures failures;

    StoreMaintenance(StoreContext shared) {
        this.shared = shared;
        this.options = shared.options();
        Storage storage = shared.storage();
        StoreNotices notices = shared.notices();
        RuntimeResources runtime = shared.runtime();
        this.failures = new TaskFailures(storage);
        this.workers = new MaintenanceWorkers(storage, runtime.workers(), this::onFailure);
        String store = shared.directory().toString();
        this.pacing = new WritePacing(
                storage,
                runtime.budget(),
                store,
                (reason, nanos) -> notices.tell(listener -> listener.writerStalled(store, reason, nanos)));
        MemoryRelief.Home home = new MemoryRelief.Home(
                shared.directory(), storage, shared.gate(), shared.indexes(), options.waitMillisMax());
        this.relief = new MemoryRelief(home, runtime, pacing, workers, new FlushQueue());
        this.refused = new RefusedSplits(storage);
        this.upkeep = new SegmentUpkeep(
                storage, shared.indexes(), notices, shared.work(), new RetryPolicy(storage, options.waitMillisMax()));
        this.rewrites = new SegmentRewrites(
                storage,
                shared.indexes(),
                notices,
                shared.work(),
                options.segmentBytesMost(),
                runtime.maintenanceThreads());
        this.due = new DueWork(shared, this);
        this.periodic = new PeriodicWork(shared, this);
        this.log = new LogUpkeep(shared, this);
    }

    /** What of the queue memory is relieved by. */
    private final class FlushQueue implements MemoryRelief.Flushes {
        @Override
        public TaskHandle request(FlushTarget target) {
            return requestFlush(target.index(), target.slot());
        }

        @Override
        public boolean isPossible(FlushTarget target) {
            return isFlushable(target);
        }

        @Override
        public boolean isGivenUp(FlushTarget target) {
            return hasFailedTooOften(target);
        }
    }

    MaintenanceWorkers workers() {
        return workers;
    }

    WritePacing pacing() {
        return pacing;
    }

    MemoryRelief relief() {
        return relief;
    }

    DueWork due() {
        return due;
    }

    PeriodicWork periodic() {
        return periodic;
    }

    LogUpkeep log() {
        return log;
    }

    /** After recovery: the log is there, periodic work may start. */
    void begin() {
        periodic.begin();
        log.requestRelease();
        relief.relieve();
        workers.runQueued();
        due.afterReplay();
        // Those that the replay has loaded.
        shared.indexes().forEachSlot(due::afterLoad);
    }

    void close() {
        workers.close();
    }

    /** Before a write: slows it down, or has it wait for memory; never a listener, which the flush may be waiting for. */
    void admit() {
        if ((!pacing.admit() || relief.isHeldBack()) && !shared.notices().isTelling()) {
            relief.await();
        }
    }

    /** After a write: asks for a flush where one is due, and slows down writers of a segment that can't keep up. */
    void afterWrite(RoutedIndex index, SegmentSlot slot, long memtableBytes) {
        if (slot.isCrowded()) {
            pacing.delayForDeltas();
        }
        StoredOptions kept = index.options();
        boolean full = memtableBytes >= options.segmentMemtableBytesMax(kept.segmentBytesMax())
                || slot.hasMoreEntriesThan(kept.segmentEntriesMax());
        if (full && slot.side() == null) {
            requestFlushUnlessMarked(index, slot);
        } else {
            relief.relieveIfDue();
        }
        runQueued();
    }

    /** Flushes every memtable of the given indexes and waits. The first failure is thrown. */
    void flushAll(List<RoutedIndex> indexes) {
        // What a split takes over while it is flushed here shows up in new segments, hence another round.
        for (int round = 0; round < FLUSH_ROUNDS_MAX; round++) {
            List<TaskHandle> tasks = new ArrayList<>();
            for (RoutedIndex index : indexes) {
                index.forEachSlot(slot -> {
                    if (slot.isDirty()) {
                        tasks.add(requestFlush(index, slot));
                    }
                });
            }
            if (tasks.isEmpty()) {
                return;
            }
            workers.awaitAll(tasks);
        }
    }

    /** Flushes an index and merges the runs of each of its segments into one, and waits. */
    void compactAll(RoutedIndex index) {
        forAllSegments(index, TaskKind.COMPACT_ALL, SegmentWork.COMPACT_ALL);
    }

    /** The same where also one run is written anew. */
    void rewriteAll(RoutedIndex index) {
        forAllSegments(index, TaskKind.REWRITE, SegmentWork.REWRITE);
    }

    private void forAllSegments(RoutedIndex index, TaskKind kind, SegmentWork work) {
        List<TaskHandle> tasks = new ArrayList<>();
        index.forEachSlot(slot ->
                tasks.add(submit(kind, index, slot, () -> maintain(index, slot, SegmentWork.FLUSH, work))));
        workers.awaitAll(tasks);
        workers.await(log.requestRelease());
    }

    void toOneRun(RoutedIndex index, SegmentSlot slot) {
        maintain(index, slot, SegmentWork.COMPACT_ALL);
    }

    /** Splits one segment whatever its size, and waits; what came of it. */
    SplitOutcome splitNow(RoutedIndex index, SegmentSlot slot) {
        SplitOutcome[] outcome = {SplitOutcome.NOT_ELIGIBLE};
        workers.await(submit(TaskKind.SPLIT, index, slot, () -> {
            outcome[0] = rewrites.run(index, slot, SegmentSplitter::split);
            log.requestRelease();
        }));
        return outcome[0];
    }

    /** During recovery, on the opening thread: makes room. */
    void flushLargestNow() {
        FlushTarget largest = FlushTarget.largest(shared.indexes().all(), target -> true);
        if (largest != null) {
            maintain(largest.index(), largest.slot(), SegmentWork.FLUSH);
        }
    }

    /** After a write that found no memory. */
    void flushLargestIfPossible() {
        FlushTarget largest = FlushTarget.largest(shared.indexes().all(), this::isFlushable);
        if (largest != null) {
            requestFlush(largest.index(), largest.slot());
            runQueued();
        }
    }

    TaskHandle requestFlush(RoutedIndex index, SegmentSlot slot) {
        // Before the mark, which would stay without a task that takes it away.
        StackRoom.requireForWork();
        slot.markFlush();
        return submitFlush(index, slot);
    }

    /** The same unless a flush is queued or under way. */
    void requestFlushUnlessMarked(RoutedIndex index, SegmentSlot slot) {
        if (!slot.isFlushMarked()) {
            StackRoom.requireForWork();
            if (slot.markFlush()) {
                submitFlush(index, slot);
            }
        }
    }

    private TaskHandle submitFlush(RoutedIndex index, SegmentSlot slot) {
        TaskHandle task;
        try {
            task = submit(TaskKind.FLUSH, index, slot, () -> {
                flush(index, slot);
                log.requestRelease();
            });
        } catch (RuntimeException | Error e) {
            slot.clearFlush();
            throw e;
        }
        task.onEnd(thrown -> {
            slot.clearFlush();
            relief.rest().flushEnded(thrown);
        });
        return task;
    }

    /** Without threads, does what is queued; not for a listener, which a task may be waiting for. */
    void runQueued() {
        if (!shared.notices().isTelling()) {
            workers.runQueued();
        }
    }

    /** Writes memtables to a run, or at once to the new segments if the run would only make the segment too large. */
    private void flush(RoutedIndex index, SegmentSlot slot) {
        Segment segment = slot.segment();
        if (segment != null && due.reclaim(index, slot, segment)) {
            return;
        }
        boolean large = hasBegun()
                && segment != null
                && rewrites.limits(index).isTooLarge(segment)
                && !refused.isResting(splitKey(index, slot));
        if (!large || !hasDivided(splitIfThereIsRoom(index, slot))) {
            maintain(index, slot, SegmentWork.FLUSH);
        }
    }

    private SplitOutcome splitIfThereIsRoom(RoutedIndex index, SegmentSlot slot) {
        return refused.attempt(splitKey(index, slot), () -> split(index, slot), workers);
    }

    private static TaskKey splitKey(RoutedIndex index, SegmentSlot slot) {
        return key(TaskKind.SPLIT, index, slot);
    }

    private static boolean hasDivided(SplitOutcome outcome) {
        return outcome == SplitOutcome.SPLIT || outcome == SplitOutcome.COMPACTED;
    }

    private static TaskKey key(TaskKind kind, RoutedIndex index, SegmentSlot slot) {
        return new TaskKey(kind, index.indexId(), slot.segmentId());
    }

    TaskHandle submit(TaskKind kind, RoutedIndex index, SegmentSlot slot, Runnable body) {
        TaskKey key = key(kind, index, slot);
        TaskHandle task = workers.submit(key, recorded(key, () -> {
            if (index.isClosed() || index.route().positionOf(slot.segmentId()) < 0) {
                return;
            }
            runUnlessClosed(index, body);
            failures.forget(key);
            if (hasBegun()) {
                shared.quota().refresh();
            }
        }));
        task.onEnd(thrown -> {
            if (thrown == null && hasBegun()) {
                relief.lookAgain();
            }
        });
        return task;
    }

    /** What a task throws because its index is dropped under it is no failure. */
    private static void runUnlessClosed(RoutedIndex index, Runnable body) {
        try {
            body.run();
        } catch (StoreException.Io | StoreException.Poisoned e) {
            throw e;
        } catch (RuntimeException e) {
            if (!index.isClosed()) {
                throw e;
            }
        }
    }

    /** A task that a flight recording shows. */
    Runnable recorded(TaskKey key, Runnable body) {
        return new RecordedTask(shared.indexes(), key, body);
    }

    /** Does work on a segment, then looks what it needs next. */
    void maintain(RoutedIndex index, SegmentSlot slot, SegmentWork... works) {
        boolean current = true;
        for (SegmentWork work : works) {
            current = current && upkeep.run(index, slot, work);
        }
        if (current && hasBegun()) {
            followUp(index, slot);
        }
    }

    /** Queues compaction, split or merge of a segment as its size asks for. */
    private void followUp(RoutedIndex index, SegmentSlot slot) {
        Segment segment = slot.segment();
        SegmentView view = slot.view();
        if (view == null
                || index.route().positionOf(slot.segmentId()) < 0
                || shared.gate().isClosed()) {
            return;
        }
        slot.crowd(view.runCount() > DELTAS_PILED * (options.deltasMax() + 1));
        if (rewrites.limits(index).isTooLarge(segment)) {
            // A split merges all runs on its way.
            if (!refused.isResting(splitKey(index, slot))) {
                submitUnlessGivenUp(TaskKind.SPLIT, index, slot, () -> splitIfThereIsRoom(index, slot));
            }
        } else if (segment.needsCompaction()) {
            submitUnlessGivenUp(TaskKind.COMPACT, index, slot, () -> maintain(index, slot, SegmentWork.COMPACT));
        }
        mergeIfSmall(index, slot);
    }

    /** Queues the merge of a segment with a neighbour that is loaded, if both are small. */
    void mergeIfSmall(RoutedIndex index, SegmentSlot slot) {
        Route route = index.route();
        int position = route.positionOf(slot.segmentId());
        mergeIfSmall(index, route, position);
        mergeIfSmall(index, route, position - 1);
    }

    private SplitOutcome split(RoutedIndex index, SegmentSlot slot) {
        SplitOutcome outcome = rewrites.run(index, slot, SegmentSplitter::splitIfTooLarge);
        if (hasDivided(outcome)) {
            Route route = index.route();
            byte[] upper = slot.bounds().upper();
            int last = upper == null ? route.size() - 1 : route.position(upper, KeyOrder.prefix(upper, upper.length));
            for (int i = firstPosition(route, slot); i <= last; i++) {
                followUp(index, route.slot(i));
            }
        }
        return outcome;
    }

    private void merge(RoutedIndex index, SegmentSlot slot) {
        if (rewrites.run(index, slot, SegmentSplitter::mergeIfSmall) == SplitOutcome.MERGED) {
            // The one that came of it may be small enough for its next neighbour.
            followUp(index, index.route().slot(firstPosition(index.route(), slot)));
        }
    }

    /** Position of the slot that holds the first key of another one, which may have left the route. */
    private static int firstPosition(Route route, SegmentSlot slot) {
        byte[] lower = slot.bounds().lower();
        return lower == null ? 0 : route.position(lower, KeyOrder.prefix(lower, lower.length));
    }

    private void mergeIfSmall(RoutedIndex index, Route route, int position) {
        if (position < 0 || position + 1 >= route.size()) {
            return;
        }
        SegmentSlot lower = route.slot(position);
        Segment low = lower.segment();
        Segment high = route.slot(position + 1).segment();
        if (low != null && high != null && rewrites.limits(index).areSmall(low, high)) {
            submitUnlessGivenUp(TaskKind.MERGE, index, lower, () -> merge(index, lower));
        }
    }

    /** False while the store is being opened: nothing is queued then. */
    boolean hasBegun() {
        return shared.gate().hasOpened();
    }

    /** Null when it has failed too often. */
    TaskHandle submitUnlessGivenUp(TaskKind kind, RoutedIndex index, SegmentSlot slot, Runnable body) {
        TaskKey key = key(kind, index, slot);
        return failures.isTooOften(key) ? null : submit(kind, index, slot, body);
    }

    private boolean isFlushable(FlushTarget target) {
        return !target.slot().isFlushMarked() && !hasFailedTooOften(target);
    }

    private boolean hasFailedTooOften(FlushTarget target) {
        return failures.isTooOften(key(TaskKind.FLUSH, target.index(), target.slot()));
    }

    /** Asks for a compaction if the policy does, unless it has failed too often; null when not. */
    TaskHandle requestCompactionIfDue(RoutedIndex index, SegmentSlot slot) {
        Segment segment = slot.segment();
        if (segment == null || slot.side() != null || !segment.needsCompaction()) {
            return null;
        }
        return submitUnlessGivenUp(TaskKind.COMPACT, index, slot, () -> maintain(index, slot, SegmentWork.COMPACT));
    }

    /** Asks for a flush unless one is under way or has failed too often. */
    void requestFlushIfPossible(RoutedIndex index, SegmentSlot slot) {
        if (isFlushable(new FlushTarget(index, slot))) {
            requestFlush(index, slot);
        }
    }

    private void onFailure(TaskKey key, Throwable cause) {
        boolean unknownState = cause instanceof StoreException.Io
                || cause instanceof StoreException.Poisoned
                || cause instanceof VirtualMachineError
                || cause instanceof LinkageError;
        if (unknownState) {
            shared.gate().poison(cause);
        }
        boolean passing = cause instanceof StoreException.DiskFull
                || cause instanceof StoreException.LimitReached
                || cause instanceof StoreException.Busy;
        if (passing) {
            failures.failedForNow(key, cause);
        } else {
            failures.failed(key, cause);
        }
        shared.notices()
                .tell(listener -> listener.taskFailed(
                        shared.indexes().place(key.indexId(), key.segmentId()),
                        key.kind().name(),
                        cause));
    }
}
