package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.error.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two processes open one store while other code of the first one does what loses locks and registers of locks. Either the second
 * is refused, or the first acknowledges nothing more; nothing that either acknowledged is lost.
 */
final class StoreOpenersTest {
    private static final RegisterLoss[] LOSSES = RegisterLoss.values();

    private final CampaignSeries series = CampaignSeries.of("openers", 2L * LOSSES.length, 1_000);
    private SplittableRandom random;

    @Test
    void noStoreHasTwoWritersWhateverLosesItsLock(@TempDir Path parent) throws Exception {
        try (OpenerChild other = new OpenerChild()) {
            while (series.next()) {
                random = new SplittableRandom(series.seed());
                Path directory = Files.createDirectory(parent.resolve("case-" + series.number()));
                List<RegisterLoss> losses = new ArrayList<>();
                losses.add(LOSSES[(int) (series.number() % LOSSES.length)]);
                if (random.nextInt(3) == 0) {
                    losses.add(LOSSES[random.nextInt(LOSSES.length)]);
                }
                try {
                    new Case(directory, other).run(losses);
                } catch (Exception | AssertionError e) {
                    throw new AssertionError(series.place() + ", " + losses + ": " + e.getMessage(), e);
                }
                delete(directory);
            }
        }
        System.out.println(series);
        assertTrue(series.sum("opened after a loss") > 0 || series.sum("losses") < 30, "no second opener ever got in");
    }

    /** One store, from its first open to the judgement. */
    private final class Case {
        private final Path scratch;
        private final Path store;
        private final OpenerChild other;
        /** Numbers below are acknowledged: of the first process in index a, of the second in index b. */
        private int ofFirst;

        private int ofSecond;

        Case(Path directory, OpenerChild other) {
            this.scratch = directory;
            this.store = directory.resolve("store");
            this.other = other;
        }

        void run(List<RegisterLoss> losses) throws Exception {
            prepare();
            Properties before = (Properties) System.getProperties().clone();
            SegmentStore first = SegmentStore.open(store, OpenerChild.options());
            boolean dropped = false;
            try {
                if (random.nextBoolean()) {
                    put(first, random.nextInt(1, 20));
                }
                for (RegisterLoss loss : losses) {
                    Path place = Files.createTempDirectory(scratch, "loss");
                    boolean fileGone = losses.indexOf(loss) > 0 && losses.get(0).takesFileAway();
                    if (fileGone) {
                        first.engine().ownership().require();
                        dropped = false;
                    }
                    assertFalse(loss.inflict(store, before, place), "a second open in this process was not refused");
                    dropped |= loss.dropsLock();
                    series.add("losses", 1);
                }
                if (random.nextInt(3) == 0) {
                    // What a store does each second.
                    first.engine().ownership().require();
                    dropped = false;
                }
                if (!dropped) {
                    assertFalse(RegisterLoss.opensHere(store), "a second open in this process was not refused");
                }
                let(first, dropped);
            } finally {
                closeQuietly(first);
            }
            judge();
        }

        /** Both indexes are there, and nothing has to be replayed, so that the lock of the store alone keeps others out. */
        private void prepare() {
            for (int i = 0; i < 4; i++) {
                try (SegmentStore made = SegmentStore.open(store, OpenerChild.options())) {
                    made.index("a");
                    made.index("b");
                }
            }
        }

        private void let(SegmentStore first, boolean dropped) throws IOException {
            String answer = other.ask("open", store);
            if (answer.equals("done")) {
                assertTrue(dropped, "the second process was not refused");
                series.add("opened after a loss", 1);
                int count = random.nextInt(1, 20);
                assertEquals("done", other.ask("put", "b", 0, count));
                ofSecond = count;
                StoreException.Poisoned refused = assertThrows(
                        StoreException.Poisoned.class,
                        () -> OpenerChild.put(first.index("a"), ofFirst, ofFirst + 1),
                        "both acknowledge writes");
                assertTrue(refused.getMessage().length() > 0);
                closeQuietly(first);
                assertEquals("done", other.ask("put", "b", count, count + 5));
                ofSecond += 5;
                assertEquals("done", other.ask("close"));
                return;
            }
            assertTrue(answer.equals("Locked") || (dropped && answer.equals("Busy")), answer);
            series.add("refused", 1);
            if (answer.equals("Locked")) {
                put(first, random.nextInt(1, 20));
                first.close();
            }
        }

        private void put(SegmentStore first, int count) {
            OpenerChild.put(first.index("a"), ofFirst, ofFirst + count);
            ofFirst += count;
        }

        private void judge() throws IOException {
            assertEquals("done", other.ask("open", store), "the lock was not given back");
            assertEquals("done", other.ask("put", "b", ofSecond, ofSecond + 1));
            ofSecond++;
            assertEquals("done", other.ask("close"));
            try (SegmentStore last = SegmentStore.open(store, OpenerChild.options())) {
                assertThere(last.index("a"), ofFirst);
                assertThere(last.index("b"), ofSecond);
            }
            series.add("acknowledged", (long) ofFirst + ofSecond);
        }

        private void assertThere(SegmentIndex index, int count) {
            for (int i = 0; i < count; i++) {
                assertArrayEquals(
                        OpenerChild.bytes("value " + i), index.get(OpenerChild.bytes(i)), index + " lost entry " + i);
            }
        }
    }

    /** A store that was lost says so when it is closed, too; that is no matter here. */
    private static void closeQuietly(SegmentStore store) {
        try {
            store.close();
        } catch (StoreException.Poisoned e) {
            assertTrue(e.getMessage().length() > 0);
        }
    }

    private static void delete(Path directory) throws IOException {
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(directory)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.delete(path);
        }
    }
}
