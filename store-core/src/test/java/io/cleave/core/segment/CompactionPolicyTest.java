package io.cleave.core.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.bytes.RandomCases;
import io.cleave.core.run.RunOptions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CompactionPolicyTest {
    private static final SegmentOptions OPTIONS = new SegmentOptions(RunOptions.defaults(), 4, 0.5);
    private static final RunGarbage NO_GARBAGE = RunGarbage.of(List.of(), Long.MAX_VALUE);

    private static int runs(long... newestFirst) {
        List<Long> sizes = new ArrayList<>();
        for (long size : newestFirst) {
            sizes.add(size);
        }
        return CompactionPolicy.runsToMerge(sizes, NO_GARBAGE, OPTIONS);
    }

    @Test
    void leavesAloneWhatHasNoDelta() {
        assertEquals(CompactionPolicy.NONE, runs());
        assertEquals(CompactionPolicy.NONE, runs(1000));
    }

    @Test
    void mergesEverythingOnceDeltasReachTheirShareOfTheMainRun() {
        assertEquals(CompactionPolicy.NONE, runs(499, 1000));
        assertEquals(2, runs(500, 1000));
        assertEquals(3, runs(250, 250, 1000));
    }

    @Test
    void mergesDeltasOfLikeSizeWhenThereAreTooMany() {
        assertEquals(CompactionPolicy.NONE, runs(10, 10, 10, 1000));
        assertEquals(4, runs(10, 10, 10, 10, 1000));
        assertEquals(3, runs(10, 10, 10, 300, 1000));
    }

    @Test
    void mergesTheTwoNewestWhenNoneAreAlike() {
        assertEquals(2, runs(1, 10, 60, 300, 1000));
    }

    @Test
    void asksForTwoToAllRunsOrNoneAndStopsInTheEnd() {
        RandomCases.check(2_000, (random, seed) -> {
            SegmentOptions options =
                    new SegmentOptions(RunOptions.defaults(), 1 + random.nextInt(6), 0.05 + random.nextDouble(0.95));
            List<Long> sizes = new ArrayList<>();
            int merges = 0;
            for (int flush = 0; flush < 40; flush++) {
                sizes.add(0, 1 + random.nextLong(1000));
                for (int count = CompactionPolicy.runsToMerge(sizes, NO_GARBAGE, options);
                        count != CompactionPolicy.NONE;
                        count = CompactionPolicy.runsToMerge(sizes, NO_GARBAGE, options)) {
                    assertTrue(count >= 2 && count <= sizes.size(), count + " of " + sizes);
                    List<Long> merged = sizes.subList(0, count);
                    long total = merged.stream().mapToLong(Long::longValue).sum();
                    merged.clear();
                    sizes.add(0, total);
                    merges++;
                }
                assertTrue(sizes.size() - 1 <= options.deltasMax(), sizes + " with " + options);
            }
            assertTrue(merges <= 80);
        });
    }

    @Test
    void refusesOptionsThatMakeNoSense() {
        RunOptions run = RunOptions.defaults();
        assertThrows(IllegalArgumentException.class, () -> new SegmentOptions(run, 0, 0.5));
        assertThrows(IllegalArgumentException.class, () -> new SegmentOptions(run, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new SegmentOptions(run, 1, 1.1));
        assertThrows(IllegalArgumentException.class, () -> new SegmentOptions(run, 1, Double.NaN));
    }
}
