package io.cleave;

import io.cleave.catalog.StoredOptions;
import io.cleave.core.storage.Storage;
import io.cleave.event.SegmentPlace;
import io.cleave.event.StoreEvents;
import io.cleave.route.OpenIndexes;
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

    private final Storage storage;
    private final OpenIndexes indexes;
    private final StoreNotices notices;
    private final WorkCounters work;
    private final long segmentBytesMost;
    private final int threads;

    /**
     * @param segmentBytesMost what a segment may have with the mapper of the store, whatever its index says
     * @param threads that rewrite at a time
     */
    SegmentRewrites(
            Storage storage,
            OpenIndexes indexes,
            StoreNotices notices,
            WorkCounters work,
            long segmentBytesMost,
            int threads) {
        this.storage = storage;
        this.indexes = indexes;
        this.notices = notices;
        this.work = work;
        this.segmentBytesMost = segmentBytesMost;
        this.threads = threads;
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
        long bytesMax = Math.min(kept.segmentBytesMax(), segmentBytesMost);
        return new SplitLimits(bytesMax, kept.segmentEntriesMax(), writerHeapBytesMax(threads));
    }

    SplitOutcome run(RoutedIndex index, SegmentSlot slot, Kind kind) {
        StoreEvents.RewriteSpan span = StoreEvents.rewrite();
        long start = storage.nanoTime();
        RewriteObserver observer = rewritten -> {
            long nanos = storage.nanoTime() - start;
            work.rewrites(rewritten.outcome()).add(rewritten.traffic(), nanos);
            SegmentPlace place = indexes.place(index, rewritten.oldIds().get(0));
            String segments = rewritten.newIds().stream().map(String::valueOf).collect(Collectors.joining(","));
            span.commit(place, rewritten.outcome().name(), segments, rewritten.traffic());
            tell(index, rewritten, nanos);
        };
        return kind.run(new SegmentSplitter(limits(index), step -> {}, observer), index, slot);
    }

    private void tell(RoutedIndex index, RewriteObserver.Rewritten rewritten, long nanos) {
        SegmentPlace place = indexes.place(index, 0);
        rewritten.newIds().forEach(id -> notices.tell(listener -> listener.segmentCreated(indexes.place(index, id))));
        StoreListener.Rewrite rewrite = new StoreListener.Rewrite(
                place.store(),
                place.index(),
                rewritten.outcome(),
                rewritten.oldIds(),
                rewritten.newIds(),
                rewritten.traffic(),
                nanos);
        notices.tell(listener -> tell(listener, rewrite));
        rewritten.oldIds().forEach(id -> notices.tell(listener -> listener.segmentDropped(indexes.place(index, id))));
    }

    private static void tell(StoreListener listener, StoreListener.Rewrite rewrite) {
        switch (rewrite.outcome()) {
            case SPLIT -> listener.segmentSplit(rewrite);
            case MERGED -> listener.segmentsMerged(rewrite);
            default -> listener.segmentRewritten(rewrite);
        }
    }
}
