package io.cleave;

import io.cleave.catalog.StoredOptions;
import io.cleave.event.SegmentPlace;
import io.cleave.event.StoreEvents;
import io.cleave.route.RoutedIndex;
import io.cleave.route.SegmentSlot;
import io.cleave.split.RewriteObserver;
import io.cleave.split.SegmentSplitter;
import io.cleave.split.SplitLimits;
import io.cleave.split.SplitOutcome;
import java.util.stream.Collectors;

/**
 * Splits and merges segments, and measures, records and tells what came of it. Thread-safe. Requires of the caller that it
 * holds no lock of the store.
 */
final class SegmentRewrites {
    private static final int HEAP_PARTS = 4;

    /** Some 40,000 keys: less would make too many segments. */
    private static final long WRITER_HEAP_BYTES_LEAST = 1 << 20;

    private final StoreEngine engine;

    SegmentRewrites(StoreEngine engine) {
        this.engine = engine;
    }

    /** A quarter of the heap is for writers of runs, and each thread may be one. */
    private static long writerHeapBytesMax(int threads) {
        long bytes = Runtime.getRuntime().maxMemory() / HEAP_PARTS / Math.max(1, threads);
        return Math.max(WRITER_HEAP_BYTES_LEAST, bytes);
    }

    /** One kind of rewrite. */
    interface Kind {
        SplitOutcome run(SegmentSplitter splitter, RoutedIndex index, SegmentSlot slot);
    }

    /** When segments of an index are split and merged; those of one that had another mapper as early as this one needs. */
    SplitLimits limits(RoutedIndex index) {
        StoredOptions kept = index.options();
        long bytesMax = Math.min(kept.segmentBytesMax(), engine.options().segmentBytesMost());
        int threads = engine.runtime().maintenanceThreads();
        return new SplitLimits(bytesMax, kept.segmentEntriesMax(), writerHeapBytesMax(threads));
    }

    SplitOutcome run(RoutedIndex index, SegmentSlot slot, Kind kind) {
        StoreEvents.RewriteSpan span = StoreEvents.rewrite();
        long start = engine.storage().nanoTime();
        RewriteObserver observer = rewritten -> {
            long nanos = engine.storage().nanoTime() - start;
            engine.meters().rewrites(rewritten.outcome()).add(rewritten.traffic(), nanos);
            SegmentPlace place = engine.place(index, rewritten.oldIds().get(0));
            String segments = rewritten.newIds().stream().map(String::valueOf).collect(Collectors.joining(","));
            span.commit(place, rewritten.outcome().name(), segments, rewritten.traffic());
            tell(index, rewritten, nanos);
        };
        return kind.run(new SegmentSplitter(limits(index), step -> {}, observer), index, slot);
    }

    private void tell(RoutedIndex index, RewriteObserver.Rewritten rewritten, long nanos) {
        StoreNotices notices = engine.notices();
        SegmentPlace place = engine.place(index, 0);
        rewritten.newIds().forEach(id -> notices.tell(listener -> listener.segmentCreated(engine.place(index, id))));
        StoreListener.Rewrite rewrite = new StoreListener.Rewrite(
                place.store(),
                place.index(),
                rewritten.outcome(),
                rewritten.oldIds(),
                rewritten.newIds(),
                rewritten.traffic(),
                nanos);
        notices.tell(listener -> tell(listener, rewrite));
        rewritten.oldIds().forEach(id -> notices.tell(listener -> listener.segmentDropped(engine.place(index, id))));
    }

    private static void tell(StoreListener listener, StoreListener.Rewrite rewrite) {
        switch (rewrite.outcome()) {
            case SPLIT -> listener.segmentSplit(rewrite);
            case MERGED -> listener.segmentsMerged(rewrite);
            default -> listener.segmentRewritten(rewrite);
        }
    }
}
