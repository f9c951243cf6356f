package io.cleave.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** All engines through all workloads, on few entries. */
final class BenchRunnerTest {
    private static final long ENTRIES = 2_000;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource(EngineKind.class)
    void everyWorkloadYieldsOneMeasurementPerThreadCount(EngineKind engine) throws Exception {
        assumeUsable(engine);
        List<String> expected = new ArrayList<>();
        for (Workload workload : Workload.values()) {
            expected.add(workload + " by 1");
            if (workload.threaded()) {
                expected.add(workload + " by 2");
            }
        }
        List<Measurement> found = run(engine, EntryShape.POINT, Set.of(Workload.values()));
        assertEquals(
                expected,
                found.stream()
                        .map(one -> one.workload() + " by " + one.threads())
                        .toList());
        for (Measurement measurement : found) {
            assertEquals(engine, measurement.engine());
            assertEquals(7, measurement.run());
            assertTrue(measurement.operations() > 0, measurement::line);
            assertTrue(measurement.nanos() > 0, measurement::line);
            assertTrue(measurement.p50Nanos() <= measurement.maxNanos(), measurement::line);
            if (measurement.workload() == Workload.READ_WHILE_WRITING) {
                // Few reads may be over before the writer gets its turn again.
                assertTrue(measurement.otherOperations() >= 0 && measurement.userBytes() > 0, measurement::line);
            } else if (measurement.workload() == Workload.WINDOW) {
                assertTrue(measurement.otherOperations() > 0, measurement::line);
            } else {
                assertEquals(0, measurement.otherOperations(), measurement::line);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(EngineKind.class)
    void directoriesAreDeletedAfterwards(EngineKind engine) throws Exception {
        assumeUsable(engine);
        run(engine, EntryShape.SMALL, Set.of(Workload.FILL_BATCH, Workload.SCAN));
        assertTrue(isEmpty());
    }

    @ParameterizedTest
    @EnumSource(EntryShape.class)
    void everyShapeCanBeReadAndChanged(EntryShape shape) throws Exception {
        Set<Workload> workloads = Set.of(
                Workload.FILL_BATCH,
                Workload.READ_HIT,
                Workload.READ_ABSENT,
                Workload.SEEK,
                Workload.SCAN,
                Workload.SCAN_REVERSE,
                Workload.OVERWRITE,
                Workload.DELETE);
        List<Measurement> found = run(EngineKind.CLEAVE, shape, workloads);
        long entries = shape.entries(ENTRIES);
        for (Measurement measurement : found) {
            long operations = switch (measurement.workload()) {
                case SEEK, DELETE -> entries / 5;
                case OVERWRITE -> entries * 2 / 5;
                default -> entries;
            };
            assertEquals(operations * measurement.threads(), measurement.operations(), measurement::line);
        }
    }

    @Test
    void userBytesAreKeysAndValues() throws Exception {
        long entryBytes = 116;
        for (Measurement measurement : run(
                EngineKind.CLEAVE,
                EntryShape.POINT,
                Set.of(Workload.FILL_SEQUENTIAL, Workload.FILL_BATCH, Workload.FILL_RANDOM, Workload.READ_HIT))) {
            long expected = measurement.workload() == Workload.READ_HIT ? 0 : ENTRIES * entryBytes;
            assertEquals(expected, measurement.userBytes(), measurement::line);
        }
    }

    @Test
    void whatComesAndGoesCountsItsOperations() throws Exception {
        for (Measurement measurement :
                run(EngineKind.CLEAVE, EntryShape.POINT, Set.of(Workload.WINDOW, Workload.QUEUE, Workload.SESSIONS))) {
            long expected = switch (measurement.workload()) {
                case WINDOW -> ENTRIES;
                case QUEUE -> ENTRIES / 10;
                default -> ENTRIES / 100;
            };
            assertEquals(expected, measurement.operations(), measurement::line);
            assertTrue(measurement.userBytes() > 0 && measurement.sizeBytes() > 0, measurement::line);
        }
    }

    @Test
    void aQueueWhoseFirstEntryIsLostIsNoticed() {
        assertThrows(IllegalStateException.class, () -> runAltered(FlawedEngine.Flaw.LOSES_ENTRIES, Workload.QUEUE));
        assertTrue(isEmpty());
    }

    @Test
    void prefixScansCountEntries() throws Exception {
        Measurement found = run(EngineKind.CLEAVE, EntryShape.STRING, Set.of(Workload.SCAN_PREFIX))
                .get(0);
        assertEquals(20 * 1_000, found.operations());
    }

    @Test
    void measurementsSurviveTheirLine() throws Exception {
        for (Measurement measurement : run(EngineKind.CLEAVE, EntryShape.POINT, Set.of(Workload.MIXED))) {
            assertEquals(measurement, Measurement.parse(measurement.line()));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"READ_HIT", "SEEK", "SCAN", "SCAN_REVERSE", "SCAN_PREFIX", "MIXED"})
    void aLostEntryIsNoticed(Workload workload) {
        assertThrows(IllegalStateException.class, () -> runAltered(FlawedEngine.Flaw.LOSES_ENTRIES, workload));
        assertTrue(isEmpty());
    }

    @Test
    void aValueCutShortIsNoticed() {
        assertThrows(IllegalStateException.class, () -> runAltered(FlawedEngine.Flaw.CUTS_VALUES, Workload.READ_HIT));
    }

    @Test
    void anEntryOutOfNowhereIsNoticed() {
        assertThrows(IllegalStateException.class, () -> runAltered(FlawedEngine.Flaw.FINDS_ALL, Workload.READ_ABSENT));
    }

    @Test
    void anEngineWithoutFlawPasses() throws Exception {
        for (Workload workload : Workload.values()) {
            if (workload.data() == Workload.Data.READS && workload != Workload.OPEN_CLEAN) {
                runAltered(FlawedEngine.Flaw.NONE, workload);
            }
        }
    }

    private void runAltered(FlawedEngine.Flaw flaw, Workload workload) throws Exception {
        PrintStream nowhere = new PrintStream(PrintStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        ProcessArguments arguments = arguments(EngineKind.MVSTORE, EntryShape.POINT, Set.of(workload));
        new BenchRunner(arguments, below -> new FlawedEngine(MvStoreEngine.open(below, 0), flaw), nowhere).run();
    }

    private List<Measurement> run(EngineKind engine, EntryShape shape, Set<Workload> workloads) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        ProcessArguments arguments = arguments(engine, shape, workloads);
        new BenchRunner(arguments, EngineOpener.of(engine, arguments.corpus(), 0), out).run();
        return bytes.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("result "))
                .map(line -> Measurement.parse(line.substring("result ".length())))
                .toList();
    }

    private ProcessArguments arguments(EngineKind engine, EntryShape shape, Set<Workload> workloads) {
        return new ProcessArguments(engine, shape, workloads, ENTRIES, List.of(1, 2), 7, directory, 0);
    }

    private boolean isEmpty() {
        try (Stream<Path> left = Files.list(directory)) {
            return left.findAny().isEmpty();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void assumeUsable(EngineKind engine) {
        assumeTrue(engine != EngineKind.LMDB || LmdbEngine.isUsable(), "needs java.nio and sun.nio.ch opened");
    }
}
