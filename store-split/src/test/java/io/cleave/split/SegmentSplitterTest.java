package io.cleave.split;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.registry.SegmentRegistryAccess;
import io.cleave.core.registry.SegmentRegistryState;
import io.cleave.core.registry.SegmentRegistryStatus;
import io.cleave.core.segment.Segment;
import io.cleave.core.segment.SegmentState;
import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.error.StoreException;
import io.cleave.route.KeyMap;
import io.cleave.route.KeyMapFormat;
import io.cleave.route.RoutedIndex;
import io.cleave.route.SegmentSlot;
import io.cleave.route.SlotLease;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** R2.1 to R2.8 and R2.10 to R2.12 without a crash. */
final class SegmentSplitterTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final SimulatedStorage storage = leaks.watch(new SimulatedStorage(1));
    private SplitFixture fixture = SplitFixture.create(storage);

    @AfterEach
    void close() {
        fixture.check("at the end");
        fixture.close();
    }

    private static SegmentSplitter splitter(long bytesMax, long entriesMax) {
        return new SegmentSplitter(new SplitLimits(bytesMax, entriesMax), step -> {});
    }

    @Test
    void aSplitMakesALowerAndAnUpperSegmentUnderNewIds() {
        fixture.fill(40);
        fixture.flushAll();
        assertEquals(SplitOutcome.SPLIT, fixture.split(step -> {}));
        assertEquals(List.of(2L, 3L), fixture.mapped());
        assertEquals(List.of(2L, 3L), fixture.directories(), "the old segment is deleted");
        long lower = fixture.slot(0).segment().view().entries();
        long upper = fixture.slot(1).segment().view().entries();
        assertEquals(40, lower + upper);
        assertTrue(lower >= 15 && upper >= 15, lower + " and " + upper);
        assertEquals(40, fixture.slot(0).segment().flushedSequence());
    }

    @Test
    void aSplitMakesSomeDozenSegmentsAtATimeAndTheRestInTurn() {
        fixture.fill(500);
        SegmentSplitter splitter = splitter(1 << 20, 10);
        assertEquals(SplitOutcome.SPLIT, splitter.splitIfTooLarge(fixture.index(), fixture.slot(0)));
        assertEquals(EvenCut.PARTS_MAX, fixture.mapped().size());
        assertEquals(SplitOutcome.SPLIT, splitter.splitIfTooLarge(fixture.index(), fixture.slot(0)));
    }

    @Test
    void whatAWriterCanNotHoldOnTheHeapIsDividedWhateverItsSize() {
        fixture.fill(400);
        fixture.flushAll();
        SegmentSplitter splitter = new SegmentSplitter(new SplitLimits(1 << 30, 1 << 30, 4_000), step -> {});
        assertTrue(fixture.slot(0).segment().view().writerHeapBytes() > 8_000);
        assertEquals(SplitOutcome.SPLIT, splitter.splitIfTooLarge(fixture.index(), fixture.slot(0)));
        for (int i = 0; i < fixture.mapped().size(); i++) {
            assertTrue(fixture.slot(i).segment().view().writerHeapBytes() < 4_000);
        }
        assertFalse(splitter.limits()
                .areSmall(fixture.slot(0).segment(), fixture.slot(1).segment()));
    }

    @Test
    void aSplitWhoseKeysTheMapCouldNotHoldIsRefusedBeforeItIsWritten() {
        RoutedIndex index = fixture.index();
        KeyMap map = index.route().map();
        KeyMapFormat.requireRoom(index.directory(), map, new byte[65_535], 1_000);
        assertThrows(
                StoreException.LimitReached.class,
                () -> KeyMapFormat.requireRoom(index.directory(), map, new byte[65_535], 1_100));
    }

    @Test
    void unflushedEntriesAreSplitToo() {
        fixture.fill(20);
        fixture.flushAll();
        fixture.fill(30);
        fixture.delete("k003");
        assertEquals(SplitOutcome.SPLIT, fixture.split(step -> {}));
        assertFalse(fixture.slot(0).segment().view().isDirty());
    }

    @Test
    void entriesThatFitOneSegmentAreCompactedIntoANewOne() {
        for (int i = 0; i < 30; i++) {
            fixture.put("a", "v" + i);
        }
        assertEquals(SplitOutcome.COMPACTED, fixture.split(step -> {}));
        assertEquals(List.of(2L), fixture.mapped());
        assertEquals(List.of(2L), fixture.directories());
        assertEquals(1, fixture.slot(0).segment().view().entries());
    }

    @Test
    void aSegmentWithoutLiveEntriesBecomesAnEmptyOne() {
        fixture.fill(10);
        for (int i = 0; i < 10; i++) {
            fixture.delete(String.format("k%03d", i));
        }
        fixture.flushAll();
        assertEquals(SplitOutcome.COMPACTED, fixture.split(step -> {}));
        assertEquals(0, fixture.slot(0).segment().view().entries());
        assertEquals(List.of(2L), fixture.mapped());
    }

    @Test
    void aSmallSegmentAndOneThatLeftTheRouteAreNotEligible() {
        fixture.fill(10);
        SegmentSlot first = fixture.slot(0);
        assertEquals(SplitOutcome.NOT_ELIGIBLE, splitter(1 << 20, 100).splitIfTooLarge(fixture.index(), first));
        assertEquals(List.of(1L), fixture.mapped());
        assertEquals(SplitOutcome.SPLIT, fixture.split(step -> {}));
        assertEquals(SplitOutcome.NOT_ELIGIBLE, splitter(1, 1).split(fixture.index(), first));
        assertEquals(SplitOutcome.NOT_ELIGIBLE, splitter(1, 1).mergeIfSmall(fixture.index(), first));
    }

    @Test
    void eligibilityIsCheckedAgainUnderTheLock() {
        fixture.fill(10);
        assertEquals(SplitOutcome.SPLIT, splitter(1 << 20, 9).splitIfTooLarge(fixture.index(), fixture.slot(0)));
        assertEquals(SplitOutcome.NOT_ELIGIBLE, splitter(1 << 20, 9).splitIfTooLarge(fixture.index(), fixture.slot(0)));
    }

    @Test
    void aSegmentThatSomebodyMaintainsIsBusyAndLeftAlone() {
        fixture.fill(10);
        fixture.slot(0);
        long operations;
        try (SegmentRegistryAccess access = fixture.index().registry().getSegment(1)) {
            assertEquals(SegmentRegistryStatus.OK, access.lock());
            operations = storage.operations();
            assertEquals(SplitOutcome.BUSY, fixture.split(step -> {}));
        }
        assertEquals(operations, storage.operations());
        assertEquals(SplitOutcome.SPLIT, fixture.split(step -> {}));
    }

    @Test
    void smallNeighboursAreMergedAndLargeOnesAreNot() {
        fixture.fill(40);
        fixture.split(step -> {});
        assertEquals(SplitOutcome.NOT_ELIGIBLE, splitter(1 << 20, 160).mergeIfSmall(fixture.index(), fixture.slot(0)));
        assertEquals(SplitOutcome.MERGED, splitter(1 << 20, 161).mergeIfSmall(fixture.index(), fixture.slot(0)));
        assertEquals(List.of(4L), fixture.mapped());
        assertEquals(List.of(4L), fixture.directories());
        assertEquals(SplitOutcome.NOT_ELIGIBLE, splitter(1 << 20, 999).mergeIfSmall(fixture.index(), fixture.slot(0)));
    }

    @Test
    void deletesShrinkTheMapAgainAndPutsGrowIt() {
        SegmentSplitter splitter = splitter(1 << 20, 20);
        for (int round = 0; round < 3; round++) {
            fixture.fill(160);
            settle(splitter);
            assertTrue(fixture.mapped().size() >= 8, fixture.mapped().toString());
            for (int i = 0; i < 160; i++) {
                fixture.delete(String.format("k%03d", i));
            }
            for (int i = 0; i < fixture.index().route().size(); i++) {
                fixture.slot(i).segment().flush();
                fixture.slot(i).segment().compact();
            }
            settle(splitter);
            assertEquals(1, fixture.mapped().size());
        }
        assertEquals(fixture.mapped(), fixture.directories());
    }

    /** Splits and merges until nothing is eligible; that must come. */
    private void settle(SegmentSplitter splitter) {
        int rewrites = 0;
        for (int i = 0; i < fixture.index().route().size(); ) {
            SplitOutcome outcome = splitter.splitIfTooLarge(fixture.index(), fixture.slot(i));
            if (outcome == SplitOutcome.NOT_ELIGIBLE) {
                outcome = splitter.mergeIfSmall(fixture.index(), fixture.slot(i));
            }
            if (outcome == SplitOutcome.NOT_ELIGIBLE) {
                i++;
            } else {
                rewrites++;
                i = Math.max(0, i - 1);
            }
            assertTrue(rewrites < 500, "still rewriting after 500 times");
        }
    }

    @Test
    void aSmallKeyBeforeAHugeOneIsNotRewrittenForEver() {
        fixture.put("a", "small");
        fixture.put("b", "x".repeat(50_000));
        settle(splitter(20_000, 1000));
    }

    @Test
    void versionsThatSnapshotsKeepAreNotRewrittenForEver() {
        fixture.put("a", "once");
        List<Long> snapshots = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            fixture.put("b", "v" + i);
            snapshots.add(fixture.context().snapshots().register());
        }
        try {
            settle(splitter(1 << 20, 20));
        } finally {
            snapshots.forEach(fixture.context().snapshots()::release);
        }
    }

    @Test
    void snapshotsSeeTheirStateAcrossSplitAndMerge() {
        fixture.fill(20);
        long snapshot = fixture.context().snapshots().register();
        fixture.fill(20);
        fixture.delete("k004");
        Map<String, String> seen = fixture.model(snapshot);
        fixture.split(step -> assertEquals(seen, fixture.scan(snapshot), step.toString()));
        assertEquals(seen, fixture.scan(snapshot));
        splitter(1 << 20, 1 << 20).mergeIfSmall(fixture.index(), fixture.slot(0));
        assertEquals(seen, fixture.scan(snapshot));
        fixture.context().snapshots().release(snapshot);
    }

    @Test
    void whatIsWrittenWhileASegmentIsIsolatedIsInTheRightChildAlsoAfterAReopen() {
        fixture.fill(40);
        fixture.flushAll();
        Segment old = fixture.slot(0).segment();
        fixture.split(step -> {
            if (step == SplitStep.S2_ISOLATED || step == SplitStep.S3_PREPARED || step == SplitStep.S4_PUBLISHED) {
                assertEquals(SegmentState.ISOLATED, old.state());
                fixture.put("k001", "low at " + step);
                fixture.put("k038", "high at " + step);
                fixture.put("a-new-" + step, "lowest");
                fixture.delete("k020");
                fixture.delete("k039");
                assertEquals("low at " + step, fixture.get("k001"), "every own write is seen at once");
                assertEquals(null, fixture.get("k039"));
            }
        });
        assertEquals("low at S4_PUBLISHED", fixture.get("k001"));
        fixture.check("after the split");
        fixture.flushAll();
        try (SlotLease upper = fixture.index().lease(SplitFixture.bytes("k038"))) {
            assertEquals(null, SplitFixture.scan(upper, 1L << 50).get("k001"));
            assertEquals(
                    "high at S4_PUBLISHED", SplitFixture.scan(upper, 1L << 50).get("k038"));
        }
    }

    @Test
    void theIndexReopensWithWhatWasWrittenDuringTheSplit() {
        fixture.fill(40);
        fixture.flushAll();
        fixture.split(step -> fixture.put("during", step.toString()));
        SimulatedStorage after = leaks.watch(storage.kill());
        fixture = fixture.reopen(after);
        fixture.check("reopened");
        assertEquals("S6_DELETED", fixture.get("during"));
        fixture.flushAll();
    }

    @Test
    void aReaderWithAnOpenLeaseReadsOnThroughTheSplit() {
        fixture.fill(40);
        Map<String, String> before = fixture.model(Long.MAX_VALUE);
        List<SplitStep> visited = new ArrayList<>();
        try (SlotLease lease = fixture.index().lease(SplitFixture.bytes("k000"))) {
            fixture.split(step -> {
                visited.add(step);
                assertEquals(before, SplitFixture.scan(lease, 1L << 50), step.toString());
                assertEquals(before, fixture.scan(1L << 50), step + ", a new reader");
            });
            assertEquals(before, SplitFixture.scan(lease, 1L << 50));
        }
        assertEquals(List.of(SplitStep.values()), visited);
    }

    @Test
    void neverCompactsTheSegmentItSplits() {
        fixture.fill(20);
        fixture.flushAll();
        fixture.fill(20);
        fixture.flushAll();
        Segment old = fixture.slot(0).segment();
        Object runs = old.manifest();
        storage.logOperations();
        fixture.split(step -> assertEquals(runs, old.manifest(), step.toString()));
        List<String> touched = storage.operationLog().stream()
                .filter(line -> line.contains("segment-00001") && !line.startsWith("delete"))
                .toList();
        assertEquals(List.of(), touched, "operations on the old segment");
    }

    @Test
    void everyLockIsGivenBackInEveryOutcome() {
        fixture.fill(10);
        fixture.split(step -> {});
        splitter(1, 1).splitIfTooLarge(fixture.index(), fixture.slot(0));
        assertFalse(fixture.index().keyMapLock().isLocked());
        assertFalse(fixture.context().commitLock().isLocked());
        for (Segment segment : fixture.index().registry().loadedSegments()) {
            try (SegmentRegistryAccess access = fixture.index().registry().getSegment(segment.id())) {
                assertEquals(SegmentRegistryStatus.OK, access.lock());
            }
        }
        assertEquals(SegmentRegistryState.READY, fixture.index().registry().state());
        assertEquals(0, fixture.context().snapshots().registered().length);
        assertNotNull(fixture.index().route());
    }
}
