package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Campaigns stop and go on by seed, and their counts add up over runs. */
final class CampaignSeriesTest {
    @Test
    void aRunGoesOnWhereTheOneBeforeWasStopped(@TempDir Path directory) {
        List<Long> whole = new ArrayList<>();
        CampaignSeries first = CampaignSeries.keptIn(directory, "cuts", 3);
        while (first.next()) {
            whole.add(first.seed());
            first.add("lost writes", 2);
        }
        CampaignSeries second = CampaignSeries.keptIn(directory, "cuts", 2);
        List<Long> numbers = new ArrayList<>();
        while (second.next()) {
            numbers.add(second.number());
            assertFalse(whole.contains(second.seed()), "a case is done twice");
            second.add("lost writes", 1);
        }
        assertEquals(List.of(3L, 4L), numbers);
        assertEquals(8, second.sum("lost writes"));
        assertTrue(second.toString().startsWith("cuts: cases=2 of 5 in 2 runs seed="), second.toString());
    }

    @Test
    void aCaseThatDidNotEndIsTheFirstOfTheNextRun(@TempDir Path directory) {
        CampaignSeries killed = CampaignSeries.keptIn(directory, "kills", 10);
        assertTrue(killed.next());
        killed.add("kills", 5);
        assertTrue(killed.next());
        long seed = killed.seed();
        killed.add("kills", 7);
        CampaignSeries again = CampaignSeries.keptIn(directory, "kills", 10);
        assertTrue(again.next());
        assertEquals(1, again.number());
        assertEquals(seed, again.seed());
        assertEquals(5, again.sum("kills"));
    }

    @Test
    void withoutADirectoryASeriesBeginsAtTheFirstCase() {
        for (int run = 0; run < 2; run++) {
            CampaignSeries series = CampaignSeries.keptIn(null, "ages", 2);
            assertTrue(series.next());
            assertEquals(0, series.number());
            long seed = series.seed();
            assertTrue(series.next());
            assertNotEquals(seed, series.seed());
            assertFalse(series.next());
        }
    }
}
