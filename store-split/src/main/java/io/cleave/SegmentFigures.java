package io.cleave;

import io.cleave.core.run.RunProperties;
import io.cleave.core.segment.RunGarbage;
import io.cleave.core.segment.SegmentGlance;
import io.cleave.core.segment.SegmentView;
import io.cleave.error.StoreException;
import io.cleave.route.RoutedIndex;
import io.cleave.route.SegmentSlot;
import java.util.Arrays;
import java.util.List;

/** Describes segments for {@link IndexStats}, those that are not loaded by their files. Stateless, thread-safe. */
final class SegmentFigures {
    private static final int LOWER_SHOWN_BYTES = 16;

    private SegmentFigures() {}

    static IndexStats.SegmentStats of(RoutedIndex index, SegmentSlot slot) {
        SegmentView view = slot.view();
        if (view == null || !view.holder().tryAcquire()) {
            return ofFiles(index, slot);
        }
        try {
            return ofView(slot, view);
        } finally {
            view.holder().release();
        }
    }

    private static IndexStats.SegmentStats ofView(SegmentSlot slot, SegmentView view) {
        RunGarbage runs = view.garbage();
        long inRuns = view.openRuns().stream()
                .mapToLong(run -> run.properties().tombstones())
                .sum();
        long inMemory = view.memtableTombstones();
        long puts = view.memtableEntries() - inMemory;
        return new IndexStats.SegmentStats(
                slot.segmentId(),
                lower(slot),
                true,
                view.entries(),
                view.runCount(),
                view.runBytes(),
                view.memtableBytes(),
                inRuns + inMemory,
                Math.max(0, runs.liveEntries() + puts - inMemory));
    }

    private static IndexStats.SegmentStats ofFiles(RoutedIndex index, SegmentSlot slot) {
        List<RunProperties> runs;
        try {
            runs = SegmentGlance.runs(
                    index.context(), index.indexId(), slot.segmentId(), index.segmentDirectory(slot.segmentId()));
        } catch (StoreException e) {
            // It has left the route, or is damaged: whoever loads it is told.
            runs = List.of();
        }
        RunGarbage garbage = RunGarbage.of(runs, Long.MAX_VALUE);
        return new IndexStats.SegmentStats(
                slot.segmentId(),
                lower(slot),
                false,
                runs.stream().mapToLong(RunProperties::entries).sum(),
                runs.size(),
                garbage.bytes(),
                0,
                runs.stream().mapToLong(RunProperties::tombstones).sum(),
                garbage.liveEntries());
    }

    private static byte[] lower(SegmentSlot slot) {
        byte[] lower = slot.bounds().lower();
        return lower == null ? CommitPath.NO_VALUE : Arrays.copyOf(lower, Math.min(lower.length, LOWER_SHOWN_BYTES));
    }
}
