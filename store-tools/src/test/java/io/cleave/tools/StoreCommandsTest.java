package io.cleave.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.SegmentIndex;
import io.cleave.SegmentStore;
import io.cleave.StoreOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** put, get, delete, scan, stat, verify, compact, split: what they write, and how they say no. */
final class StoreCommandsTest {
    @TempDir
    private Path directory;

    private Path store;

    @BeforeEach
    void name() {
        store = directory.resolve("store");
    }

    @Test
    void whatIsPutIsGotAndGoneAfterDelete() {
        assertEquals(List.of(), CommandRun.lines("put", store, "key", "värde"));
        assertEquals(List.of("värde"), CommandRun.lines("get", store, "key"));
        assertEquals(List.of("{\"key\":\"key\",\"value\":\"värde\"}"), CommandRun.lines("get", store, "key", "--json"));
        assertEquals(List.of("76c3a4726465"), CommandRun.lines("get", store, "--hex", "6b6579"));
        assertEquals("värde", CommandRun.of("get", store, "key", "--raw").out());
        assertEquals(List.of(), CommandRun.lines("delete", store, "key"));
        CommandRun.of("get", store, "key").refused(1, "no such key");
        CommandRun.of("delete", store, "key").refused(1, "no such key");
    }

    @Test
    void anAbsentKeyIsAnAnswerInJsonToo() {
        CommandRun.lines("put", store, "key", "");
        assertEquals(List.of("{\"key\":\"key\",\"value\":\"\"}"), CommandRun.lines("get", store, "key", "--json"));
        assertEquals(
                new CommandRun(1, "{\"key\":\"none\",\"value\":null}\n", ""),
                CommandRun.of("get", store, "none", "--json"));
        assertEquals(
                new CommandRun(1, "{\"key\":{\"hex\":\"00\"},\"value\":null}\n", ""),
                CommandRun.of("get", store, "00", "--json", "--hex"));
        assertEquals(new CommandRun(1, "{\"deleted\":false}\n", ""), CommandRun.of("delete", store, "none", "--json"));
        assertEquals(List.of("{\"deleted\":true}"), CommandRun.lines("delete", store, "key", "--json"));
    }

    @Test
    void aValueMayComeFromAFileWhateverItsBytes() throws IOException {
        byte[] bytes = new byte[3 << 20];
        new java.util.Random(1).nextBytes(bytes);
        Path file = directory.resolve("value");
        Files.write(file, bytes);
        CommandRun.lines("put", store, "key", "--value-file", file);
        CommandRun.lines("put", store, "--hex", "00", "--value-file", file);
        try (SegmentStore open = SegmentStore.open(store)) {
            assertArrayEquals(bytes, open.index("main").get("key".getBytes(StandardCharsets.UTF_8)));
            assertArrayEquals(bytes, open.index("main").get(new byte[] {0}));
        }
        CommandRun.of("put", store, "key").refused(2, "VALUE", "--value-file", "neither");
        CommandRun.of("put", store, "key", "v", "--value-file", file).refused(2, "both");
        CommandRun.of("put", store, "key", "--value-file", directory.resolve("none"))
                .refused(1, "no file");
        CommandRun.of("put", store, "key", "--value-file", directory).refused(1, directory.toString());
        assertFalse(Files.exists(directory.resolve("new")));
        CommandRun.of("put", directory.resolve("new"), "key", "--value-file", directory.resolve("none"))
                .refused(1, "no file");
        assertFalse(Files.exists(directory.resolve("new")), "a store was made for nothing");
    }

    @Test
    void bytesThatAreNoTextAreShownInAFormThatNoTextHas() {
        CommandRun.lines("put", store, "--hex", "00ff", "80");
        CommandRun.lines("put", store, "\\x00", "tab\tline\n");
        assertEquals(List.of("\\x00\\xff\t\\x80", "\\\\x00\ttab\\x09line\\x0a"), CommandRun.lines("scan", store));
        assertEquals(
                List.of(
                        "{\"key\":{\"hex\":\"00ff\"},\"value\":{\"hex\":\"80\"}}",
                        "{\"key\":\"\\\\x00\",\"value\":\"tab\\tline\\n\"}"),
                CommandRun.lines("scan", store, "--json"));
        assertEquals(List.of("00ff\t80", "5c783030\t746162096c696e650a"), CommandRun.lines("scan", store, "--hex"));
    }

    @Test
    void scanKeepsToItsRangeDirectionAndLimit() {
        fill(100);
        assertEquals(100, CommandRun.lines("scan", store).size());
        assertEquals(
                List.of("k050\tv50", "k051\tv51"), CommandRun.lines("scan", store, "--from", "k050", "--to", "k052"));
        assertEquals(List.of("k099", "k098"), CommandRun.lines("scan", store, "--reverse", "--limit", "2", "--keys"));
        assertEquals(10, CommandRun.lines("scan", store, "--prefix", "k03").size());
        assertEquals(List.of(), CommandRun.lines("scan", store, "--limit", "0"));
        CommandRun.of("scan", store, "--prefix", "a", "--from", "b").refused(2, "--prefix", "exclude");
        CommandRun.of("scan", store, "--limit", "-5").refused(2, "--limit");
        CommandRun.of("scan", store, "--limit", "-1").refused(2, "--limit", "0 or more");
        CommandRun.of("scan", store, "--limit", "x").refused(2, "--limit");
    }

    @Test
    void statCountsEntriesSegmentsAndRuns() {
        fill(500);
        List<String> lines = CommandRun.lines("stat", store, "--segments");
        assertTrue(lines.get(0).endsWith(store.toString()), lines::toString);
        assertTrue(lines.get(2).startsWith("index    main: 500 entries, "), lines::toString);
        assertTrue(lines.stream().anyMatch(line -> line.contains("│█")), lines::toString);
        String json =
                CommandRun.lines("stat", store, "--json", "--index", "main").get(0);
        assertTrue(json.contains("\"name\":\"main\",\"id\":1,\"entries\":500"), json);
        CommandRun.of("stat", store, "--index", "none").refused(1, "no index");
    }

    @Test
    void statTellsTombstonesAndLiveEntriesApart() {
        fill(500);
        CommandRun.lines("compact", store, "--all");
        CommandRun.lines("delete", store, "k007");
        String index = CommandRun.lines("stat", store).get(2);
        assertTrue(index.startsWith("index    main: 501 entries (1 tombstone, about 499 live), "), index);
        String json = CommandRun.lines("stat", store, "--json").get(0);
        assertTrue(json.contains("\"entries\":501,\"tombstones\":1,\"liveEntries\":499"), json);
    }

    @Test
    void twelvePutsOfOneKeyLeaveFewRuns() {
        for (int i = 0; i < 12; i++) {
            CommandRun.lines("put", store, "key", "v" + i);
        }
        String json = CommandRun.lines("stat", store, "--json").get(0);
        assertTrue(json.matches(".*\"runs\":[1-5],.*"), json);
        assertEquals(List.of("v11"), CommandRun.lines("get", store, "key"));
    }

    @Test
    void aSegmentIsSplitAndTheIndexCompacted() {
        fill(200);
        String split = CommandRun.lines("split", store).get(0);
        assertTrue(split.contains("is split, the index has 2 segments"), split);
        assertTrue(CommandRun.lines("split", store, "--json").get(0).startsWith("{\"split\":"));
        CommandRun.of("split", store, "--segment", "999").refused(1, "no segment 999");
        String compacted =
                CommandRun.lines("compact", store, "--compression", "lz4").get(0);
        assertTrue(compacted.contains(" segment, 200 entries"), compacted);
        assertTrue(CommandRun.lines("compact", store, "--all", "--json").get(0).contains("\"entries\":200"));
        assertEquals(200, CommandRun.lines("scan", store).size());
        CommandRun.of("compact", store, "--all", "--index", "main").refused(2, "--all", "exclude");
        CommandRun.lines("put", store, "--index", "one", "k", "v");
        CommandRun.of("split", store, "--index", "one").refused(1, "too few");
    }

    @Test
    void verifyEndsWithOneWhenAByteIsWrong() throws IOException {
        fill(100);
        assertTrue(CommandRun.lines("verify", store).get(0).startsWith("healthy: 1 index, 1 segment, 1 run, "));
        assertTrue(CommandRun.lines("verify", store, "--json").get(0).startsWith("{\"healthy\":true,"));
        Path run = store.resolve("index-00001").resolve("segment-00001").resolve("run-000002.run");
        byte[] content = Files.readAllBytes(run);
        content[200] ^= 1;
        Files.write(run, content);
        CommandRun damaged = CommandRun.of("verify", store);
        assertEquals(1, damaged.code());
        assertEquals("", damaged.err());
        assertTrue(damaged.out().startsWith("ERROR index main: " + run), damaged::toString);
        assertTrue(damaged.out().contains("DAMAGED: "), damaged::toString);
        CommandRun json = CommandRun.of("verify", store, "--json");
        assertEquals(1, json.code());
        assertTrue(json.out().startsWith("{\"healthy\":false,"), json::toString);
        CommandRun.of("get", store, "k050")
                .refused(
                        1,
                        run.toString(),
                        "expected",
                        "found",
                        "(index \"main\")",
                        "cleave verify " + store,
                        "cleave repair");
    }

    @Test
    void repairPutsADamagedRunAsideAndADryRunOnlySaysSo() throws IOException {
        fill(100);
        List<String> nothing = List.of("nothing to do: verification finds nothing");
        assertEquals(nothing, CommandRun.lines("repair", store));
        assertEquals(nothing, CommandRun.lines("repair", store, "--unreadable-as-damaged"));
        // One more session, so that the log does not hold any more what the run does.
        CommandRun.lines("put", store, "--index", "other", "k", "v");
        Path run = store.resolve("index-00001").resolve("segment-00001").resolve("run-000002.run");
        byte[] content = Files.readAllBytes(run);
        content[200] ^= 1;
        Files.write(run, content);
        List<String> planned = linesOfALoss("repair", store, "--dry-run");
        assertTrue(planned.get(planned.size() - 1).startsWith("nothing was changed"), planned::toString);
        assertEquals(1, CommandRun.of("verify", store).code());
        assertFalse(Files.exists(store.resolve("set-aside")));
        String json = linesOfALoss("repair", store, "--json", "--dry-run").get(0);
        assertTrue(json.contains("\"lost\":[{\"index\":\"main\",\"indexId\":1,"), json);
        List<String> done = linesOfALoss("repair", store);
        assertEquals(planned.subList(0, planned.size() - 1), done.subList(0, done.size() - 1));
        Path put = store.resolve("set-aside").resolve("00001");
        assertEquals(
                Files.readString(put.resolve("report.txt")).strip(),
                String.join("\n", done.subList(0, done.size() - 1)));
        assertTrue(
                Files.exists(put.resolve("index-00001").resolve("segment-00001").resolve("run-000002.run")));
        assertTrue(CommandRun.lines("verify", store).get(0).startsWith("healthy"));
        CommandRun.lines("scan", store);
    }

    @Test
    void repairCountsTheEntriesOfARunThatIsGone() throws IOException {
        fill(100);
        CommandRun.lines("put", store, "--index", "other", "k", "v");
        Files.delete(store.resolve("index-00001").resolve("segment-00001").resolve("run-000002.run"));
        List<String> done = linesOfALoss("repair", store);
        assertTrue(done.stream().anyMatch(line -> line.endsWith(": 100 entries in 1 range of keys")), done::toString);
        assertTrue(
                done.stream().anyMatch(line -> line.contains("keys from the first to the last: 100 entries; ")),
                done::toString);
    }

    /** Entries were lost: that is told by the exit code, too. */
    private static List<String> linesOfALoss(Object... words) {
        CommandRun run = CommandRun.of(words);
        assertEquals("", run.err());
        assertEquals(1, run.code());
        return run.out().lines().toList();
    }

    @Test
    void aMissingStoreIsNotCreatedByReading() {
        for (String command : List.of("scan", "stat", "verify", "repair", "inspect", "compact", "split")) {
            CommandRun.of(command, store).refused(1, store.toString());
        }
        CommandRun.of("get", store, "k").refused(1, store.toString());
        CommandRun.of("delete", store, "k").refused(1, store.toString());
        assertFalse(Files.exists(store));
    }

    @Test
    void anUnknownIndexIsNotCreatedByReading() {
        CommandRun.lines("put", store, "k", "v");
        CommandRun.of("get", store, "k", "--index", "none").refused(1, "none", "[main]");
        CommandRun.of("scan", store, "--index", "none").refused(1, "none", "[main]");
        CommandRun.of("delete", store, "k", "--index", "none").refused(1, "none");
        CommandRun.of("compact", store, "--index", "none").refused(1, "none");
        CommandRun.of("inspect", store, "--index", "none").refused(1, "[main]");
        List<String> stat = CommandRun.lines("stat", store);
        assertEquals(1, stat.stream().filter(line -> line.startsWith("index ")).count(), stat::toString);
    }

    @Test
    void garbageInTheDirectoryIsRefusedAndLeftAlone() throws IOException {
        Files.createDirectory(store);
        Files.writeString(store.resolve("catalog"), "this is no catalog, and long enough to be one");
        for (String command : List.of("scan", "stat", "inspect")) {
            CommandRun.of(command, store).refused(1, "catalog", "magic");
        }
        CommandRun.of("put", store, "k", "v").refused(1, "catalog", "magic");
        assertEquals(1, CommandRun.of("verify", store).code());
        assertEquals("this is no catalog, and long enough to be one", Files.readString(store.resolve("catalog")));
    }

    @Test
    void aForeignDirectoryAndAFileAreRefused() throws IOException {
        Files.writeString(directory.resolve("notes.txt"), "mine");
        CommandRun.of("put", directory, "k", "v").refused(1, "notes.txt");
        CommandRun.of("put", directory.resolve("notes.txt"), "k", "v").refused(1, "notes.txt");
        CommandRun.of("verify", directory).refused(1, "no store");
        assertEquals("mine", Files.readString(directory.resolve("notes.txt")));
    }

    @Test
    void aStoreThatAnotherProcessHoldsIsRefusedNamingItsPid() throws IOException {
        CommandRun.lines("put", store, "k", "v");
        Process holder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        store.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader answer =
                new BufferedReader(new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8))) {
            assertEquals("open", answer.readLine());
            CommandRun.of("get", store, "k").refused(1, "pid " + holder.pid());
            CommandRun.of("put", store, "k", "w").refused(1, "pid " + holder.pid());
            CommandRun.of("repair", store).refused(1, "pid " + holder.pid());
            CommandRun.of("repair", store, "--dry-run").refused(1, "pid " + holder.pid());
            assertEquals(4, CommandRun.lines("stat", store, "--segments").size() - 5);
            String written = CommandRun.lines("stat", store).get(1);
            assertTrue(written.endsWith("about 2 operations not in runs"), written);
            String json = CommandRun.lines("stat", store, "--json").get(0);
            assertTrue(json.contains("\"operationsNotInRuns\":2"), json);
            assertTrue(CommandRun.lines("verify", store).get(0).startsWith("healthy"));
        } finally {
            holder.destroyForcibly().onExit().join();
        }
        assertEquals(List.of("v"), CommandRun.lines("get", store, "k"));
    }

    /** Holds a store open until it is killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] args) throws IOException {
            try (SegmentStore open = SegmentStore.open(Path.of(args[0]))) {
                open.index("main").put(new byte[] {1}, new byte[] {2});
                open.index("main").delete(new byte[] {3});
                System.out.println("open");
                assertEquals(-1, System.in.read(), open.directory().toString());
            }
        }
    }

    private void fill(int entries) {
        StoreOptions options = StoreOptions.builder().logFileBytes(64 << 10).build();
        try (SegmentStore open = SegmentStore.open(store, options)) {
            SegmentIndex main = open.index("main");
            for (int i = 0; i < entries; i++) {
                main.put(
                        "k%03d".formatted(i).getBytes(StandardCharsets.UTF_8),
                        ("v" + i).getBytes(StandardCharsets.UTF_8));
            }
        }
    }
}
