package io.cleave.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code cleave bench scale} on few entries. */
final class ScaleCommandTest {
    @TempDir
    private Path directory;

    @Test
    void threeTablesAreShown() {
        CommandRun run = CommandRun.of(
                "scale",
                "--entries",
                "1000,3000",
                "--segments",
                "1,8",
                "--segment-entries",
                10_000,
                "--threads",
                "1,2",
                "--operations",
                500,
                "--directory",
                directory);
        assertEquals(0, run.code(), run::err);

        List<List<String>> sizes = run.table("entries");
        assertEquals(List.of("1,000", "3,000"), column(sizes, 0), run::out);
        sizes.forEach(row -> assertTrue(CommandRun.count(row.get(1)) >= 1, run::out));
        sizes.forEach(row -> assertPositive(row.subList(3, 8), run));

        List<List<String>> segments = run.table("wanted");
        assertEquals(List.of("1", "8"), column(segments, 0), run::out);
        long before = 0;
        for (List<String> row : segments) {
            long found = CommandRun.count(row.get(1));
            assertTrue(found > before, run::out);
            before = found;
            assertPositive(row.subList(4, 8), run);
        }

        List<List<String>> threads = run.table("threads");
        assertEquals(List.of("1", "2"), column(threads, 0), run::out);
        assertTrue(run.out().contains("by threads, 3,000 entries"), run::out);
        assertTrue(run.out().contains("machine: "), run::out);
        assertEquals(6, run.err().lines().count(), run::err);
        assertEquals(0, directory.toFile().list().length);
    }

    private static List<String> column(List<List<String>> rows, int column) {
        return rows.stream().map(row -> row.get(column)).toList();
    }

    private static void assertPositive(List<String> cells, CommandRun run) {
        cells.forEach(cell -> assertTrue(Double.parseDouble(cell.replace(",", "")) > 0, run::out));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--entries 1000,0|--entries: expected 1 to",
                "--entries many|--entries",
                "--entries 1099511627776|of free space in",
                "--segments 0|--segments: expected 1 to 5000, found 0",
                "--segment-entries 0|--segment-entries: expected 1 to",
                "--threads 1,0|--threads: expected 1 to 1024, found 0",
                "--operations 0|--operations: expected 1 to",
                "--directory /proc/nowhere|--directory",
                "--engine cleave|--engine"
            })
    void wrongArgumentsEndWithTwo(String arguments, String message) {
        CommandRun.assertWrong("scale " + arguments, message);
    }

    @Test
    void aFailureLeavesNothing() {
        CommandRun run = CommandRun.withBrokenOut(
                "scale", "--entries", 100, "--threads", 1, "--operations", 10, "--directory", directory);
        assertEquals(1, run.code(), run::err);
        assertTrue(run.err().contains(CommandRun.BROKEN), run::err);
        assertEquals(0, directory.toFile().list().length);
    }

    @Test
    void theThirdTableIsOfTheLargestOfModerateSize() {
        assertEquals(3_000_000, plan(1_000_000L, 3_000_000L, 10_000_000L).threadedEntries());
        assertEquals(2, plan(2L, 1L).threadedEntries());
        assertEquals(4_000_000, plan(5_000_000L, 4_000_000L).threadedEntries());
    }

    private ScalePlan plan(Long... entries) {
        return new ScalePlan(List.of(entries), List.of(1), 10, List.of(1), 10, directory);
    }

    @Test
    void helpExplains() {
        CommandRun run = CommandRun.of("scale", "--help");
        assertEquals(0, run.code());
        assertTrue(run.out().contains("Usage: cleave bench scale"), run::out);
    }
}
