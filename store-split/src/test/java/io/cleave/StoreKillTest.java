package io.cleave;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real process that writes is killed after a random number of acknowledgements, and some of those that recover from it. */
final class StoreKillTest {
    private static final int KILLS_IN_ONE_STORE = 20;
    private static final int ACKNOWLEDGEMENTS_MAX = 600;
    private static final int RECOVERY_CALLS_MAX = 120;

    private final CampaignSeries series = CampaignSeries.of("kills", 120, 3_000, KILLS_IN_ONE_STORE);
    private SplittableRandom random;

    @Test
    void aKilledProcessLosesNoAcknowledgedWrite(@TempDir(factory = SharedMemoryDirectory.class) Path parent)
            throws IOException, InterruptedException {
        while (series.next()) {
            random = new SplittableRandom(series.seed());
            KilledStore store = new KilledStore(parent.resolve("store-" + series.number()));
            for (int i = 0; i < KILLS_IN_ONE_STORE; i++) {
                try {
                    killOnce(store);
                } catch (RuntimeException | Error e) {
                    throw new AssertionError(series.place() + ", kill " + i + ": " + e.getMessage(), e);
                }
            }
            series.add("kills", KILLS_IN_ONE_STORE);
            series.add("acknowledged", store.acknowledged());
            series.add("splits seen", store.splits());
            series.add("lost", 0);
        }
        System.out.println(series);
        assertTrue(series.sum("killed again in recovery") > 0 || series.sum("kills") < 50, "no recovery was killed");
    }

    private void killOnce(KilledStore store) throws IOException, InterruptedException {
        store.killAfter(random.nextInt(1, ACKNOWLEDGEMENTS_MAX));
        if (random.nextInt(4) == 0 && store.killRecoveryAfter(random.nextInt(1, RECOVERY_CALLS_MAX))) {
            series.add("killed again in recovery", 1);
        }
        store.judge(random.nextBoolean() ? KilledStore.End.CLOSED : KilledStore.End.ABANDONED);
    }
}
