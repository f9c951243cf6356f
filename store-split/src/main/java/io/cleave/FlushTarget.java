package io.cleave;

import io.cleave.core.segment.MemtableLayer;
import io.cleave.core.segment.SegmentView;
import io.cleave.route.Route;
import io.cleave.route.RoutedIndex;
import io.cleave.route.SegmentSlot;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * A slot whose memtables are worth a flush.
 *
 * @param index the index it belongs to
 * @param slot the slot
 */
record FlushTarget(RoutedIndex index, SegmentSlot slot) {
    /** The slot with the largest memtables that can be flushed now and passes the filter, or null. */
    static FlushTarget largest(List<RoutedIndex> indexes, Predicate<FlushTarget> filter) {
        return best(indexes, view -> view.isDirty() ? view.memtableBytes() : 0, filter);
    }

    /** The slot whose memtables need the oldest log position, or null. */
    static FlushTarget oldest(List<RoutedIndex> indexes) {
        return best(indexes, view -> MemtableLayer.NO_LOG - view.firstLogPosition(), target -> true);
    }

    /** The slot with the highest weight above 0. One that is isolated can't be flushed. */
    private static FlushTarget best(
            List<RoutedIndex> indexes, ToLongFunction<SegmentView> weight, Predicate<FlushTarget> filter) {
        FlushTarget best = null;
        long most = 0;
        for (RoutedIndex index : indexes) {
            Route route = index.route();
            for (int i = 0; i < route.size(); i++) {
                FlushTarget target = new FlushTarget(index, route.slot(i));
                SegmentView view = target.view();
                long weighed = view == null ? 0 : weight.applyAsLong(view);
                if (weighed > most && filter.test(target)) {
                    most = weighed;
                    best = target;
                }
            }
        }
        return best;
    }

    /** Memory that its memtables take. */
    long bytes() {
        SegmentView view = view();
        return view == null ? 0 : view.memtableBytes();
    }

    private SegmentView view() {
        return slot.side() == null ? slot.view() : null;
    }
}
