package io.cleave;

import io.cleave.core.segment.Segment;
import io.cleave.core.segment.SegmentView;
import io.cleave.event.RunTraffic;
import io.cleave.event.SegmentPlace;
import io.cleave.event.StoreEvents;

/** Work on the memtables and runs of one segment, under its handler lock. */
enum SegmentWork {
    /** Memtables into a run. */
    FLUSH {
        @Override
        boolean isDue(Segment segment, SegmentView view) {
            return view.isDirty();
        }

        @Override
        boolean run(Segment segment) {
            return segment.flush();
        }
    },
    /** Runs into fewer, by policy. */
    COMPACT {
        @Override
        boolean isDue(Segment segment, SegmentView view) {
            return segment.needsCompaction();
        }

        @Override
        boolean run(Segment segment) {
            return segment.compactIfNeeded();
        }
    },
    /** Memtables and all runs into one run. */
    COMPACT_ALL {
        @Override
        boolean isDue(Segment segment, SegmentView view) {
            return view.runCount() > 0 || view.isDirty();
        }

        @Override
        boolean run(Segment segment) {
            return segment.flushToOneRun();
        }
    },
    /** All runs into a new one. */
    REWRITE {
        @Override
        boolean isDue(Segment segment, SegmentView view) {
            return view.runCount() > 0;
        }

        @Override
        boolean run(Segment segment) {
            return segment.rewrite();
        }
    };

    /** True when there seems to be something to do: looked at without a lock. */
    abstract boolean isDue(Segment segment, SegmentView view);

    /** Does it. Requires the handler lock. Returns true when something was done, of which the segment has the traffic. */
    abstract boolean run(Segment segment);

    StoreEvents.RunSpan span() {
        return this == FLUSH ? StoreEvents.flush() : StoreEvents.compaction();
    }

    void tellBegin(StoreListener listener, SegmentPlace place) {
        if (this == FLUSH) {
            listener.flushBegun(place);
        } else {
            listener.compactionBegun(place);
        }
    }

    void tellEnd(StoreListener listener, SegmentPlace place, RunTraffic traffic, long nanos) {
        if (this == FLUSH) {
            listener.flushEnded(place, traffic, nanos);
        } else {
            listener.compactionEnded(place, traffic, nanos);
        }
    }
}
