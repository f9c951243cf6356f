package io.cleave.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Medians, spreads, the best rival, ratios. */
final class MediansTest {
    private static final WorkloadRow READ = new WorkloadRow(Workload.READ_HIT, 1);
    private static final WorkloadRow OPEN = new WorkloadRow(Workload.OPEN_CLEAN, 1);

    private static Medians medians(Measurement... measurements) {
        return new Medians(List.of(measurements), EntryShape.POINT);
    }

    private static Measurement read(EngineKind engine, int run, long operations) {
        return Samples.of(engine, Workload.READ_HIT, run, operations);
    }

    @Test
    void theMedianIsTheMiddleOneWhateverTheOrder() {
        Medians medians = medians(
                read(EngineKind.CLEAVE, 1, 900), read(EngineKind.CLEAVE, 2, 1_200), read(EngineKind.CLEAVE, 3, 1_000));
        Medians.Median median = medians.figure(EngineKind.CLEAVE, READ);
        assertEquals(1_000, median.value());
        assertEquals(0.15, median.spread(), 1e-9);
        assertEquals(3, median.runs());
    }

    @Test
    void ofAnEvenNumberItIsHalfWayBetweenTheMiddleTwo() {
        Medians medians = medians(
                read(EngineKind.CLEAVE, 1, 100),
                read(EngineKind.CLEAVE, 2, 400),
                read(EngineKind.CLEAVE, 3, 200),
                read(EngineKind.CLEAVE, 4, 9_000));
        assertEquals(300, medians.figure(EngineKind.CLEAVE, READ).value());
    }

    @Test
    void theRatioIsToTheBetterRival() {
        Medians medians = medians(
                read(EngineKind.CLEAVE, 1, 3_000),
                read(EngineKind.CLEAVE_LZ4, 1, 9_000),
                read(EngineKind.ROCKSDB, 1, 1_000),
                read(EngineKind.LMDB, 1, 2_000));
        assertEquals(2_000, medians.bestRival(READ));
        assertEquals(9_000, medians.best(READ));
        assertEquals(1.5, medians.ratio(READ), 1e-9);
    }

    @Test
    void ofTimesTheSmallerIsTheBetter() {
        Medians medians = medians(
                Samples.of(EngineKind.CLEAVE, OPEN, 1, 10, 50_000_000),
                Samples.of(EngineKind.ROCKSDB, OPEN, 1, 10, 200_000_000),
                Samples.of(EngineKind.LMDB, OPEN, 1, 10, 20_000_000));
        assertEquals(5_000_000, medians.figure(EngineKind.CLEAVE, OPEN).value());
        assertEquals(2_000_000, medians.bestRival(OPEN));
        assertEquals(0.4, medians.ratio(OPEN), 1e-9);
    }

    @Test
    void whatIsMissingGivesNoRatio() {
        Medians noRival = medians(read(EngineKind.CLEAVE, 1, 3_000), read(EngineKind.CLEAVE_LZ4, 1, 9_000));
        assertTrue(Double.isNaN(noRival.ratio(READ)));
        Medians noCleave = medians(read(EngineKind.LMDB, 1, 3_000));
        assertTrue(Double.isNaN(noCleave.ratio(READ)));
        assertFalse(noCleave.figure(EngineKind.CLEAVE, READ).isPresent());
    }

    @Test
    void anEngineThatLacksARowDoesNotHideTheOthers() {
        Medians medians = medians(
                Samples.of(EngineKind.ROCKSDB, Workload.SCAN, 1, 5),
                read(EngineKind.CLEAVE, 1, 3_000),
                read(EngineKind.LMDB, 1, 1_000));
        assertEquals(3, medians.ratio(READ), 1e-9);
        assertEquals(List.of(EngineKind.CLEAVE, EngineKind.ROCKSDB, EngineKind.LMDB), medians.engines());
        assertEquals(List.of(READ, new WorkloadRow(Workload.SCAN, 1)), medians.rows());
    }

    @Test
    void otherShapesDoNotCount() {
        Medians medians = new Medians(List.of(read(EngineKind.CLEAVE, 1, 900)), EntryShape.BLOB);
        assertEquals(List.of(), medians.rows());
        assertEquals(List.of(), medians.engines());
    }
}
