package io.cleave.core.registry;

import static io.cleave.core.registry.SegmentRegistryStatus.BUSY;
import static io.cleave.core.registry.SegmentRegistryStatus.NOT_FOUND;
import static io.cleave.core.registry.SegmentRegistryStatus.OK;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.segment.Segment;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.segment.SegmentFixture;
import io.cleave.core.segment.SegmentState;
import io.cleave.core.segment.SegmentView;
import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageLock;
import io.cleave.error.StoreException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** R1.1 to R1.6 and R1.8 on one thread, or on two where a lock must be held by somebody else. */
final class SegmentRegistryTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final SimulatedStorage storage = leaks.watch(new SimulatedStorage(1));
    private final RegistryFixture fixture = new RegistryFixture(storage, 3);
    private final SegmentRegistry registry = fixture.registry;

    @AfterEach
    void close() {
        fixture.close();
    }

    private static void elsewhere(Runnable body) {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            try {
                body.run();
            } catch (Throwable t) {
                thrown.set(t);
            }
        });
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        if (thrown.get() != null) {
            throw new AssertionError(thrown.get());
        }
    }

    private SegmentRegistryStatus statusOf(SegmentRegistryAccess access) {
        try (access) {
            return access.status();
        }
    }

    @Test
    void getGivesTheCachedSegmentAndLoadsAnAbsentOne() {
        fixture.createOnDisk(1);
        try (SegmentRegistryAccess first = registry.getSegment(1);
                SegmentRegistryAccess second = registry.getSegment(1)) {
            assertEquals(OK, first.status());
            assertSame(first.segment(), second.segment());
            assertEquals(1, fixture.loads.get());
        }
    }

    @Test
    void getOfAnUnknownSegmentIsNotFoundAndLeavesNoHandler() {
        assertEquals(NOT_FOUND, statusOf(registry.getSegment(7)));
        assertEquals(0, registry.cachedCount());
        assertEquals(NOT_FOUND, statusOf(registry.deleteSegment(7)));
    }

    @Test
    void createAllocatesTheNextIdAndGivesTheInstance() {
        try (SegmentRegistryAccess access = registry.createSegment()) {
            assertEquals(OK, access.status());
            assertEquals(1, access.segment().id());
            assertEquals(SegmentState.OPEN, access.segment().state());
        }
        assertEquals(2, registry.allocateSegmentId());
        try (SegmentRegistryAccess access = registry.createSegment()) {
            assertEquals(3, access.segment().id());
        }
    }

    @Test
    void aHandlerLockedElsewhereAnswersBusyToEveryOperationAndNothingIsDone() {
        fixture.create(1);
        try (SegmentRegistryAccess mine = registry.getSegment(1)) {
            assertEquals(OK, mine.lock());
            elsewhere(() -> {
                assertEquals(BUSY, statusOf(registry.getSegment(1)));
                assertEquals(BUSY, statusOf(registry.deleteSegment(1)));
            });
            assertEquals(0, fixture.deletions.get());
            assertEquals(SegmentState.OPEN, mine.segment().state());
            assertEquals(Storage.PathKind.DIRECTORY, storage.kind(SegmentFixture.directory(1)));
            mine.unlock();
            elsewhere(() -> assertEquals(OK, statusOf(registry.getSegment(1))));
        }
    }

    @Test
    void lockIsGivenToOneAccessAtATimeAndComesBackWithClose() {
        fixture.create(1);
        SegmentRegistryAccess first = registry.getSegment(1);
        SegmentRegistryAccess second = registry.getSegment(1);
        assertEquals(OK, first.lock());
        assertEquals(BUSY, first.lock());
        assertEquals(BUSY, second.lock());
        assertThrows(IllegalStateException.class, second::unlock);
        first.close();
        first.close();
        assertEquals(OK, second.lock());
        second.unlock();
        assertThrows(IllegalStateException.class, first::lock);
        second.close();
    }

    /** The answer came before the segment went: its lock is that of nothing. */
    @Test
    void theLockOfASegmentThatWasDeletedOrClosedSinceIsRefused() {
        fixture.create(2);
        try (SegmentRegistryAccess deleted = registry.getSegment(1);
                SegmentRegistryAccess closed = registry.getSegment(2)) {
            registry.deleteSegment(1).close();
            assertEquals(SegmentRegistryStatus.NOT_FOUND, deleted.lock());
            assertThrows(IllegalStateException.class, deleted::unlock);
            registry.close();
            assertEquals(SegmentRegistryStatus.CLOSED, closed.lock());
            assertThrows(IllegalStateException.class, closed::unlock);
        }
    }

    @Test
    void anAnswerWithoutSegmentLocksNothing() {
        try (SegmentRegistryAccess access = registry.getSegment(7)) {
            assertNull(access.segment());
            assertEquals(NOT_FOUND, access.lock());
            assertThrows(IllegalStateException.class, access::unlock);
        }
    }

    @Test
    void aDirectoryLockedBySomebodyElseIsBusyUntilItIsReleased() {
        fixture.createOnDisk(1);
        StorageLock foreign = storage.tryLock(SegmentFixture.directory(1).resolve(SegmentDirectory.LOCK_NAME));
        assertEquals(BUSY, statusOf(registry.getSegment(1)));
        assertEquals(0, registry.cachedCount());
        foreign.close();
        assertEquals(OK, statusOf(registry.getSegment(1)));
    }

    @Test
    void anUncachedDirectoryLockedBySomebodyElseIsNotDeleted() {
        fixture.createOnDisk(1);
        try (StorageLock foreign = storage.tryLock(SegmentFixture.directory(1).resolve(SegmentDirectory.LOCK_NAME))) {
            assertNotNull(foreign);
            assertEquals(BUSY, statusOf(registry.deleteSegment(1)));
            assertEquals(Storage.PathKind.DIRECTORY, storage.kind(SegmentFixture.directory(1)));
        }
    }

    @Test
    void deleteClosesTheSegmentAndRemovesDirectoryAndHandler() {
        fixture.create(1);
        Segment segment = registry.loadedSegments().get(0);
        fixture.segments.put(segment, "a", "1");
        SegmentView view = segment.view();
        view.holder().acquire();
        assertEquals(OK, statusOf(registry.deleteSegment(1)));
        assertEquals(SegmentState.CLOSED, segment.state());
        assertEquals(Storage.PathKind.ABSENT, storage.kind(SegmentFixture.directory(1)));
        assertEquals(0, registry.cachedCount());
        assertEquals(NOT_FOUND, statusOf(registry.getSegment(1)));
        assertEquals("1", SegmentFixture.scan(view, 1).get("a"), "holders of its view read on");
        view.holder().release();
    }

    @Test
    void deleteOfAnUncachedSegmentRemovesWhatIsOnDisk() {
        fixture.createOnDisk(2);
        assertEquals(OK, statusOf(registry.deleteSegment(2)));
        assertEquals(Storage.PathKind.ABSENT, storage.kind(SegmentFixture.directory(2)));
        assertEquals(0, fixture.loads.get());
        assertEquals(NOT_FOUND, statusOf(registry.deleteSegment(2)));
    }

    @Test
    void theBoundEvictsTheLeastRecentlyUsedAndClosesItFirst() {
        fixture.create(3);
        Segment second = registry.loadedSegments().stream()
                .filter(s -> s.id() == 2)
                .findFirst()
                .orElseThrow();
        statusOf(registry.getSegment(1));
        fixture.create(1);
        assertEquals(3, registry.cachedCount());
        assertEquals(1, registry.evictions());
        assertFalse(fixture.isCached(2));
        assertEquals(SegmentState.CLOSED, second.state());
        try (SegmentRegistryAccess again = registry.getSegment(2)) {
            assertNotSame(second, again.segment());
            assertEquals(3, registry.cachedCount());
            assertFalse(fixture.isCached(3), "3 was the least recently used then");
        }
    }

    @Test
    void whatIsPinnedLockedDirtyOrReadIsNotEvicted() {
        fixture.create(4);
        assertEquals(3, registry.cachedCount());
        SegmentRegistryAccess pinned = registry.getSegment(2);
        SegmentRegistryAccess three = registry.getSegment(3);
        fixture.segments.put(three.segment(), "a", "1");
        three.close();
        SegmentRegistryAccess four = registry.getSegment(4);
        SegmentView held = four.segment().view();
        held.holder().acquire();
        four.close();
        SegmentRegistryAccess five = registry.createSegment();
        assertEquals(4, registry.cachedCount());
        assertTrue(fixture.isCached(2) && fixture.isCached(3) && fixture.isCached(4) && fixture.isCached(5));
        held.holder().release();
        pinned.close();
        five.close();
        statusOf(registry.createSegment());
        assertEquals(3, registry.cachedCount());
        assertTrue(fixture.isCached(3), "it still holds an unflushed entry");
    }

    @Test
    void whatCannotBeEvictedDoesNotKeepTheNextOneInTheCache() {
        fixture.create(3);
        try (SegmentRegistryAccess one = registry.getSegment(1)) {
            fixture.segments.put(one.segment(), "a", "1");
        }
        statusOf(registry.getSegment(2));
        statusOf(registry.getSegment(3));
        fixture.create(1);
        assertEquals(3, registry.cachedCount());
        assertTrue(fixture.isCached(1), "it holds an unflushed entry");
        assertFalse(fixture.isCached(2), "the least recently used of those that can go");
    }

    @Test
    void aClosedRegistryAnswersClosedAndDoesNothing() {
        fixture.create(2);
        SegmentRegistryAccess before = registry.getSegment(1);
        before.close();
        registry.close();
        refuses(SegmentRegistryStatus.CLOSED);
        assertEquals(SegmentRegistryState.CLOSED, registry.state());
        assertEquals(0, registry.loadedSegments().size());
        registry.fail();
        assertEquals(SegmentRegistryState.CLOSED, registry.state(), "CLOSED is terminal");
    }

    @Test
    void aFailedRegistryAnswersErrorAndDoesNothing() {
        fixture.create(2);
        Segment one = registry.loadedSegments().get(0);
        Segment two = registry.loadedSegments().get(1);
        registry.fail();
        refuses(SegmentRegistryStatus.ERROR);
        registry.close();
        assertEquals(SegmentRegistryState.ERROR, registry.state(), "ERROR is terminal");
        one.close();
        two.close();
    }

    private void refuses(SegmentRegistryStatus status) {
        int creations = fixture.creations.get();
        long operations = storage.operations();
        assertEquals(status, statusOf(registry.getSegment(1)));
        assertEquals(status, statusOf(registry.getSegment(99)));
        assertEquals(status, statusOf(registry.createSegment()));
        assertEquals(status, statusOf(registry.deleteSegment(1)));
        assertThrows(IllegalStateException.class, registry::allocateSegmentId);
        try (SegmentRegistryAccess access = registry.getSegment(1)) {
            assertEquals(status, access.lock());
        }
        assertEquals(0, fixture.loads.get());
        assertEquals(creations, fixture.creations.get());
        assertEquals(0, fixture.deletions.get());
        assertEquals(operations, storage.operations());
    }

    @Test
    void aFailedRegistryThatIsClosedGivesItsSegmentsBack() {
        fixture.create(1);
        Segment segment = registry.loadedSegments().get(0);
        registry.fail();
        registry.close();
        SegmentState state = segment.state();
        segment.close();
        assertEquals(SegmentState.CLOSED, state);
    }

    @Test
    void aDamagedSegmentThrowsAndCanBeAskedForAgain() {
        fixture.createOnDisk(1);
        storage.rename(
                SegmentFixture.directory(1).resolve("manifest"),
                SegmentFixture.directory(1).resolve("away"));
        for (int i = 0; i < 2; i++) {
            assertThrows(StoreException.class, () -> {
                try (SegmentRegistryAccess access = registry.getSegment(1)) {
                    throw new StoreException.NotFound("answered " + access.status());
                }
            });
        }
        assertEquals(0, registry.cachedCount());
        storage.rename(
                SegmentFixture.directory(1).resolve("away"),
                SegmentFixture.directory(1).resolve("manifest"));
        assertEquals(OK, statusOf(registry.getSegment(1)));
    }

    @Test
    void aDamagedSegmentIsNotTakenForAMissingOne() {
        fixture.createOnDisk(1);
        storage.delete(SegmentFixture.directory(1).resolve("manifest"));
        SegmentRegistryStatus status = null;
        try {
            status = statusOf(registry.getSegment(1));
        } catch (StoreException e) {
            assertNotNull(e.getMessage());
        }
        assertNull(status, "a segment without its manifest is damaged, not absent");
    }

    @Test
    void refusesACacheWithoutRoom() {
        assertThrows(IllegalArgumentException.class, () -> new SegmentRegistry(null, null, 0, () -> false));
    }
}
