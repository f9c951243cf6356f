package io.cleave;

import io.cleave.core.segment.Segment;
import io.cleave.core.segment.SegmentView;
import io.cleave.core.segment.Snapshots;
import io.cleave.error.StoreException;
import io.cleave.maintenance.TaskHandle;
import io.cleave.maintenance.TaskKind;
import io.cleave.route.RoutedIndex;
import io.cleave.route.SegmentSlot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Work on segments that is due for other reasons than the size of what is written: deletes that hide much, cursors that have paid,
 * a close, a load, a replay, the limit of files. Thread-safe. Source: ADR 0020, ADR 0030, ADR 0031.
 */
final class DueWork {
    /** What merges may read at a close or an open; the rest is done when its segments are loaded again. */
    static final long SETTLE_BYTES_MAX = 16 << 20;

    /** Log files that an open finds; with more of them what was replayed is flushed, if it is little. */
    static final int LOG_FILES_MAX = 4;

    private static final long REPLAYED_BYTES_MAX = 4 << 20;
    private static final int ROUNDS_MAX = 4;

    /** At the limit of files a segment is rewritten for this part of its bytes. */
    private static final int ROOM_PARTS = 8;

    /** Cursors pay at least so much for a segment, however small, before it is rewritten for them. */
    private static final long READ_DEBT_BYTES_MIN = 1 << 20;

    private final StoreContext shared;
    private final StoreMaintenance maintenance;
    /** Spreads sequence numbers, so that looks do not fall in step with a program that deletes in turns. */
    private static final long LOOK_FACTOR = 0x9E37_79B9_7F4A_7C15L;

    /** Leaves the four highest bits of a spread number. */
    private static final int LOOK_SHIFT = Long.SIZE - 4;

    /** True when {@link #lookAtDeletes} is called each second. */
    private final boolean looksLater;

    private final AtomicInteger roomTasks = new AtomicInteger();
    private volatile long roomAt = -1;

    DueWork(StoreContext shared, StoreMaintenance maintenance) {
        this.shared = shared;
        this.maintenance = maintenance;
        this.looksLater = shared.runtime().maintenanceThreads() > 0;
    }

    /**
     * True for one delete in sixteen, at uneven gaps: the look takes a third of the time of a delete, and {@link #lookAtDeletes}
     * finds what it has missed. For each where nobody looks later.
     */
    boolean looksAfterDelete(long sequence) {
        return !looksLater || (sequence * LOOK_FACTOR) >>> LOOK_SHIFT == 0;
    }

    /**
     * After a delete: asks for a flush where tombstones hide so much that a merge of the runs is worth it. More deletes are likely
     * to follow, so where {@link #lookAtDeletes} comes within a second and no quota is short of room, only what can't wait is asked for.
     */
    void afterDelete(RoutedIndex index, SegmentSlot slot) {
        Segment segment = slot.segment();
        if (segment == null || slot.side() != null) {
            return;
        }
        long bytesMin = PeriodicWork.worthBytes(index);
        boolean mayWait = looksLater && !shared.quota().isSet();
        boolean due = mayWait ? segment.isReclaimUrgent(bytesMin) : segment.isReclaimDue(bytesMin);
        if (due) {
            maintenance.requestFlushUnlessMarked(index, slot);
        }
    }

    /** Asks for the flushes that deletes without a look after them have made due. */
    void lookAtDeletes() {
        if (!shared.gate().isAtWork() || maintenance.relief().rest().isResting()) {
            return;
        }
        for (RoutedIndex index : shared.indexes().all()) {
            index.forEachSlot(slot -> {
                Segment segment = slot.segment();
                if (segment != null && slot.side() == null && segment.isReclaimDue(PeriodicWork.worthBytes(index))) {
                    maintenance.requestFlushIfPossible(index, slot);
                }
            });
        }
    }

    /** After a cursor has left a segment: has its entries brought together once cursors have paid enough for it. */
    void afterRead(RoutedIndex index, SegmentSlot slot) {
        SegmentView view = slot.view();
        if (view == null || !shared.gate().isAtWork()) {
            return;
        }
        long bytes = Math.max(READ_DEBT_BYTES_MIN, view.runBytes() + view.memtableBytes());
        Snapshots snapshots = shared.context().snapshots();
        if (slot.readDebt().exceeds(bytes, snapshots::oldest)) {
            slot.readDebt().settle(snapshots.visible());
            maintenance.submitUnlessGivenUp(
                    TaskKind.COMPACT_READ, index, slot, () -> maintenance.toOneRun(index, slot));
        }
    }

    /** Merges memtables with all runs if tombstones hide so much; false when not, or there is no room for it. */
    boolean reclaim(RoutedIndex index, SegmentSlot slot, Segment segment) {
        // A close leaves large merges to the next load.
        if (!maintenance.hasBegun() || shared.gate().isClosed() || !segment.isReclaimDue(1)) {
            return false;
        }
        try {
            maintenance.toOneRun(index, slot);
            return true;
        } catch (StoreException.DiskFull | StoreException.LimitReached e) {
            // A flush alone needs less.
            return false;
        }
    }

    /** Merges the runs of segments that are loaded and have too many, or much that nobody sees, and waits. */
    void settle() {
        long left = SETTLE_BYTES_MAX;
        for (int round = 0; round < ROUNDS_MAX; round++) {
            List<TaskHandle> tasks = new ArrayList<>();
            for (RoutedIndex index : shared.indexes().all()) {
                left = settle(index, left, tasks);
            }
            if (tasks.isEmpty()) {
                return;
            }
            maintenance.workers().awaitAll(tasks);
        }
    }

    private long settle(RoutedIndex index, long bytesMax, List<TaskHandle> tasks) {
        long[] left = {bytesMax};
        index.forEachSlot(slot -> {
            SegmentView view = slot.view();
            if (view != null && slot.segment().isOverdue() && view.runBytes() <= left[0]) {
                left[0] -= view.runBytes();
                TaskHandle task = maintenance.requestCompactionIfDue(index, slot);
                if (task != null) {
                    tasks.add(task);
                }
            }
        });
        return left[0];
    }

    /** After a segment was loaded: an earlier session may have left it in disorder, or too small beside a neighbour. */
    void afterLoad(RoutedIndex index, SegmentSlot slot) {
        Segment segment = slot.segment();
        if (shared.gate().isAtWork() && segment != null) {
            if (segment.isOverdue()) {
                maintenance.requestCompactionIfDue(index, slot);
            }
            maintenance.mergeIfSmall(index, slot);
        }
    }

    /**
     * After a replay: sessions that are killed again and again leave a log file each. Flushes what was replayed when the files are
     * many and that is little. A failure is no reason not to open.
     */
    void afterReplay() {
        if (shared.log().writer().files() <= LOG_FILES_MAX || shared.indexes().memtableBytes() > REPLAYED_BYTES_MAX) {
            return;
        }
        try {
            maintenance.flushAll(shared.indexes().all());
            settle();
            maintenance.workers().await(maintenance.log().requestRelease());
        } catch (StoreException e) {
            System.getLogger(DueWork.class.getName())
                    .log(System.Logger.Level.WARNING, "store " + shared.directory() + ": flush after replay", e);
        }
    }

    /** At the limit of files: gives back what deletes have hidden, and log files that only memtables need. */
    void makeRoom() {
        long sequence = shared.context().snapshots().visible();
        if (sequence == roomAt || !roomTasks.compareAndSet(0, 1)) {
            return;
        }
        try {
            boolean logToo = shared.log().writer().files() > 1;
            shared.indexes().forEachSlot((index, slot) -> makeRoom(index, slot, logToo));
            roomAt = sequence;
        } finally {
            endOne();
        }
    }

    private void makeRoom(RoutedIndex index, SegmentSlot slot, boolean logToo) {
        SegmentView view = slot.view();
        if (view == null || slot.side() != null) {
            return;
        }
        if (isWorthRoom(view)) {
            count(requestOneRun(index, slot));
        } else if (logToo && view.isDirty()) {
            count(maintenance.requestFlush(index, slot));
        }
    }

    /** Asks for everything of a segment in one run, to give room back. */
    private TaskHandle requestOneRun(RoutedIndex index, SegmentSlot slot) {
        return maintenance.submit(TaskKind.RECLAIM, index, slot, () -> {
            maintenance.toOneRun(index, slot);
            maintenance.log().requestRelease();
        });
    }

    private void count(TaskHandle task) {
        roomTasks.incrementAndGet();
        task.onEnd(thrown -> endOne());
    }

    private void endOne() {
        roomTasks.decrementAndGet();
    }

    private static boolean isWorthRoom(SegmentView view) {
        double dead = view.garbage().withTombstones(view.memtableTombstones()).deadBytes();
        return dead > 0 && dead >= view.runBytes() / (double) ROOM_PARTS;
    }
}
