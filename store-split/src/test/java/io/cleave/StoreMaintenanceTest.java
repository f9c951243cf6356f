package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.SimulatedStorage;
import io.cleave.route.RoutedIndex;
import io.cleave.route.SegmentSlot;
import io.cleave.split.SplitOutcome;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What background work a segment gets, without a store and its threads: whoever asks for it does it. */
final class StoreMaintenanceTest {
    private final StoreContextFixture fixture = StoreContextFixture.create(
            new SimulatedStorage(1),
            StoreContextFixture.options()
                    .segmentMemtableBytesMax(16 << 10)
                    .segmentEntriesMax(100)
                    .build());
    private final StoreContext shared = fixture.shared;
    private final RoutedIndex index = fixture.index(1);
    private final StoreMaintenance maintenance = new StoreMaintenance(shared);

    private void start() {
        fixture.openLog(record -> {});
        shared.gate().opened();
    }

    private void put(int from, int to) {
        for (int i = from; i < to; i++) {
            fixture.put(index, StoreContextFixture.key(i), new byte[100]);
        }
    }

    private SegmentSlot first() {
        return index.route().slot(0);
    }

    @Test
    void aFullMemtableIsFlushedAndOneThatIsNotIsLeft() {
        start();
        put(0, 10);
        maintenance.afterWrite(index, first(), first().view().memtableBytes());
        assertTrue(first().isDirty());
        maintenance.afterWrite(index, first(), 16 << 10);
        assertFalse(first().isDirty());
        assertFalse(first().isFlushMarked());
        assertEquals(1, shared.work().flushes().sum().count());
        maintenance.close();
        fixture.close();
    }

    @Test
    void aSegmentWithTooManyEntriesIsSplitInsteadOfFlushed() {
        start();
        put(0, 150);
        maintenance.flushAll(List.of(index));
        assertTrue(index.route().size() > 1, index.route().size() + " segments");
        assertEquals(0, shared.work().flushes().sum().count());
        assertEquals(1, shared.work().rewrites(SplitOutcome.SPLIT).sum().count());
        maintenance.close();
        fixture.close();
    }

    @Test
    void neighboursThatAreSmallAreMerged() {
        start();
        put(0, 150);
        maintenance.flushAll(List.of(index));
        int segments = index.route().size();
        CommitPath commits = new CommitPath(shared, maintenance);
        for (int i = 0; i < 140; i++) {
            commits.delete(index, StoreContextFixture.key(i), Durability.PROCESS);
        }
        maintenance.flushAll(List.of(index));
        assertTrue(index.route().size() < segments, "still " + segments + " segments");
        assertTrue(shared.work().rewrites(SplitOutcome.MERGED).sum().count() > 0);
        maintenance.close();
        fixture.close();
    }

    @Test
    void beforeTheStoreIsOpenNothingIsQueued() {
        fixture.openLog(record -> {});
        put(0, 150);
        maintenance.flushLargestNow();
        assertFalse(first().isDirty());
        assertEquals(1, index.route().size());
        assertEquals(0, maintenance.workers().queuedCount());
        maintenance.close();
        fixture.close();
    }

    @Test
    void theLogKeepsWhatMemtablesNeedAndNoMore() {
        start();
        CommitPath commits = new CommitPath(shared, maintenance);
        RoutedIndex other = fixture.index(2);
        commits.put(other, StoreContextFixture.key(0), new byte[1], Durability.PROCESS);
        long first = shared.log().writer().firstPosition();
        for (int i = 0; i < 2_000; i++) {
            commits.put(index, StoreContextFixture.key(i), new byte[100], Durability.PROCESS);
        }
        maintenance.flushAll(List.of(index));
        maintenance.workers().await(maintenance.log().requestRelease());
        assertEquals(first, shared.log().writer().firstPosition(), "the first entry of the other is in memory only");
        maintenance.flushAll(List.of(other));
        maintenance.workers().await(maintenance.log().requestRelease());
        assertTrue(shared.log().writer().firstPosition() > first);
        maintenance.close();
        fixture.close();
    }

    /** Calls where hardly any stack is left; the error that this ends in is the caller's. */
    private static void atTheEndOfTheStack(Runnable call) throws InterruptedException {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread = new Thread(null, () -> descend(call, thrown), "small stack", 256 << 10);
        thread.start();
        thread.join();
        assertInstanceOf(StackOverflowError.class, thrown.get());
    }

    @SuppressWarnings("InfiniteRecursion") // until there is no stack left
    private static void descend(Runnable call, AtomicReference<Throwable> thrown) {
        try {
            descend(call, thrown);
        } catch (StackOverflowError e) {
            if (thrown.get() == null) {
                try {
                    call.run();
                    thrown.set(new AssertionError("there was enough stack"));
                } catch (StackOverflowError again) {
                    thrown.set(again);
                }
            }
        }
    }

    @Test
    void aFlushThatCouldNotBeAskedForAtTheEndOfTheStackIsAskedForNextTime() throws InterruptedException {
        start();
        put(0, 10);
        atTheEndOfTheStack(() -> maintenance.requestFlushUnlessMarked(index, first()));
        assertFalse(first().isFlushMarked());
        maintenance.requestFlushUnlessMarked(index, first());
        maintenance.runQueued();
        assertFalse(first().isDirty());
        maintenance.close();
        fixture.close();
    }

    @Test
    void roomThatCouldNotBeMadeAtTheEndOfTheStackIsMadeNextTime() throws InterruptedException {
        start();
        CommitPath commits = new CommitPath(shared, maintenance);
        RoutedIndex other = fixture.index(2);
        commits.put(other, StoreContextFixture.key(0), new byte[1], Durability.PROCESS);
        for (int i = 0; shared.log().writer().files() < 2; i++) {
            commits.put(index, StoreContextFixture.key(i), new byte[100], Durability.PROCESS);
        }
        atTheEndOfTheStack(() -> maintenance.due().makeRoom());
        maintenance.due().makeRoom();
        maintenance.runQueued();
        assertFalse(other.route().slot(0).isDirty(), "it keeps the first file of the log");
        maintenance.close();
        fixture.close();
    }

    @Test
    void withoutThreadsADeleteReturnsWithItsWorkDone() {
        start();
        CommitPath commits = new CommitPath(shared, maintenance);
        for (int i = 0; i < 90; i++) {
            commits.put(index, StoreContextFixture.key(i), new byte[1_000], Durability.PROCESS);
        }
        maintenance.flushAll(List.of(index));
        for (int i = 0; i < 90; i++) {
            commits.delete(index, StoreContextFixture.key(i), Durability.PROCESS);
            assertEquals(0, maintenance.workers().queuedCount(), "after delete " + i);
        }
        assertTrue(shared.work().compactions().sum().count() > 0, "nothing was reclaimed");
        maintenance.close();
        fixture.close();
    }
}
