package io.cleave.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ProcessArgumentsTest {
    @Test
    void optionsAreReadByName() {
        ProcessArguments arguments = ProcessArguments.parse(words("--engine lmdb --shape page --workloads scan,seek"
                + " --entries 4000 --threads 1,8 --run 3 --directory /somewhere --memory-mib 512"));
        assertEquals(
                new ProcessArguments(
                        EngineKind.LMDB,
                        EntryShape.PAGE,
                        Set.of(Workload.SEEK, Workload.SCAN),
                        4_000,
                        List.of(1, 8),
                        3,
                        Path.of("/somewhere"),
                        512),
                arguments);
        assertEquals(100, arguments.corpus().entries());
    }

    @Test
    void withoutWorkloadsAllAreRun() {
        ProcessArguments arguments = ProcessArguments.parse(words("--engine lmdb --shape point --directory /a"));
        assertEquals(EnumSet.allOf(Workload.class), arguments.workloads());
    }

    @Test
    void whatTheParentSaysIsUnderstood() {
        ChildTask task = new ChildTask(EngineKind.CLEAVE_LZ4, EntryShape.BLOB, 2, Path.of("/a"));
        BenchPlan plan = new BenchPlan(
                List.of(EngineKind.CLEAVE_LZ4),
                List.of(Workload.values()),
                List.of(EntryShape.BLOB),
                123_456,
                2,
                List.of(1, 4),
                OptionalInt.of(99),
                512,
                Path.of("/"));
        List<String> command = ChildCommand.ofThisJava(plan, task);
        int name = command.indexOf(BenchProcess.class.getName());
        assertEquals(
                new ProcessArguments(
                        EngineKind.CLEAVE_LZ4,
                        EntryShape.BLOB,
                        Set.of(Workload.values()),
                        123_456,
                        List.of(1, 4),
                        2,
                        Path.of("/a"),
                        99),
                ProcessArguments.parse(command.subList(name + 1, command.size())));
    }

    @Test
    void mistakesAreNamed() {
        assertMistake("--engine", "--shape point --directory /a");
        assertMistake("leveldb", "--engine leveldb --shape point --directory /a");
        assertMistake("round", "--engine lmdb --shape round --directory /a");
        assertMistake("--directory", "--engine lmdb --shape point");
        assertMistake("many", "--engine lmdb --shape point --directory /a --entries many");
        assertMistake("--threads", "--engine lmdb --shape point --directory /a --threads 0");
        assertMistake("--speed", "--engine lmdb --shape point --directory /a --speed 9");
        assertMistake("--run", "--engine lmdb --shape point --directory /a --run");
        assertMistake("swim", "--engine lmdb --shape point --directory /a --workloads scan,swim");
    }

    private static void assertMistake(String name, String line) {
        String message = assertThrows(IllegalArgumentException.class, () -> ProcessArguments.parse(words(line)))
                .getMessage();
        assertTrue(message.contains(name), message);
    }

    private static List<String> words(String line) {
        return new ArrayList<>(List.of(line.split(" ", -1)));
    }
}
