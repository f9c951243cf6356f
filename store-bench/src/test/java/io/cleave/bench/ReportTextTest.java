package io.cleave.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tables for a terminal. */
final class ReportTextTest {
    private static Medians medians(List<Measurement> measurements) {
        return new Medians(measurements, EntryShape.POINT);
    }

    private static String line(String text, String beginning) {
        return text.lines()
                .filter(line -> line.startsWith(beginning))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no line begins with " + beginning + " in\n" + text));
    }

    @Test
    void ratesAreMediansWithSpreadAndRatio() {
        String text = ReportText.rates(medians(List.of(
                Samples.of(EngineKind.CLEAVE, Workload.READ_HIT, 1, 1_280_000),
                Samples.of(EngineKind.CLEAVE, Workload.READ_HIT, 2, 1_024_000),
                Samples.of(EngineKind.CLEAVE, Workload.READ_HIT, 3, 1_536_000),
                Samples.of(EngineKind.ROCKSDB, Workload.READ_HIT, 1, 320_000),
                Samples.of(EngineKind.LMDB, Workload.READ_HIT, 1, 640_000))));
        assertEquals(
                List.of("random read, hit", "1.28 M/s ±20%", "320 k/s", "640 k/s", "2.00×"),
                Arrays.asList(line(text, "random read").split(" {2,}", -1)));
        assertTrue(text.contains("median of 3 runs"), text);
    }

    @Test
    void openingsAreTimes() {
        WorkloadRow open = new WorkloadRow(Workload.OPEN_KILLED, 1);
        String text = ReportText.rates(medians(List.of(
                Samples.of(EngineKind.CLEAVE, open, 1, 10, 50_000_000),
                Samples.of(EngineKind.LMDB, open, 1, 10, 100_000_000))));
        assertEquals(
                List.of("open after a kill", "5.00 ms", "10.0 ms", "2.00×"),
                Arrays.asList(line(text, "open after").split(" {2,}", -1)));
    }

    @Test
    void numbersOfThreadsAreToldApart() {
        String text = ReportText.rates(medians(Samples.everything(EngineKind.CLEAVE, EngineKind.LMDB)));
        line(text, "random read, hit  ");
        line(text, "random read, hit, 2 threads  ");
        assertTrue(line(text, "  puts of that thread").contains("110 k/s"), text);
    }

    @Test
    void theFootprintHasSizesAndAmplification() {
        String text = ReportText.footprint(medians(Samples.everything(EngineKind.CLEAVE)));
        assertTrue(line(text, "on disk after random fill").endsWith("64.0 MiB"), text);
        assertTrue(line(text, "bytes written per user byte, random fill").endsWith("2.50"), text);
        assertTrue(line(text, "on disk after window ").endsWith("64.0 MiB"), text);
        assertTrue(line(text, "most on disk while the window slides").endsWith("B"), text);
        assertTrue(line(text, "resident memory").endsWith("300 MiB"), text);
        assertTrue(line(text, "CPU s per million, full scan").endsWith("1.82"), text);
    }

    @Test
    void latenciesHaveAUnitEach() {
        String text = ReportText.latencies(medians(Samples.everything(EngineKind.CLEAVE, EngineKind.LMDB)));
        assertEquals(
                List.of("random read, hit", "cleave", "1.23 µs", "25.0 µs", "3.50 ms", "1.20 s"),
                Arrays.asList(line(text, "random read, hit  ").split(" {2,}", -1)));
    }

    @Test
    void everythingFitsInTheWidth() {
        Report report = Samples.report(Samples.everything(EngineKind.values()));
        String text = ReportText.of(report);
        text.lines().forEach(line -> assertTrue(line.length() <= ReportText.WIDTH, line.length() + ": " + line));
        for (String word :
                List.of("machine: Some <fast> CPU", "2026-01-02", "./cleave bench --runs 3", "failed: run 1/3")) {
            assertTrue(text.contains(word), () -> word + " is not in\n" + text);
        }
        assertTrue(text.startsWith("point: 16-byte keys, 100-byte values, 1,000,000 entries\n"), text);
    }

    @Test
    void longLinesAreFolded() {
        String folded = ReportText.folded("word ".repeat(60).strip());
        folded.lines().forEach(line -> assertTrue(line.length() <= ReportText.WIDTH, line));
        assertEquals("word ".repeat(60).strip(), folded.strip().replaceAll("\\s+", " "));
    }
}
