package io.cleave.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command line, with processes that only pretend to measure. */
final class BenchTest {
    @TempDir
    private Path directory;

    private record Run(int code, String out, String err) {}

    private static Run run(ChildCommand command, Object... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code;
        try (PrintStream outStream = new PrintStream(out, false, StandardCharsets.UTF_8);
                PrintStream errStream = new PrintStream(err, false, StandardCharsets.UTF_8)) {
            String[] words = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
            code = Bench.run(new Console(outStream, errStream, false), command, words);
        }
        return new Run(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private static Run refused(Object... arguments) {
        return run(
                (plan, task) -> {
                    throw new AssertionError("started a process");
                },
                arguments);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--engines cleave,berkeley|no engine 'berkeley', expected one of cleave",
                "--workloads scan,dance|no workload 'dance', expected one of fill-sequential",
                "--shapes cube|no shape 'cube', expected one of point",
                "--entries many|--entries",
                "--entries 0|--entries: expected 1 to",
                "--runs 0|--runs: expected 1 to 100, found 0",
                "--threads 1,0|--threads: expected 1 to",
                "--heap-mib 1|--heap-mib: expected 64 to",
                "--memory-mib 0|--memory-mib: expected 1 to",
                "--no-such-option|--no-such-option",
                "--json /no/such/directory/x.json|--json: /no/such/directory/x.json can't be written",
                "--svg /no/such/directory/x.svg|--svg",
                "--from /no/such/file.json|there is no file /no/such/file.json",
                "--directory /proc/nowhere|--directory",
                "micro --seconds 0|--seconds",
                "micro ((|REGEX"
            })
    void wrongArgumentsEndWithTwo(String arguments, String message) {
        Run run = refused((Object[]) arguments.split(" ", -1));
        assertEquals(2, run.code(), run::err);
        assertTrue(run.err().startsWith("cleave: "), run::err);
        assertTrue(run.err().contains(message), run::err);
        assertEquals(1, run.err().lines().count(), run::err);
        assertEquals("", run.out());
    }

    @Test
    void missingRoomIsToldBeforehand() {
        Run run = refused("--entries", 1L << 40, "--directory", directory);
        assertEquals(2, run.code(), run::err);
        assertTrue(run.err().contains("of free space in " + directory), run::err);
    }

    @Test
    void helpExplains() {
        Run run = refused("--help");
        assertEquals(0, run.code());
        for (String word : List.of("Usage: cleave bench", "--engines", "fill-sequential", "--from", "micro")) {
            assertTrue(run.out().contains(word), () -> word + " is not in " + run.out());
        }
        assertTrue(refused("micro", "--help").out().contains("Usage: cleave bench micro"));
    }

    @Test
    void enginesTakeTurnsAndLeaveNothing() throws Exception {
        Path json = directory.resolve("x.json");
        Path svg = directory.resolve("x.svg");
        Path data = directory.resolve("data");
        Run run = run(
                FakeChild.command("none"),
                "--engines",
                "cleave,lmdb",
                "--workloads",
                "scan",
                "--runs",
                2,
                "--entries",
                1000,
                "--directory",
                data,
                "--json",
                json,
                "--svg",
                svg);
        assertEquals(0, run.code(), run::err);
        assertEquals(
                List.of(
                        "run 1/2 point cleave  full scan: 1.00 k/s",
                        "run 1/2 point lmdb  full scan: 5.00 k/s",
                        "run 2/2 point cleave  full scan: 1.00 k/s",
                        "run 2/2 point lmdb  full scan: 5.00 k/s"),
                run.err().lines().toList());
        assertTrue(run.out().contains("0.20×"), run::out);
        assertTrue(run.out().contains("command: ./cleave bench --engines cleave,lmdb"), run::out);
        assertEquals(0, data.toFile().list().length);
        assertEquals(4, ReportJson.read(Files.readString(json)).measurements().size());
        assertTrue(Files.readString(svg).contains("full scan"));

        Run again = refused("--from", json);
        assertEquals(0, again.code(), again::err);
        assertEquals(run.out(), again.out());
        Run chosen = refused("--from", json + "," + json, "--engines", "lmdb");
        assertFalse(chosen.out().contains("cleave  "), chosen::out);
        assertTrue(chosen.out().contains("median of 4 runs"), chosen::out);
    }

    @Test
    void aProcessThatFailsDoesNotHideTheOthers() {
        Run run = run(
                FakeChild.command("rocksdb"),
                "--engines",
                "cleave,rocksdb,lmdb",
                "--runs",
                1,
                "--entries",
                1000,
                "--directory",
                directory);
        assertEquals(1, run.code());
        assertTrue(run.err().contains("cleave: run 1/1 point rocksdb: exit code 1\n"), run::err);
        assertTrue(run.err().contains("    complaint 99\n"), run::err);
        assertFalse(run.err().contains("complaint 79\n"), run::err);
        assertTrue(run.out().contains("failed: run 1/1 point rocksdb: exit code 1, complaint 99"), run::out);
        assertTrue(run.out().contains("5.00 k/s"), run::out);
        assertEquals(0, directory.toFile().list().length);
    }

    @Test
    void aProgramThatDoesNotExistIsAFailureToo() {
        Run run = run(
                (plan, task) -> List.of("/no/such/program"),
                "--engines",
                "cleave",
                "--runs",
                1,
                "--entries",
                1000,
                "--directory",
                directory);
        assertEquals(1, run.code());
        assertTrue(run.err().contains("/no/such/program"), run::err);
    }

    @Test
    void theChildIsToldEverything() {
        BenchPlan plan = new BenchPlan(
                List.of(EngineKind.LMDB),
                List.of(Workload.SCAN, Workload.SEEK),
                List.of(EntryShape.PAGE),
                5_000,
                3,
                List.of(1, 2),
                OptionalInt.of(64),
                512,
                directory);
        String words = String.join(
                " ", ChildCommand.ofThisJava(plan, new ChildTask(EngineKind.LMDB, EntryShape.PAGE, 2, directory)));
        assertTrue(
                words.endsWith("io.cleave.bench.BenchProcess --engine lmdb --shape page --workloads scan,seek"
                        + " --entries 5000 --threads 1,2 --run 2 --directory " + directory + " --memory-mib 64"),
                words);
        assertTrue(words.contains("-Xmx512m"), words);
        assertTrue(words.contains("--add-opens=java.base/sun.nio.ch=ALL-UNNAMED"), words);
    }
}
