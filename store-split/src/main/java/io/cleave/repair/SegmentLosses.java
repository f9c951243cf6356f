package io.cleave.repair;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.run.RunProperties;
import io.cleave.core.run.RunSalvage;
import io.cleave.log.LogSalvage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Says which keys of a segment have lost entries, and how many: as narrowly as the runs allow, that is from the last key before a
 * damaged block to the first key behind it. Belongs to one thread.
 */
final class SegmentLosses {
    /**
     * Keys between two others, both included.
     *
     * @param from null for no lower bound
     * @param to null for no upper bound
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Span(byte[] from, byte[] to) {
        boolean contains(byte[] key) {
            return (from == null || KeyOrder.compare(key, from) >= 0) && (to == null || KeyOrder.compare(key, to) <= 0);
        }

        boolean meets(byte[] smallest, byte[] largest) {
            return (to == null || KeyOrder.compare(smallest, to) <= 0)
                    && (from == null || KeyOrder.compare(largest, from) >= 0);
        }
    }

    private final Salvage salvage;
    private final IndexPlace index;
    private final Map<Path, Path> moved = new TreeMap<>();

    SegmentLosses(Salvage salvage, IndexPlace index) {
        this.salvage = salvage;
        this.index = index;
    }

    /** Where a damaged file is now. */
    void movedTo(Path file, Path target) {
        moved.put(file, target);
    }

    /** Where entries of a run are missing. */
    static List<Span> spans(SegmentRuns.Damage damage, KeyBounds bounds) {
        List<Span> spans = new ArrayList<>();
        if (damage.complete()) {
            return spans;
        }
        RunProperties own = damage.properties();
        KeyBounds keys = own == null ? bounds : bounds.intersect(new KeyBounds(own.smallestKey(), null));
        byte[] last = own == null || !bounds.contains(own.largestKey()) ? bounds.upper() : own.largestKey();
        for (RunSalvage.Gap gap : damage.gaps()) {
            spans.add(
                    new Span(gap.after() == null ? keys.lower() : gap.after(), gap.upTo() == null ? last : gap.upTo()));
        }
        return spans.isEmpty() ? List.of(new Span(bounds.lower(), bounds.upper())) : spans;
    }

    /** Every key of a segment may have lost entries. */
    void loseAll(Path file, KeyBounds bounds, LostEntries entries, LostRange.Shown shown) {
        salvage.lose(new LostRange(index.name(), index.id(), file, bounds.lower(), bounds.upper(), 0, entries, shown));
    }

    /**
     * Says what was done about a damaged run, and what is lost with it.
     *
     * @param kept what there is of all runs
     * @param restored keys whose entries the log had
     */
    void tell(
            SegmentRuns.Damage damage,
            KeyBounds bounds,
            List<SegmentRuns.Kept> kept,
            LogSalvage log,
            Collection<byte[]> restored) {
        Path target = moved.get(damage.file());
        salvage.note(damage.failure(), damage.file(), done(damage, target));
        RunProperties own = damage.properties();
        long smallest = own == null ? 1 : own.smallestSequence();
        if (damage.complete() || log.holdsAll(smallest, own == null ? damage.sequenceMax() : own.largestSequence())) {
            return;
        }
        List<Span> spans = spans(damage, bounds);
        long there = restored.stream()
                .filter(key -> spans.stream().anyMatch(span -> span.contains(key)))
                .count();
        LostEntries lost = missing(damage).butFor(there);
        List<LostRange> ranges = new ArrayList<>();
        for (Span span : spans) {
            boolean older = kept.stream()
                    .filter(run -> run.number() < damage.number())
                    .anyMatch(run -> span.meets(
                            run.properties().smallestKey(), run.properties().largestKey()));
            ranges.add(new LostRange(
                    index.name(),
                    index.id(),
                    target == null ? damage.file() : target,
                    span.from(),
                    span.to(),
                    0,
                    spans.size() == 1 || lost.atMost() == LostEntries.UNCOUNTED
                            ? lost
                            : new LostEntries(0, lost.atMost()),
                    older ? LostRange.Shown.OLDER : LostRange.Shown.NOTHING));
        }
        salvage.lose(lost, ranges);
    }

    /** How many entries of a run are not kept: by its properties, else by the manifest. */
    private static LostEntries missing(SegmentRuns.Damage damage) {
        RunProperties own = damage.properties();
        if (own != null && !damage.gaps().isEmpty()) {
            return LostEntries.exactly(own.entries() - damage.kept());
        }
        if (damage.entries() < 0) {
            return LostEntries.UNKNOWN;
        }
        long least = Math.max(0, damage.entries() - damage.kept());
        // Without gaps what is kept is of a file that the manifest does not mean, and may be none of its entries.
        boolean isOfTheRun = damage.kept() == 0 || !damage.gaps().isEmpty();
        return new LostEntries(least, isOfTheRun ? least : damage.entries());
    }

    private String done(SegmentRuns.Damage damage, Path target) {
        String place = target == null ? "taken out of the manifest" : salvage.movedTo(target);
        if (damage.kept() == 0) {
            return place;
        }
        RunProperties own = damage.properties();
        long held = own == null ? damage.entries() : own.entries();
        String all = held < 0 ? "" : " of " + held;
        return damage.kept() + all + " entries kept in a run made anew from its blocks, the old one " + place;
    }
}
