package io.cleave;

import io.cleave.core.registry.SegmentRegistryAccess;
import io.cleave.core.registry.SegmentRegistryStatus;
import io.cleave.core.segment.Segment;
import io.cleave.core.segment.SegmentState;
import io.cleave.core.segment.SegmentView;
import io.cleave.core.storage.Storage;
import io.cleave.event.RunTraffic;
import io.cleave.event.SegmentPlace;
import io.cleave.event.StoreEvents;
import io.cleave.route.OpenIndexes;
import io.cleave.route.RetryPolicy;
import io.cleave.route.RoutedIndex;
import io.cleave.route.SegmentSlot;

/**
 * Flushes and compacts one segment at a time: takes its handler lock, waiting while somebody else has it, and measures,
 * records and tells what was done. Thread-safe. Requires of the caller that it holds no lock of the store.
 */
final class SegmentUpkeep {
    private final Storage storage;
    private final OpenIndexes indexes;
    private final StoreNotices notices;
    private final WorkCounters counters;
    private final RetryPolicy retry;

    /** @param retry how long it waits for whoever else holds a segment */
    SegmentUpkeep(
            Storage storage, OpenIndexes indexes, StoreNotices notices, WorkCounters counters, RetryPolicy retry) {
        this.storage = storage;
        this.indexes = indexes;
        this.notices = notices;
        this.counters = counters;
        this.retry = retry;
    }

    /**
     * Does one piece of work on the segment of a slot.
     *
     * @return false when the slot is out of date or its index closed
     */
    boolean run(RoutedIndex index, SegmentSlot slot, SegmentWork work) {
        if (index.load(slot) == null) {
            return false;
        }
        SegmentPlace place = indexes.place(index, slot.segmentId());
        boolean due = isDue(slot, work);
        if (due) {
            notices.tell(listener -> work.tellBegin(listener, place));
        }
        long start = storage.nanoTime();
        RunTraffic[] traffic = {RunTraffic.NONE};
        try {
            return runLocked(index, slot, work, traffic);
        } finally {
            // A begin that found nothing to do is no news, but one that was told has its end.
            if (due || !traffic[0].equals(RunTraffic.NONE)) {
                long nanos = storage.nanoTime() - start;
                notices.tell(listener -> work.tellEnd(listener, place, traffic[0], nanos));
            }
        }
    }

    private static boolean isDue(SegmentSlot slot, SegmentWork work) {
        Segment segment = slot.segment();
        SegmentView view = slot.view();
        return segment != null && view != null && work.isDue(segment, view);
    }

    private boolean runLocked(RoutedIndex index, SegmentSlot slot, SegmentWork work, RunTraffic[] traffic) {
        RetryPolicy.Attempt attempt = retry.attempt("segment " + index.segmentDirectory(slot.segmentId()));
        while (true) {
            try (SegmentRegistryAccess access = index.registry().getSegment(slot.segmentId())) {
                SegmentRegistryStatus status = access.lock();
                if (status == SegmentRegistryStatus.OK) {
                    Segment segment = access.segment();
                    slot.remember(segment);
                    if (segment.state() == SegmentState.OPEN) {
                        traffic[0] = measure(index, segment, work);
                    }
                    return true;
                }
                if (status != SegmentRegistryStatus.BUSY) {
                    return false;
                }
            }
            attempt.backOff();
            if (index.load(slot) == null) {
                return false;
            }
        }
    }

    /** Requires the handler lock. */
    private RunTraffic measure(RoutedIndex index, Segment segment, SegmentWork work) {
        StoreEvents.RunSpan span = work.span();
        long start = storage.nanoTime();
        if (!work.run(segment)) {
            return RunTraffic.NONE;
        }
        RunTraffic traffic = segment.traffic();
        RunWorkCounters kind = work == SegmentWork.FLUSH ? counters.flushes() : counters.compactions();
        kind.add(traffic, storage.nanoTime() - start);
        span.commit(indexes.place(index, segment.id()), traffic);
        return traffic;
    }
}
