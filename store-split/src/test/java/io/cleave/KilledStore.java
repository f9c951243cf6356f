package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * A store that real processes write to and are killed in, beside what they have acknowledged: what was acknowledged is there,
 * each writer's survivors are a prefix of its history, batches are whole, and nothing is left that no file names.
 *
 * <p>Kills go through the handle of a process because that of the process itself would close the pipe, with acknowledgements
 * in it.
 */
final class KilledStore {
    /** More than any point of a running store needs to be met. */
    private static final long ACKNOWLEDGEMENTS_MAX = 60_000;

    private final Path directory;
    private final List<KillLedger> ledgers = KillLedger.all();
    /** Not judged yet. */
    private final long[] counts = new long[KillChild.WRITERS];

    private long acknowledged;
    private long splits;

    KilledStore(Path directory) {
        this.directory = directory;
    }

    /** Operations that were acknowledged and found. */
    long acknowledged() {
        return acknowledged;
    }

    /** Segments beyond the first of each index, summed over all judgements. */
    long splits() {
        return splits;
    }

    /** Lets the writers go on and kills them after so many acknowledgements. */
    void killAfter(int acknowledgements) throws IOException, InterruptedException {
        Process child = start(withNumbers(KillChild.command("write", directory)));
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
    }

    /** Lets the writers go on and kills them when they meet a point the {@code hit}-th time; false when they never do. */
    boolean killAt(KillPoint point, int hit) throws IOException, InterruptedException {
        List<String> command = KillChild.command("write-to", directory);
        command.add(point.name());
        command.add(Integer.toString(hit));
        Process child = start(withNumbers(command));
        boolean met = false;
        try (InputStream acks = child.getInputStream()) {
            long total = 0;
            for (int ack = acks.read(); ack >= 0; ack = acks.read()) {
                if (ack == KillChild.AT_POINT) {
                    met = true;
                    child.toHandle().destroyForcibly();
                } else {
                    counts[ack]++;
                    total++;
                    if (total == ACKNOWLEDGEMENTS_MAX) {
                        child.toHandle().destroyForcibly();
                    }
                }
            }
            assertTrue(met || total >= ACKNOWLEDGEMENTS_MAX, "the writing process ended by itself");
        }
        child.waitFor();
        return met;
    }

    /** Kills a process that opens the store after some calls of its storage; false when it was done sooner. */
    boolean killRecoveryAfter(int calls) throws IOException, InterruptedException {
        Process child = start(KillChild.command("recover", directory));
        try (InputStream told = child.getInputStream()) {
            int total = 0;
            for (int call = told.read(); call >= 0; call = told.read()) {
                if (++total == calls) {
                    child.toHandle().destroyForcibly();
                }
            }
        }
        return child.waitFor() != 0;
    }

    /** Kills a process that opens the store when it meets a point; false when it never does. */
    boolean killRecoveryAt(KillPoint point, int hit) throws IOException, InterruptedException {
        List<String> command = KillChild.command("recover-to", directory);
        command.add(point.name());
        command.add(Integer.toString(hit));
        Process child = start(command);
        boolean met = false;
        try (InputStream told = child.getInputStream()) {
            for (int byteRead = told.read(); byteRead >= 0; byteRead = told.read()) {
                assertEquals(KillChild.AT_POINT, byteRead);
                met = true;
                child.toHandle().destroyForcibly();
            }
        }
        int exit = child.waitFor();
        assertTrue(met || exit == 0, "the opening process failed with " + exit);
        return met;
    }

    /** Opens the store here and compares; {@code end} says how it is left. */
    void judge(End end) {
        Map<String, NavigableMap<byte[], byte[]>> found = new TreeMap<>();
        SegmentStore store = SegmentStore.open(
                directory, KillChild.options().maintenanceThreads(0).build());
        try {
            for (String index : store.indexNames()) {
                found.put(index, StoreHistory.scan(store.index(index)));
                splits += store.index(index).stats().segments().size() - 1;
            }
            assertEquals(0, store.stats().failures(), "background work failed after recovery");
            StoreOrphans.requireNone(store);
            for (int i = 0; i < ledgers.size(); i++) {
                judge(ledgers.get(i), ledgers.get(i).operations() + counts[i], found);
                counts[i] = 0;
            }
        } finally {
            if (end == End.CLOSED) {
                store.close();
            } else {
                CrashWorkload.abandon(store);
            }
        }
    }

    /** What becomes of a store that was judged. */
    enum End {
        /** Everything is in runs then. */
        CLOSED,
        /** The log stays. */
        ABANDONED
    }

    /** A writer's part is what its acknowledged operations left, or those and the one that was under way. */
    private void judge(KillLedger ledger, long end, Map<String, NavigableMap<byte[], byte[]>> found) {
        acknowledged += end - ledger.operations();
        ledger.advance(end);
        String difference = ledger.difference(found);
        if (difference != null) {
            ledger.advance(end + 1);
            String withNext = ledger.difference(found);
            if (withNext != null) {
                throw new AssertionError("acknowledged: " + difference + "; with the next one: " + withNext);
            }
        }
    }

    private List<String> withNumbers(List<String> command) {
        for (int i = 0; i < ledgers.size(); i++) {
            command.add(Long.toString(ledgers.get(i).operations() + counts[i]));
        }
        return command;
    }

    private static Process start(List<String> command) throws IOException {
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
