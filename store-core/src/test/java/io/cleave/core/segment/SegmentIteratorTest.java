package io.cleave.core.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.merge.RetainingCursor;
import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.error.StoreClosedException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The three isolations of an iterator. */
final class SegmentIteratorTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private SegmentFixture fixture;
    private Segment segment;

    @BeforeEach
    void open() {
        fixture = new SegmentFixture(leaks.watch(new SimulatedStorage(1)));
        segment = fixture.create(1);
        fixture.put(segment, "a", "1");
        segment.flush();
        fixture.put(segment, "b", "2");
        fixture.put(segment, "c", "3");
    }

    @AfterEach
    void close() {
        segment.close();
        assertEquals(0, fixture.memoryInUse());
        assertEquals(0, fixture.context().snapshots().registered().length, "a registered snapshot is left");
        fixture.close();
    }

    private static List<String> rest(SegmentIterator iterator) {
        List<String> keys = new ArrayList<>();
        while (iterator.next()) {
            keys.add(SegmentFixture.text(
                    Arrays.copyOf(iterator.entry().key(), iterator.entry().keyLength())));
        }
        return keys;
    }

    @Test
    void aSnapshotIteratorSeesOnePointInTime() {
        try (SegmentIterator iterator = segment.openIterator(IteratorIsolation.SNAPSHOT)) {
            assertTrue(iterator.next());
            fixture.put(segment, "aa", "new");
            fixture.delete(segment, "b");
            segment.flush();
            segment.compact();
            assertEquals(List.of("b", "c"), rest(iterator));
        }
        assertEquals(List.of("a", "aa", "c"), List.copyOf(fixture.scan(segment).keySet()));
    }

    @Test
    void aSnapshotIteratorReadsOnAfterTheSegmentWasClosed() {
        try (SegmentIterator iterator = segment.openIterator(IteratorIsolation.SNAPSHOT)) {
            segment.close();
            assertEquals(List.of("a", "b", "c"), rest(iterator));
        }
    }

    @Test
    void aFailFastIteratorThrowsAfterAnyWrite() {
        List<Runnable> changes = List.of(() -> fixture.put(segment, "d", "4"), () -> fixture.delete(segment, "a"));
        for (Runnable change : changes) {
            fixture.put(segment, "dirty", "again");
            try (SegmentIterator iterator = segment.openIterator(IteratorIsolation.FAIL_FAST)) {
                assertTrue(iterator.next());
                change.run();
                assertThrows(ConcurrentModificationException.class, iterator::next);
            }
        }
    }

    @Test
    void flushesAndCompactionsAreNoChangeToAFailFastIterator() {
        fixture.put(segment, "a", "again");
        try (SegmentIterator iterator = segment.openIterator(IteratorIsolation.FAIL_FAST)) {
            assertTrue(iterator.next());
            assertTrue(segment.flush());
            assertTrue(iterator.next());
            assertTrue(segment.compact());
            assertEquals(List.of("c"), rest(iterator));
        }
    }

    @Test
    void aFailFastIteratorEndsWellWithoutAChange() {
        try (SegmentIterator iterator = segment.openIterator(IteratorIsolation.FAIL_FAST)) {
            assertEquals(List.of("a", "b", "c"), rest(iterator));
        }
    }

    @Test
    void nothingChangesTheSegmentUnderFullIsolation() {
        try (SegmentIterator iterator = segment.openIterator(IteratorIsolation.FULL_ISOLATION)) {
            assertEquals(SegmentState.ISOLATED, segment.state());
            SegmentView view = segment.view();
            assertThrows(AssertionError.class, () -> fixture.put(segment, "d", "4"));
            assertThrows(IllegalStateException.class, segment::flush);
            assertThrows(AssertionError.class, () -> segment.openIterator(IteratorIsolation.FULL_ISOLATION));
            assertFalse(segment.closeIfClean());
            assertEquals(view, segment.view());
            assertEquals(List.of("a", "b", "c"), rest(iterator));
        }
        assertEquals(SegmentState.ISOLATED, segment.state(), "whoever isolated it decides when it resumes");
        fixture.locked(() -> segment.resumeLocked(List.of()));
    }

    @Test
    void noCompactionChangesTheSegmentUnderFullIsolation() {
        segment.flush();
        try (SegmentIterator iterator = segment.openIterator(IteratorIsolation.FULL_ISOLATION)) {
            assertTrue(segment.view().runCount() == 2);
            assertThrows(IllegalStateException.class, segment::compact);
            assertEquals(2, segment.view().runCount());
            assertEquals(List.of("a", "b", "c"), rest(iterator));
        }
        fixture.locked(() -> segment.resumeLocked(List.of()));
    }

    @Test
    void resumingBringsTheSideMemtablesBackOnTop() {
        SegmentIterator iterator = segment.openIterator(IteratorIsolation.FULL_ISOLATION);
        MemtableLayer older = fixture.layer("b", "side");
        MemtableLayer newer = fixture.layer("b", "newer side");
        iterator.close();
        fixture.locked(() -> segment.resumeLocked(List.of(newer, older)));
        older.shared().release();
        newer.shared().release();
        assertEquals(SegmentState.OPEN, segment.state());
        fixture.put(segment, "d", "4");
        TreeMap<String, String> expected = new TreeMap<>(Map.of("a", "1", "b", "newer side", "c", "3", "d", "4"));
        assertEquals(expected, fixture.scan(segment));
        segment.flush();
        segment.close();
        segment = fixture.open(1);
        assertEquals(expected, fixture.scan(segment));
    }

    @Test
    void resumingTwiceAdoptsOnce() {
        segment.openIterator(IteratorIsolation.FULL_ISOLATION).close();
        MemtableLayer side = fixture.layer("b", "side");
        fixture.locked(() -> segment.resumeLocked(List.of(side)));
        fixture.locked(() -> segment.resumeLocked(List.of(side)));
        side.shared().release();
        assertEquals(2, segment.view().sealed().size());
    }

    @Test
    void theRetainedPassGivesWhatSnapshotsStillSeeToo() {
        long snapshot = fixture.context().snapshots().register();
        fixture.put(segment, "b", "newer");
        fixture.put(segment, "b", "newest");
        fixture.delete(segment, "c");
        try (SegmentIterator iterator = segment.openIterator(IteratorIsolation.SNAPSHOT);
                RetainingCursor source = iterator.retained()) {
            List<Long> sequences = new ArrayList<>();
            for (boolean on = source.start(null); on; on = source.next()) {
                sequences.add(source.entry().sequence());
            }
            assertEquals(List.of(1L, 5L, 2L, 6L, 3L), sequences);
            assertEquals(1, source.dropped());
        }
        fixture.context().snapshots().release(snapshot);
    }

    @Test
    void aClosedIteratorRefusesAndAClosedSegmentGivesNone() {
        SegmentIterator iterator = segment.openIterator(IteratorIsolation.SNAPSHOT);
        iterator.close();
        iterator.close();
        assertThrows(StoreClosedException.class, iterator::next);
        assertThrows(StoreClosedException.class, iterator::retained);
        segment.close();
        assertThrows(StoreClosedException.class, () -> segment.openIterator(IteratorIsolation.SNAPSHOT));
        assertThrows(IllegalStateException.class, () -> segment.openIterator(IteratorIsolation.FULL_ISOLATION));
        assertFalse(segment.iteratorLock().isLocked(), "a refused iterator holds the iterator lock");
    }
}
