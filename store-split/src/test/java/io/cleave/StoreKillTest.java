package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real process that writes is killed after a random number of acknowledgements: what it acknowledged is there, each writer's
 * survivors are a prefix of its history, batches are whole.
 */
final class StoreKillTest {
    private static final long KILLS = Campaign.count(200, 5_000);
    private static final int KILLS_IN_ONE_STORE = 20;
    private static final int ACKNOWLEDGEMENTS_MAX = 3_000;
    private static final int RECOVERY_CALLS_MAX = 120;

    private final SplittableRandom random = new SplittableRandom(Campaign.seed());
    private final List<KillHistory> histories = new ArrayList<>();
    private long acknowledged;
    private long killedInRecovery;
    private long splits;

    @Test
    void aKilledProcessLosesNoAcknowledgedWrite(@TempDir Path parent) throws IOException, InterruptedException {
        Path directory = null;
        for (int kill = 0; kill < KILLS; kill++) {
            if (kill % KILLS_IN_ONE_STORE == 0) {
                directory = parent.resolve("store-" + kill);
                histories.clear();
                for (int i = 0; i < KillHistory.WRITERS; i++) {
                    histories.add(new KillHistory(i));
                }
            }
            try {
                killOnce(directory);
            } catch (RuntimeException | Error e) {
                throw new AssertionError(
                        "kill " + kill + ", -Dcleave.seed=" + Campaign.seed() + ": " + e.getMessage(), e);
            }
        }
        System.out.printf(
                "kills=%d acknowledged=%d lost=0 (killed again in recovery %d, splits seen %d)%n",
                KILLS, acknowledged, killedInRecovery, splits);
        assertTrue(killedInRecovery > 0 || KILLS < 50, "no recovery was killed");
    }

    private void killOnce(Path directory) throws IOException, InterruptedException {
        long[] counts = writeAndKill(directory, random.nextInt(1, ACKNOWLEDGEMENTS_MAX));
        if (random.nextInt(4) == 0) {
            killRecovery(directory, random.nextInt(1, RECOVERY_CALLS_MAX));
        }
        Map<String, NavigableMap<byte[], byte[]>> found = new TreeMap<>();
        try (SegmentStore store =
                SegmentStore.open(directory, KillChild.options().build())) {
            for (String index : KillHistory.INDEXES) {
                found.put(index, StoreHistory.scan(store.index(index)));
                splits += store.index(index).stats().segments().size() - 1;
            }
            assertEquals(0, store.stats().failures(), "background work failed after recovery");
        }
        for (KillHistory history : histories) {
            judge(history, history.operations() + counts[histories.indexOf(history)], found);
        }
    }

    /** A writer's part is what its acknowledged operations left, or those and the one that was under way. */
    private void judge(KillHistory history, long end, Map<String, NavigableMap<byte[], byte[]>> found) {
        acknowledged += end - history.operations();
        history.advance(end);
        String difference = history.difference(found);
        if (difference != null) {
            history.advance(end + 1);
            String withNext = history.difference(found);
            if (withNext != null) {
                throw new AssertionError("acknowledged: " + difference + "; with the next one: " + withNext);
            }
        }
    }

    /**
     * Returns how many operations each writer has acknowledged. The kill goes through the handle because that of the process
     * would close the pipe, with acknowledgements in it.
     */
    private long[] writeAndKill(Path directory, int acknowledgements) throws IOException, InterruptedException {
        List<String> command = KillChild.command("write", directory);
        histories.forEach(history -> command.add(Long.toString(history.operations())));
        Process child = start(command);
        long[] counts = new long[KillHistory.WRITERS];
        try (InputStream acks = child.getInputStream()) {
            int total = 0;
            for (int ack = acks.read(); ack >= 0; ack = acks.read()) {
                counts[ack]++;
                total++;
                if (total == acknowledgements) {
                    child.toHandle().destroyForcibly();
                }
            }
            assertTrue(total >= acknowledgements, "the writing process ended by itself");
        }
        child.waitFor();
        return counts;
    }

    /** Kills a process that opens the store after some calls of its storage, unless it is done sooner. */
    private void killRecovery(Path directory, int calls) throws IOException, InterruptedException {
        Process child = start(KillChild.command("recover", directory));
        try (InputStream told = child.getInputStream()) {
            int total = 0;
            for (int call = told.read(); call >= 0; call = told.read()) {
                if (++total == calls) {
                    child.toHandle().destroyForcibly();
                }
            }
        }
        if (child.waitFor() != 0) {
            killedInRecovery++;
        }
    }

    private static Process start(List<String> command) throws IOException {
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
