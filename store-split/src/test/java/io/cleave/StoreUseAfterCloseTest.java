package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.resource.Epoch;
import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.RealStorage;
import io.cleave.error.StoreClosedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Eight threads use a store on the real file system while it, an index or a snapshot of it is closed or dropped under them, while
 * segments are split, compacted and evicted, and while each closes the cursors that others are scanning with: a call is right, or it throws {@link StoreClosedException}; what is left works on, and everything is given back.
 */
@Timeout(value = 3_600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("ThreadPriorityCheck") // yields while others do their share
final class StoreUseAfterCloseTest {
    private static final long ROUNDS = Campaign.count(150, 10_000);
    private static final int THREADS = 8;
    private static final int USES_MAX = 6;
    /** Then the store is closed for good and a new one begun: they grow. */
    private static final int ROUNDS_IN_ONE_STORE = 15;

    @TempDir(factory = SharedMemoryDirectory.class)
    Path parent;

    private final SplittableRandom random = new SplittableRandom(Campaign.seed());
    private final RealStorage storage = RealStorage.open();
    private Path directory;
    private SegmentStore store;
    private int incarnation;
    private long refused;
    private long served;
    private long cutOff;

    private enum Ending {
        STORE,
        INDEX,
        SNAPSHOT
    }

    /** What the threads of one round share. */
    private record Stage(SegmentStore store, CloseUser.Place dropped, CloseUser.Place kept, Snapshot snapshot) {}

    private static StoreOptions.Builder options() {
        return StoreOptions.builder()
                .maintenanceThreads(2)
                .syncIntervalMillis(0)
                .memtableBytesMax(4 << 20)
                .segmentMemtableBytesMax(2 << 10)
                .memtableChunkBytes(512)
                .segmentEntriesMax(100)
                .openSegmentsMax(3)
                .blockBytes(256)
                .logFileBytes(32 << 10)
                .logBytesMax(128 << 10);
    }

    @Test
    void whatIsClosedOrDroppedUnderItsUsersIsRefusedAndNothingElseIsDisturbed() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            for (int round = 0; round < ROUNDS; round++) {
                try {
                    if (round % ROUNDS_IN_ONE_STORE == 0) {
                        begin(round);
                    }
                    playRound(threads, Ending.values()[random.nextInt(Ending.values().length)]);
                } catch (RuntimeException | Error | ExecutionException e) {
                    throw new AssertionError("round " + round + ", -Dcleave.seed=" + Campaign.seed() + ": " + e, e);
                }
            }
            end();
        } finally {
            threads.shutdownNow();
        }
        System.out.printf(
                "use after close: rounds=%d threads=%d served=%d refused=%d cursors cut off=%d%n",
                ROUNDS, THREADS, served, refused, cutOff);
        assertTrue(served > ROUNDS && refused > ROUNDS, "nothing was used before or after the end");
        assertTrue(cutOff > ROUNDS / 10, "no cursor was closed under its user");
    }

    private void begin(int round) {
        if (store != null) {
            end();
        }
        directory = parent.resolve("store-" + round);
        store = open();
        fill("kept");
        fill("dropped");
    }

    private SegmentStore open() {
        return SegmentStore.open(directory, options().storage(storage).build());
    }

    private void end() {
        store.close();
        requireNothingHeld();
    }

    private void fill(String name) {
        CloseUser.Place place = place(name);
        for (int i = 0; i < CloseUser.FIXED_KEYS; i++) {
            byte[] key = CloseUser.fixedKey(i);
            place.index().put(key, place.value(key));
        }
    }

    private CloseUser.Place place(String name) {
        return new CloseUser.Place(store.index(name), name.equals("kept") ? "kept" : name + incarnation);
    }

    private void playRound(ExecutorService threads, Ending ending) throws Exception {
        Stage stage = new Stage(store, place("dropped"), place("kept"), store.snapshot());
        CountDownLatch ended = new CountDownLatch(1);
        Queue<Cursor> exposed = new ConcurrentLinkedQueue<>();
        List<CloseUser> users = new ArrayList<>();
        List<Future<?>> runs = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            CloseUser user = new CloseUser(
                    i,
                    random.split(),
                    stage.store,
                    random.nextBoolean() ? stage.dropped : stage.kept,
                    stage.kept,
                    stage.snapshot,
                    exposed);
            users.add(user);
            runs.add(threads.submit(() -> user.run(ended)));
        }
        long uses = random.nextInt(1, USES_MAX);
        for (CloseUser user : users) {
            while (user.uses() < uses && !runs.get(users.indexOf(user)).isDone()) {
                Thread.yield();
            }
        }
        try {
            finish(stage, ending);
        } finally {
            users.forEach(user -> user.expect(refusedBy(ending, user.place().equals(stage.dropped))));
            ended.countDown();
        }
        for (Future<?> run : runs) {
            run.get();
        }
        stage.snapshot.close();
        for (CloseUser user : users) {
            served += user.uses();
            refused += user.refusals();
            cutOff += user.cutOff();
        }
        goOn(ending, users);
    }

    private static void finish(Stage stage, Ending ending) {
        switch (ending) {
            case STORE -> stage.store.close();
            case INDEX -> assertTrue(stage.store.dropIndex("dropped"));
            default -> stage.snapshot.close();
        }
    }

    private static CloseUser.Refused refusedBy(Ending ending, boolean inDropped) {
        return switch (ending) {
            case STORE -> CloseUser.Refused.EVERYTHING;
            case INDEX -> inDropped ? CloseUser.Refused.INDEX : CloseUser.Refused.NOTHING;
            case SNAPSHOT -> CloseUser.Refused.SNAPSHOT;
        };
    }

    /** Everything that was acknowledged is there, unless it was dropped; the next round finds both indexes. */
    private void goOn(Ending ending, List<CloseUser> users) {
        if (ending == Ending.STORE) {
            requireNothingHeld();
            store = open();
        } else if (ending == Ending.INDEX) {
            assertEquals(List.of("kept"), List.copyOf(store.indexNames()));
            incarnation++;
            SegmentIndex empty = store.index("dropped");
            for (int i = 0; i < CloseUser.FIXED_KEYS; i++) {
                assertNull(empty.get(CloseUser.fixedKey(i)), "an entry of a dropped index");
            }
            fill("dropped");
        }
        CloseUser.Place dropped = place("dropped");
        CloseUser.Place kept = place("kept");
        for (CloseUser user : users) {
            boolean gone = ending == Ending.INDEX && user.place().index().name().equals("dropped");
            if (!gone) {
                user.requireWrites(user.place().index().name().equals("dropped") ? dropped : kept);
            }
        }
        assertEquals(
                0,
                store.stats().failures(),
                () -> "background work failed: "
                        + store.engine().maintenance().workers().lastFailure());
    }

    private void requireNothingHeld() {
        while (Epoch.reclaim() > 0) {
            Thread.yield();
        }
        assertTrue(storage.counters().nothingHeld(), () -> "left open: " + storage.counters());
        assertEquals(List.of(), LeakCheck.openBelow(directory));
    }
}
