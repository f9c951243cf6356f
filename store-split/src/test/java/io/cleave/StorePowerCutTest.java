package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A real file system is cut off at a random moment while a process writes: the process lives and refuses writes, what was
 * acknowledged as durable is there once the file system is mounted again, and of the rest a prefix of each writer's history.
 */
final class StorePowerCutTest {
    /** Over all kinds of file systems. */
    private static final long CUTS = Campaign.count(10, 500);

    private static final long CUTS_IN_ONE_STORE = Campaign.standard(2, 20);
    private static final int ACKNOWLEDGEMENTS_MAX = 600;

    private final SplittableRandom random = new SplittableRandom(Campaign.seed());
    private CutFileSystem files;
    private Path directory;
    private List<KillLedger> ledgers;
    private long durable;
    private long lost;
    private long untyped;
    /** Writes that succeeded when the device may have been gone already: nothing is asked of them. */
    private long late;

    @ParameterizedTest
    @EnumSource
    void aPowerCutOfARealFileSystemLosesNoDurableWrite(CutFileSystem.Kind kind, @TempDir Path parent)
            throws IOException, InterruptedException {
        long cuts = Math.max(1, CUTS / CutFileSystem.Kind.values().length);
        for (long cut = 0; cut < cuts; cut += CUTS_IN_ONE_STORE) {
            try (CutFileSystem made = createOrSkip(kind, parent)) {
                files = made;
                directory = made.root().resolve("store");
                ledgers = KillLedger.all();
                for (long i = cut; i < Math.min(cuts, cut + CUTS_IN_ONE_STORE); i++) {
                    cutOrFail(kind, i);
                }
                made.unmount();
            }
        }
        assertEquals(0, untyped, "writes that ended in an error which is not the store's");
        System.out.printf(
                "power cuts: %s cuts=%d durable=%d lost=0 (not durable and gone %d, after the cut %d)%n",
                kind, cuts, durable, lost, late);
    }

    private static CutFileSystem createOrSkip(CutFileSystem.Kind kind, Path parent)
            throws IOException, InterruptedException {
        try {
            return CutFileSystem.create(kind, parent);
        } catch (CutFileSystem.UnavailableException e) {
            System.out.printf("power cuts: %s skipped: %s%n", kind, e.getMessage());
            assumeTrue(false, e.getMessage());
            throw e;
        }
    }

    private void cutOrFail(CutFileSystem.Kind kind, long cut) throws IOException, InterruptedException {
        try {
            cutOnce();
        } catch (RuntimeException | Error e) {
            throw new AssertionError(
                    kind + ", cut " + cut + ", -Dcleave.seed=" + Campaign.seed() + ": " + e.getMessage(), e);
        }
    }

    private void cutOnce() throws IOException, InterruptedException {
        long[] counts = writeAndCut(random.nextInt(1, ACKNOWLEDGEMENTS_MAX));
        files.unmount();
        files.mount();
        Map<String, NavigableMap<byte[], byte[]>> found = new TreeMap<>();
        StoreOptions options = KillChild.options().maintenanceThreads(0).build();
        try (SegmentStore store = SegmentStore.open(directory, options)) {
            for (String index : store.indexNames()) {
                found.put(index, StoreHistory.scan(store.index(index)));
            }
            StoreOrphans.requireNone(store);
            assertEquals(0, store.stats().failures(), "background work failed after recovery");
            for (int i = 0; i < ledgers.size(); i++) {
                judge(ledgers.get(i), counts[i], found);
            }
        }
    }

    /** Returns how many operations each writer has acknowledged before it was refused. */
    private long[] writeAndCut(int acknowledgements) throws IOException, InterruptedException {
        List<String> command = KillChild.command("cut", directory);
        ledgers.forEach(ledger -> command.add(Long.toString(ledger.operations())));
        Process child = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        long[] counts = new long[KillChild.WRITERS];
        int refused = 0;
        try (InputStream acks = child.getInputStream()) {
            int total = 0;
            while (refused < KillChild.WRITERS) {
                int ack = acks.read();
                if (ack < 0) {
                    fail("the process ended with " + child.waitFor() + " after the cut");
                } else if (ack < counts.length) {
                    counts[ack]++;
                    total++;
                    if (total == acknowledgements) {
                        files.cut();
                    }
                } else if (ack == KillWriter.LATE) {
                    late++;
                } else {
                    refused++;
                    untyped += ack == KillWriter.REFUSED_UNTYPED ? 1 : 0;
                }
            }
            assertTrue(total >= acknowledgements, "writes were refused before the cut");
            assertTrue(child.isAlive(), "the process ended by itself");
        } finally {
            child.toHandle().destroyForcibly();
            child.waitFor();
        }
        return counts;
    }

    /** Looks for a number of operations, from the last durable one on, that explains what is there, and goes on from it. */
    private void judge(KillLedger ledger, long count, Map<String, NavigableMap<byte[], byte[]>> found) {
        long end = ledger.operations() + count;
        long least = end;
        while (least > ledger.operations() && !ledger.isDurable(least - 1)) {
            least--;
        }
        durable += least - ledger.operations();
        ledger.advance(least);
        String first = ledger.difference(found);
        String difference = first;
        while (difference != null && ledger.operations() <= end) {
            ledger.advance(ledger.operations() + 1);
            difference = ledger.difference(found);
        }
        if (difference != null) {
            throw new AssertionError("no prefix from operation " + least + " to " + end + " of "
                    + Arrays.toString(new long[] {count}) + " explains it; the shortest: " + first + "; the longest: "
                    + difference);
        }
        lost += Math.max(0, end - ledger.operations());
    }
}
