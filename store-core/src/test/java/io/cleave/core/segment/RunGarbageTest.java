package io.cleave.core.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.bytes.RandomCases;
import io.cleave.core.run.Compression;
import io.cleave.core.run.FilterKind;
import io.cleave.core.run.RunOptions;
import io.cleave.core.run.RunProperties;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RunGarbageTest {
    private static final SegmentOptions OPTIONS = new SegmentOptions(RunOptions.defaults(), 4, 0.75);
    private static final long NOBODY = Long.MAX_VALUE;
    private static final int VALUE_BYTES = 1_000;
    private static final int ENTRY_BYTES = 24;

    /** Entries of 8 + 1,000 bytes, tombstones of 8; the overhead is as it is estimated. */
    private static RunProperties run(long puts, long tombstones, long distinctKeys, long largestSequence) {
        long entries = puts + tombstones;
        long bytes = entries * ENTRY_BYTES + puts * VALUE_BYTES;
        byte[] key = {1};
        return new RunProperties(
                entries,
                distinctKeys,
                tombstones,
                8 * entries,
                puts * VALUE_BYTES,
                key,
                key,
                1,
                largestSequence,
                bytes,
                bytes,
                1,
                Compression.NONE,
                FilterKind.NONE);
    }

    private static RunProperties puts(long count, long sequence) {
        return run(count, 0, count, sequence);
    }

    private static RunProperties tombstones(long count, long sequence) {
        return run(0, count, count, sequence);
    }

    private static int merge(RunGarbage garbage, RunProperties... newestFirst) {
        List<Long> sizes = new ArrayList<>();
        for (RunProperties run : newestFirst) {
            sizes.add(run.fileBytes());
        }
        return CompactionPolicy.runsToMerge(sizes, garbage, OPTIONS);
    }

    @Test
    void aTombstoneCountsAsTheEntryThatItHides() {
        RunGarbage garbage = RunGarbage.of(List.of(tombstones(100, 9), puts(1_000, 5)), NOBODY);
        assertEquals(900, garbage.liveEntries());
        assertEquals(100.0 * (VALUE_BYTES + ENTRY_BYTES) + 100 * ENTRY_BYTES, garbage.deadBytes(), 1);
    }

    @Test
    void moreTombstonesThanEntriesHideWhatThereIs() {
        RunGarbage garbage = RunGarbage.of(List.of(tombstones(5_000, 9), puts(1_000, 5)), NOBODY);
        assertEquals(0, garbage.liveEntries());
        assertEquals((double) garbage.bytes(), garbage.deadBytes(), 1);
    }

    @Test
    void tombstonesHideNothingThatIsNewer() {
        RunGarbage garbage = RunGarbage.of(List.of(puts(1_000, 9), tombstones(1_000, 5)), NOBODY);
        assertEquals(1_000, garbage.liveEntries());
        assertEquals(1_000.0 * ENTRY_BYTES, garbage.deadBytes(), 1);
    }

    @Test
    void allRunsAreMergedOnceWhatIsHiddenReachesTheShareOfWhatStays() {
        RunProperties main = puts(1_000, 5);
        RunProperties few = tombstones(400, 9);
        RunProperties many = tombstones(440, 9);
        assertEquals(CompactionPolicy.NONE, merge(RunGarbage.of(List.of(few, main), NOBODY), few, main));
        assertEquals(2, merge(RunGarbage.of(List.of(many, main), NOBODY), many, main));
    }

    @Test
    void whatAReaderMaySeeIsNotDead() {
        RunProperties main = puts(1_000, 5);
        RunProperties deleted = tombstones(1_000, 9);
        assertEquals(CompactionPolicy.NONE, merge(RunGarbage.of(List.of(deleted, main), 8), deleted, main));
        assertEquals(2, merge(RunGarbage.of(List.of(deleted, main), 9), deleted, main));
    }

    @Test
    void aSingleRunIsRewrittenOnceNobodySeesItsOldVersions() {
        RunProperties kept = run(1_000, 1_000, 1_000, 9);
        assertEquals(CompactionPolicy.NONE, merge(RunGarbage.of(List.of(kept), 8), kept));
        assertEquals(1, merge(RunGarbage.of(List.of(kept), NOBODY), kept));
        RunProperties versions = run(2_000, 0, 1_000, 9);
        assertEquals(1, merge(RunGarbage.of(List.of(versions), NOBODY), versions));
    }

    @Test
    void nothingIsDeadWithoutTombstones() {
        assertFalse(RunGarbage.of(List.of(puts(10, 9), puts(1_000, 5)), NOBODY).isDue(0.01));
        assertFalse(RunGarbage.of(List.of(), NOBODY).isDue(0.01));
        assertFalse(RunGarbage.of(List.of(), NOBODY).withTombstones(1_000).isDue(0.01));
    }

    /** Deletes that come evenly: each rewrite is paid for by what has gone, however the flushes fall. */
    @Test
    void aByteDeletedBringsAboutAtMostABoundedRewrite() {
        RandomCases.check(200, (random, seed) -> {
            long live = 10_000;
            long deleted = 0;
            double rewritten = 0;
            List<RunProperties> runs = new ArrayList<>(List.of(puts(live, 1)));
            while (live > 100) {
                long count = Math.min(live, 1 + random.nextLong(400));
                live -= count;
                deleted += count;
                runs.add(0, tombstones(count, 2));
                RunGarbage garbage = RunGarbage.of(runs, NOBODY);
                if (garbage.isDue(OPTIONS.mainShare())) {
                    runs = new ArrayList<>(List.of(puts(live, 1)));
                    rewritten += runs.get(0).fileBytes();
                }
                double bound = deleted * (VALUE_BYTES + 2.0 * ENTRY_BYTES) / OPTIONS.mainShare();
                assertTrue(rewritten <= bound, rewritten + " after " + deleted);
                long bytes = runs.stream().mapToLong(RunProperties::fileBytes).sum();
                long ofLive = live * (VALUE_BYTES + ENTRY_BYTES);
                assertTrue(bytes <= (1 + OPTIONS.mainShare()) * ofLive + 1, bytes + " of " + ofLive);
            }
        });
    }
}
