package io.cleave.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code cleave bench pacing} for a second. */
final class PacingCommandTest {
    @TempDir
    private Path directory;

    @Test
    void cleaveIsMeasuredWithItsStalls() {
        CommandRun run = CommandRun.of("pacing", "--seconds", 1, "--keys", 5_000, "--directory", directory);
        assertEquals(0, run.code(), run::err);
        assertTrue(run.out().startsWith("pacing: cleave, point, 5,000 keys, 1 s"), run::out);
        assertFigures(run);
        assertEquals(
                3,
                run.out()
                        .lines()
                        .filter(line -> line.startsWith("slowed, ") || line.startsWith("stopped, "))
                        .count(),
                run::out);
        assertTrue(run.out().contains("failures: 0"), run::out);
    }

    @Test
    void smallSegmentsAreSplitAllTheTime() {
        CommandRun run = CommandRun.of(
                "pacing", "--seconds", 1, "--keys", 100_000, "--segment-kib", 64, "--directory", directory);
        assertEquals(0, run.code(), run::err);
        assertFalse(run.out().contains("splits: 0,"), run::out);
        assertTrue(run.out().contains("splits: "), run::out);
    }

    @Test
    void aRivalIsMeasuredToo() {
        CommandRun run = CommandRun.of(
                "pacing",
                "--engine",
                "mvstore",
                "--sync-millis",
                10,
                "--shape",
                "small",
                "--seconds",
                1,
                "--keys",
                500,
                "--directory",
                directory);
        assertEquals(0, run.code(), run::err);
        assertFigures(run);
        assertFalse(run.out().contains("held up"), run::out);
    }

    private void assertFigures(CommandRun run) {
        List<List<String>> tenths = run.table("tenth");
        assertEquals(10, tenths.size(), run::out);
        for (int row = 0; row < tenths.size(); row++) {
            assertEquals(Integer.toString(row + 1), tenths.get(row).get(0), run::out);
        }
        Map<String, String> figures = run.out()
                .lines()
                .map(line -> line.split(" {2,}"))
                .filter(cells -> cells.length == 2)
                .collect(Collectors.toMap(cells -> cells[0], cells -> cells[1]));
        long puts = CommandRun.count(figures.get("puts"));
        assertTrue(puts > 0, run::out);
        long above1 = CommandRun.count(figures.get("puts above 1 ms"));
        long above10 = CommandRun.count(figures.get("puts above 10 ms"));
        long above100 = CommandRun.count(figures.get("puts above 100 ms"));
        assertTrue(puts >= above1 && above1 >= above10 && above10 >= above100, run::out);
        for (String title : List.of(
                "last tenth against first",
                "longest pause",
                "longest pause began at",
                "bytes written per byte put",
                "resident memory, highest",
                "anonymous memory, at the end")) {
            assertTrue(figures.containsKey(title), () -> title + " is not in " + run.out());
        }
        assertTrue(run.out().contains("machine: "), run::out);
        assertEquals(1, run.err().lines().count(), run::err);
        assertTrue(run.err().matches("\\d s: .+/s, longest put .+ ms, .+ written\\R"), run::err);
        assertEquals(0, directory.toFile().list().length);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--engine berkeley|--engine: no engine 'berkeley', expected one of cleave",
                "--shape cube|--shape: no shape 'cube', expected one of point",
                "--seconds 0|--seconds: expected 1 to",
                "--seconds soon|--seconds",
                "--keys 0|--keys: expected 1 to",
                "--keys 1099511627776|of free space in",
                "--directory /proc/nowhere|--directory",
                "--sync-millis -1|--sync-millis: expected 0 to 3600000, found -1",
                "--segment-kib 0|--segment-kib: expected 1 to 1048576, found 0",
                "--engine rocksdb --segment-kib 8|--segment-kib: only Cleave has segments",
                "--no-such-option|--no-such-option"
            })
    void wrongArgumentsEndWithTwo(String arguments, String message) {
        CommandRun.assertWrong("pacing " + arguments, message);
    }

    @Test
    void aFileIsNoDirectory() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        CommandRun run = CommandRun.of("pacing", "--seconds", 1, "--keys", 10, "--directory", file);
        assertEquals(2, run.code(), run::err);
        assertTrue(run.err().contains("--directory"), run::err);
        assertEquals(1, directory.toFile().list().length);
    }

    @Test
    void aFailureLeavesNothing() {
        CommandRun run = CommandRun.withBrokenOut("pacing", "--seconds", 1, "--keys", 10, "--directory", directory);
        assertEquals(1, run.code(), run::err);
        assertTrue(run.err().contains(CommandRun.BROKEN), run::err);
        assertEquals(0, directory.toFile().list().length);
    }

    @Test
    void helpExplains() {
        CommandRun run = CommandRun.of("pacing", "--help");
        assertEquals(0, run.code());
        assertTrue(run.out().contains("Usage: cleave bench pacing"), run::out);
    }
}
