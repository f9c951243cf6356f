package io.cleave;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real process that writes is killed after a random number of acknowledgements, and some of those that recover from it. */
final class StoreKillTest {
    private static final long KILLS = Campaign.count(120, 3_000);
    private static final int KILLS_IN_ONE_STORE = 20;
    private static final int ACKNOWLEDGEMENTS_MAX = 600;
    private static final int RECOVERY_CALLS_MAX = 120;

    private final SplittableRandom random = new SplittableRandom(Campaign.seed());
    private long acknowledged;
    private long killedInRecovery;
    private long splits;

    @Test
    void aKilledProcessLosesNoAcknowledgedWrite(@TempDir(factory = SharedMemoryDirectory.class) Path parent)
            throws IOException, InterruptedException {
        for (long kill = 0; kill < KILLS; kill += KILLS_IN_ONE_STORE) {
            KilledStore store = new KilledStore(parent.resolve("store-" + kill));
            for (long i = kill; i < Math.min(KILLS, kill + KILLS_IN_ONE_STORE); i++) {
                try {
                    killOnce(store);
                } catch (RuntimeException | Error e) {
                    throw new AssertionError(
                            "kill " + i + ", -Dcleave.seed=" + Campaign.seed() + ": " + e.getMessage(), e);
                }
            }
            acknowledged += store.acknowledged();
            splits += store.splits();
        }
        System.out.printf(
                "kills=%d acknowledged=%d lost=0 (killed again in recovery %d, splits seen %d)%n",
                KILLS, acknowledged, killedInRecovery, splits);
        assertTrue(killedInRecovery > 0 || KILLS < 50, "no recovery was killed");
    }

    private void killOnce(KilledStore store) throws IOException, InterruptedException {
        store.killAfter(random.nextInt(1, ACKNOWLEDGEMENTS_MAX));
        if (random.nextInt(4) == 0 && store.killRecoveryAfter(random.nextInt(1, RECOVERY_CALLS_MAX))) {
            killedInRecovery++;
        }
        store.judge(random.nextBoolean() ? KilledStore.End.CLOSED : KilledStore.End.ABANDONED);
    }
}
