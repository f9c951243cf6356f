package io.cleave.core.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.entry.KeyBounds;
import io.cleave.core.merge.RetainingCursor;
import io.cleave.core.resource.Epoch;
import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageLock;
import io.cleave.error.StoreException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class SegmentTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private SimulatedStorage storage;
    private SegmentFixture fixture;
    private Segment segment;

    @BeforeEach
    void open() {
        storage = leaks.watch(new SimulatedStorage(1));
        fixture = new SegmentFixture(storage);
        segment = fixture.create(1);
    }

    @AfterEach
    void close() {
        segment.close();
        assertEquals(0, fixture.memoryInUse());
        fixture.close();
    }

    @Test
    void everythingUpToTheFlushedSequenceIsInTheRuns() {
        assertEquals(0, segment.flushedSequence());
        fixture.put(segment, "a", "1");
        assertEquals(0, segment.flushedSequence());
        assertTrue(segment.flush());
        assertEquals(1, segment.flushedSequence());
        fixture.put(segment, "b", "2");
        fixture.delete(segment, "a");
        assertEquals(1, segment.flushedSequence());
        segment.flush();
        assertEquals(3, segment.flushedSequence());
        segment.compact();
        assertEquals(3, segment.flushedSequence());
        segment.close();
        segment = fixture.open(1);
        assertEquals(3, segment.flushedSequence());
    }

    @Test
    void theLogIsDurableUpToTheFlushedSequenceBeforeTheRunIsPublished() {
        fixture.put(segment, "a", "1");
        fixture.put(segment, "b", "2");
        segment.flush();
        assertEquals(2, fixture.logBarrier());
    }

    @Test
    void aRunIsForcedBeforeTheManifestNamesItAndDeletedAfterItNoLongerDoes() {
        fixture.put(segment, "a", "1");
        segment.flush();
        fixture.put(segment, "a", "2");
        segment.flush();
        storage.logOperations();
        segment.compact();
        Epoch.reclaim();
        String log = String.join("\n", storage.operationLog());
        int forced = log.indexOf("force /sim/segment-00001/run-000004.run");
        int named = log.indexOf("forceDirectory /sim/segment-00001");
        int renamed = log.indexOf("rename /sim/segment-00001/manifest.tmp");
        int durable = log.indexOf("forceDirectory /sim/segment-00001", renamed);
        int deleted = log.indexOf("delete /sim/segment-00001/run-00000");
        assertTrue(forced >= 0 && forced < named && named < renamed && renamed < durable && durable < deleted, log);
    }

    @Test
    void aFlushWithoutEntriesDoesNothing() {
        long operations = storage.operations();
        assertFalse(segment.flush());
        assertFalse(segment.compact());
        assertFalse(segment.compactIfNeeded());
        assertEquals(operations, storage.operations());
    }

    @Test
    void aFlushOfTombstonesAloneLeavesNoRunWhenThereIsNothingBeneath() {
        fixture.put(segment, "a", "1");
        fixture.delete(segment, "a");
        assertTrue(segment.flush());
        assertEquals(0, segment.view().runCount());
        assertEquals(2, segment.flushedSequence());
        assertFalse(segment.view().isDirty());
    }

    @Test
    void aTombstoneOutlivesTheMergeOfDeltasAboveTheMainRun() {
        fixture.put(segment, "key", "value");
        for (int i = 0; i < 60; i++) {
            fixture.put(segment, "filler" + i, "x".repeat(600));
        }
        segment.flush();
        fixture.delete(segment, "key");
        segment.flush();
        for (int i = 0; i < 3; i++) {
            fixture.put(segment, "small" + i, "x");
            segment.flush();
        }
        assertEquals(5, segment.view().runCount());
        assertTrue(segment.compactIfNeeded());
        assertTrue(segment.view().runCount() > 1, "only the deltas are merged");
        assertNull(fixture.scan(segment).get("key"));
        segment.compact();
        assertNull(fixture.scan(segment).get("key"));
        assertEquals(63, segment.view().entries());
    }

    @Test
    void aReaderOfAnOlderViewReadsOnWhileRunsAreReplaced() {
        fixture.put(segment, "a", "1");
        segment.flush();
        fixture.put(segment, "b", "2");
        segment.flush();
        SegmentView old = segment.view();
        old.holder().acquire();
        segment.compact();
        Epoch.reclaim();
        assertEquals(2, SegmentFixture.scan(old, Long.MAX_VALUE >>> 8).size());
        int withOld = storage.list(SegmentFixture.directory(1)).size();
        old.holder().release();
        Epoch.reclaim();
        assertEquals(withOld - 2, storage.list(SegmentFixture.directory(1)).size());
    }

    @Test
    void aSecondOwnerIsRefusedUntilTheFirstCloses() {
        assertNull(fixture.open(1));
        segment.close();
        segment = fixture.open(1);
        assertEquals(SegmentState.OPEN, segment.state());
    }

    @Test
    void aMissingDirectoryIsNotFoundAndADirectoryOfAnotherIdIsRefused() {
        assertThrows(StoreException.NotFound.class, () -> fixture.open(9));
        segment.close();
        storage.rename(SegmentFixture.directory(1), SegmentFixture.directory(2));
        assertThrows(StoreException.Corrupt.class, () -> fixture.open(2));
        storage.rename(SegmentFixture.directory(2), SegmentFixture.directory(1));
        assertThrows(
                StoreException.Corrupt.class,
                () -> Segment.tryOpen(fixture.context(), 99, 1, SegmentFixture.directory(1)));
        segment = fixture.open(1);
    }

    @Test
    void aFailedOpenGivesTheLockBack() {
        fixture.put(segment, "a", "1");
        segment.flush();
        segment.close();
        storage.delete(SegmentFixture.directory(1).resolve("run-000002.run"));
        assertThrows(StoreException.class, () -> fixture.open(1));
        try (StorageLock lock = storage.tryLock(SegmentFixture.directory(1).resolve(SegmentDirectory.LOCK_NAME))) {
            assertTrue(lock != null);
        }
    }

    @Test
    void closesCleanOnlyWithoutUnflushedEntries() {
        fixture.put(segment, "a", "1");
        assertFalse(segment.isIdle());
        assertFalse(segment.closeIfClean());
        assertEquals(SegmentState.OPEN, segment.state());
        segment.flush();
        assertTrue(segment.isIdle());
        segment.view().holder().acquire();
        SegmentView held = segment.view();
        assertFalse(segment.isIdle(), "somebody reads");
        held.holder().release();
        assertTrue(segment.closeIfClean());
        assertTrue(segment.closeIfClean(), "idempotent");
        assertNull(segment.view());
        assertEquals(SegmentState.CLOSED, segment.state());
    }

    @Test
    void everyWriteChangesTheVersionAndNoBackgroundWorkDoes() {
        long before = segment.version();
        fixture.put(segment, "a", "1");
        assertTrue(segment.version() > before);
        before = segment.version();
        segment.flush();
        segment.compact();
        assertEquals(before, segment.version());
    }

    @Test
    void theOldestLogPositionIsThatOfTheFirstUnflushedEntry() {
        assertEquals(MemtableLayer.NO_LOG, segment.view().firstLogPosition());
        fixture.put(segment, "a", "1");
        fixture.put(segment, "b", "2");
        fixture.locked(segment::sealLocked);
        fixture.put(segment, "c", "3");
        assertEquals(1, segment.view().firstLogPosition());
        segment.flush();
        assertEquals(MemtableLayer.NO_LOG, segment.view().firstLogPosition());
    }

    @Test
    void anAbandonedBuilderLeavesNothing() {
        fixture.put(segment, "a", "1");
        SegmentBuilder builder =
                new SegmentBuilder(fixture.context(), SegmentFixture.INDEX_ID, 2, SegmentFixture.directory(2));
        try (SegmentIterator iterator = segment.openIterator(IteratorIsolation.SNAPSHOT);
                RetainingCursor source = iterator.retained()) {
            assertTrue(source.start(null));
            builder.append(source);
        }
        assertEquals(1, builder.entries());
        builder.close();
        builder.close();
        assertEquals(Storage.PathKind.ABSENT, storage.kind(SegmentFixture.directory(2)));
    }

    @Test
    void anEmptyBuilderMakesAnEmptySegmentWithItsBounds() {
        KeyBounds bounds = new KeyBounds(SegmentFixture.bytes("d"), null);
        Segment other = fixture.create(2, bounds);
        assertEquals(bounds, other.bounds());
        assertEquals(0, other.view().entries());
        other.close();
        Segment again = fixture.open(2);
        assertEquals(bounds, again.bounds());
        again.close();
    }

    @Test
    void aBuilderIsRefusedTheDirectoryOfAnOwner() {
        assertThrows(
                StoreException.Locked.class,
                () -> new SegmentBuilder(fixture.context(), SegmentFixture.INDEX_ID, 1, SegmentFixture.directory(1)));
        assertEquals(List.of("lock", "manifest"), storage.list(SegmentFixture.directory(1)));
    }
}
