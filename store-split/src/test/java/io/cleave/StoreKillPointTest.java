package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real process is killed at every {@link KillPoint} of flush, compaction, split, merge, creation, drop and log rotation, and
 * one that recovers from that at every point of recovery.
 */
final class StoreKillPointTest {
    private static final long KILLS = Campaign.count(80, 2_000);
    private static final int KILLS_IN_ONE_STORE = 20;
    private static final int HIT_MAX = 2;
    /** Where one hit is all there is, or the next one takes long. */
    private static final int TRIES = 6;
    /** One kill in so many may miss its point of recovery. */
    private static final int UNMET_PARTS = 100;

    private final SplittableRandom random = new SplittableRandom(Campaign.seed());
    private final Map<KillPoint, Integer> killed = new EnumMap<>(KillPoint.class);
    private final List<KillPoint> order = new ArrayList<>();
    private KilledStore store;
    private int stores;
    private long killsInStore;
    private long kills;
    private long acknowledged;
    /** Points of recovery that were not reached in {@link #TRIES} recoveries. */
    private long unmet;

    private final Map<KillPoint, Integer> unmetPoints = new EnumMap<>(KillPoint.class);

    @Test
    void aProcessKilledAtAnyNamedPointLosesNoAcknowledgedWrite(
            @TempDir(factory = SharedMemoryDirectory.class) Path parent) throws IOException, InterruptedException {
        while (kills < KILLS || killed.size() < KillPoint.values().length) {
            KillPoint point = next();
            if (store == null || killsInStore >= KILLS_IN_ONE_STORE) {
                begin(parent);
            }
            try {
                killAt(point);
            } catch (RuntimeException | Error e) {
                throw new AssertionError(
                        "kill " + kills + " at " + point + ", -Dcleave.seed=" + Campaign.seed() + ": " + e.getMessage(),
                        e);
            }
        }
        begin(parent);
        System.out.printf(
                "kills at points: kills=%d points=%d acknowledged=%d lost=0 unmet=%d%n",
                kills, killed.size(), acknowledged, unmet);
        Set<KillPoint> all = EnumSet.allOf(KillPoint.class);
        assertEquals(all, killed.keySet());
        assertTrue(kills >= KILLS);
        assertTrue(UNMET_PARTS * unmet <= kills, "points not reached: " + unmetPoints);
    }

    private void begin(Path parent) {
        if (store != null) {
            acknowledged += store.acknowledged();
        }
        store = new KilledStore(parent.resolve("store-" + stores++));
        killsInStore = 0;
    }

    /** Each point once, in random order, then all over again. */
    private KillPoint next() {
        if (order.isEmpty()) {
            for (KillPoint point : KillPoint.values()) {
                order.add(random.nextInt(order.size() + 1), point);
            }
        }
        return order.remove(order.size() - 1);
    }

    private void killAt(KillPoint point) throws IOException, InterruptedException {
        boolean met = false;
        for (int i = 0; i < TRIES && !met; i++) {
            KillPoint running = point.prepared() == null ? point : point.prepared();
            boolean reached = store.killAt(running, random.nextInt(1, HIT_MAX + 1));
            assertTrue(reached, running + " was never reached");
            count(running);
            met = point.prepared() == null || store.killRecoveryAt(point, 1);
            if (met && point.prepared() != null) {
                count(point);
            }
            store.judge(random.nextBoolean() ? KilledStore.End.CLOSED : KilledStore.End.ABANDONED);
        }
        if (!met) {
            // What the killed process left gave recovery nothing of that kind to do, each time.
            unmet++;
            unmetPoints.merge(point, 1, Integer::sum);
        }
    }

    private void count(KillPoint point) {
        killed.merge(point, 1, Integer::sum);
        kills++;
        killsInStore++;
    }
}
