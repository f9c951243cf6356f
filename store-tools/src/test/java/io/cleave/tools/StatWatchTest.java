package io.cleave.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.SegmentStore;
import io.cleave.StoreOptions;
import io.cleave.core.storage.RealStorage;
import io.cleave.error.StoreException;
import io.cleave.inspect.StoreInspection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a watch shows from look to look, and how it ends; time passes only where the test lets it. */
final class StatWatchTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** 2026-11-30, 23:15:07 UTC. */
    private static final long CLOCK_MILLIS = 1_796_080_507_000L;

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Terminal terminal = terminal(out);
    private final ScriptedPace pace = new ScriptedPace();
    private int keys;

    /** Time that stands still but in a pause, at the end of which the next of some steps is done. */
    private static final class ScriptedPace implements StatWatch.Pace {
        private final Deque<Runnable> steps = new ArrayDeque<>();
        private long nanos = 77;
        private long paused;

        @Override
        public long nanoTime() {
            return nanos;
        }

        @Override
        public boolean pause(long pauseNanos) {
            nanos += pauseNanos;
            paused = pauseNanos;
            if (steps.isEmpty()) {
                return false;
            }
            steps.remove().run();
            return true;
        }
    }

    @Test
    void eachLookShowsTheChangeSinceTheLast() {
        Path store = directory.resolve("store");
        StoreOptions options = StoreOptions.builder()
                .logFileBytes(16 << 10)
                .maintenanceThreads(0)
                .build();
        try (SegmentStore open = SegmentStore.open(store, options)) {
            put(open, "main", 10);
            pace.steps.add(() -> put(open, "main", 3));
            pace.steps.add(() -> {});
            pace.steps.add(() -> put(open, "other", 5));
            watch(store, view(terminal)::lines).run(2 * SECOND, 4);
        }
        List<String> lines = lines();
        assertEquals(5, lines.size(), lines::toString);
        List<String> words =
                lines.stream().map(line -> line.replaceAll(" +", " ")).toList();
        assertEquals("UTC entries change size change runs segm. in log", words.get(0));
        assertTrue(words.get(1).startsWith("23:15:07 10 0 "), words::toString);
        assertTrue(words.get(2).startsWith("23:15:07 13 +3 "), words::toString);
        assertTrue(words.get(2).contains(" 1 1 "), words::toString);
        assertTrue(words.get(3).startsWith("23:15:07 13 0 "), words::toString);
        assertTrue(words.get(4).startsWith("23:15:07 18 +5 "), words::toString);
        lines.forEach(line -> assertTrue(line.length() <= 80, line));
    }

    @Test
    void theHeadingComesAgainAfterTwentyLines() {
        StoreSample sample = new StoreSample(java.util.Map.of(), 0, 0);
        StatView view = view(terminal);
        for (int i = 0; i < 45; i++) {
            view.lines(sample, sample, i * SECOND);
        }
        List<String> lines = lines();
        assertEquals(48, lines.size());
        for (int at = 0; at < lines.size(); at++) {
            assertEquals(at % 21 == 0, lines.get(at).startsWith("UTC "), "line " + at);
        }
    }

    @Test
    void aNarrowTerminalGetsFewerColumns() {
        StoreSample.Amounts before = new StoreSample.Amounts(10_000_000, 5L << 30, 10, 3);
        StoreSample.Amounts now = new StoreSample.Amounts(12_345_678, 6L << 30, 9, 4);
        StoreSample sample = new StoreSample(java.util.Map.of("an index of a long name", now), 3, 200);
        StoreSample earlier = new StoreSample(java.util.Map.of("an index of a long name", before), 2, 100);
        PrintStream stream = new PrintStream(out, false, StandardCharsets.UTF_8);
        StatView view = new StatView(
                new Terminal(stream, stream, false, true, true, 50), "/a/long/path/".repeat(9), () -> CLOCK_MILLIS);
        view.screen(sample, earlier, SECOND);
        view.lines(sample, earlier, SECOND);
        List<String> lines = lines().stream()
                .map(line -> line.replaceAll("\033\\[[KJH]", ""))
                .toList();
        lines.forEach(line -> assertTrue(line.length() <= 50, line));
        assertTrue(lines.get(0).endsWith("/long/path/"), lines::toString);
        assertTrue(lines.contains("an index..  12,345,678 +2,345,678    6.0 GiB    9"), lines::toString);
        assertTrue(lines.contains("23:15:07  12,345,678 +2,345,678    6.0 GiB    9"), lines::toString);
    }

    @Test
    void anIndexThatIsDroppedIsAChangeAndOneThatIsWatchedAloneAnEnd() {
        Path store = directory.resolve("store");
        try (SegmentStore open = SegmentStore.open(store)) {
            put(open, "main", 10);
            put(open, "other", 4);
            pace.steps.add(() -> open.dropIndex("other"));
            watch(store, view(terminal)::json).run(SECOND, 2);
            assertTrue(lines().get(1).contains("\"change\":{\"entries\":-4,"), lines()::toString);
            pace.steps.add(() -> open.dropIndex("main"));
            StatWatch alone = new StatWatch(
                    () -> StoreSample.of(InspectionCommand.looks(inspection(store), "main"), List.of()),
                    (sample, before, elapsed) -> {},
                    terminal,
                    pace);
            CommandException gone = assertThrows(CommandException.class, () -> alone.run(SECOND, 0));
            assertTrue(gone.getMessage().contains("has no index"), gone::getMessage);
        }
    }

    @Test
    void theEndOfTheStoreIsTold() {
        Path store = directory.resolve("store");
        try (SegmentStore open = SegmentStore.open(store)) {
            put(open, "main", 1);
        }
        pace.steps.add(() -> {});
        pace.steps.add(() -> DirectoryTree.delete(store));
        StatWatch watch = watch(store, view(terminal)::lines);
        CommandException gone = assertThrows(CommandException.class, () -> watch.run(3 * SECOND, 0));
        assertEquals(
                "what was watched has vanished, 6 seconds after the first look: no store in " + store,
                gone.getMessage());
        assertEquals(3, lines().size());
        assertThrows(StoreException.NotFound.class, () -> watch.run(SECOND, 0));
    }

    @Test
    void aLookThatComesLateDoesNotMakeTheLaterOnesLate() {
        StoreSample sample = new StoreSample(java.util.Map.of(), 0, 0);
        pace.steps.add(() -> pace.nanos += 3 * SECOND / 4);
        pace.steps.add(() -> pace.nanos += 5 * SECOND / 2);
        pace.steps.add(() -> {});
        new StatWatch(() -> sample, (now, before, elapsed) -> {}, terminal, pace).run(SECOND, 4);
        assertEquals(77 + 5 * SECOND, pace.nanos);
        assertEquals(SECOND / 2, pace.paused);
    }

    @Test
    void anInterruptAndAReaderWhoHasGoneEndIt() {
        StoreSample sample = new StoreSample(java.util.Map.of(), 0, 0);
        int[] looks = {0};
        Supplier<StoreSample> counted = () -> {
            looks[0]++;
            return sample;
        };
        pace.steps.add(() -> {});
        new StatWatch(counted, view(terminal)::lines, terminal, pace).run(SECOND, 0);
        assertEquals(2, looks[0], "the pause that was interrupted is not the end");
        Terminal closed = terminal(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("closed");
            }
        });
        looks[0] = 0;
        pace.steps.add(() -> {});
        new StatWatch(counted, view(closed)::lines, closed, pace).run(SECOND, 0);
        assertEquals(1, looks[0], "it goes on though nobody reads");
    }

    @Test
    void onAScreenTheTableIsDrawnOverTheLastOne() {
        StoreSample.Amounts before = new StoreSample.Amounts(10_000_000, 5L << 30, 10, 3);
        StoreSample.Amounts now = new StoreSample.Amounts(12_345_678, 6L << 30, 9, 4);
        java.util.Map<String, StoreSample.Amounts> many = new java.util.TreeMap<>();
        for (int i = 0; i < 40; i++) {
            many.put("index\033[31m number " + (char) ('A' + i), before);
        }
        StatView view = new StatView(terminal, "/stores/one", () -> CLOCK_MILLIS);
        view.screen(new StoreSample(many, 2, 100), new StoreSample(many, 2, 100), 0);
        String first = out.toString(StandardCharsets.UTF_8);
        assertTrue(first.startsWith("\033[2J\033[Hstore  /stores/one\033[K\n"), first);
        assertTrue(first.endsWith("\033[K\n\033[J"), first);
        assertTrue(first.lines().count() < 24, first);
        assertFalse(first.contains("\033[31m"), "a name moves the cursor");
        assertTrue(first.contains("25 more"), first);
        out.reset();
        view.screen(
                new StoreSample(java.util.Map.of("main", now), 3, 200),
                new StoreSample(java.util.Map.of("main", before), 2, 100),
                SECOND);
        String second = out.toString(StandardCharsets.UTF_8);
        assertTrue(second.startsWith("\033[Hstore"), second);
        List<String> lines =
                second.lines().map(line -> line.replaceAll("\033\\[[KJH]", "")).toList();
        assertEquals("log    3 files, 200 B (+100 B)", lines.get(1));
        assertEquals("at     23:15:07 UTC, after 1.0 s", lines.get(2));
        assertEquals("main          12,345,678 +2,345,678    6.0 GiB    +1.0 GiB     9   -1     4  +1", lines.get(5));
        lines.forEach(line -> assertTrue(line.length() <= 80, line));
    }

    @Test
    void theCommandWatchesAndRefusesWhatDoesNotGoTogether() {
        Path store = directory.resolve("store");
        CommandRun.lines("put", store, "key", "value");
        assertEquals(
                2, CommandRun.lines("stat", store, "--watch", "--count", "1").size());
        List<String> twice = CommandRun.lines("stat", store, "--watch", "--count", "2", "--interval", "0.01");
        assertEquals(3, twice.size());
        assertTrue(twice.get(2).matches("\\d\\d:\\d\\d:\\d\\d +1 +0 .*"), twice::toString);
        assertTrue(CommandRun.lines("stat", store, "--watch", "--count", "1", "--json")
                .get(0)
                .matches("\\{\"seconds\":0.0,\"time\":\"[^\"]*Z\",\"entries\":1,.*"));
        CommandRun.of("stat", store, "--count", "1").refused(2, "--watch");
        CommandRun.of("stat", store, "--interval", "1").refused(2, "--watch");
        CommandRun.of("stat", store, "--watch", "--count", "0").refused(2, "--count", "at least 1");
        CommandRun.of("stat", store, "--watch", "--interval", "0").refused(2, "--interval");
        CommandRun.of("stat", store, "--watch", "--interval", "NaN").refused(2, "--interval");
        CommandRun.of("stat", store, "--watch", "--segments").refused(2, "exclude");
        CommandRun.of("stat", store, "--watch", "--index", "none").refused(1, "no index");
        CommandRun.of("stat", directory.resolve("absent"), "--watch").refused(1, "no store in");
    }

    private StatWatch watch(Path store, StatWatch.View view) {
        StoreInspection inspection = inspection(store);
        return new StatWatch(
                () -> StoreSample.of(InspectionCommand.looks(inspection, null), inspection.logFiles()),
                view,
                terminal,
                pace);
    }

    private static StoreInspection inspection(Path store) {
        return new StoreInspection(RealStorage.open(), store);
    }

    private void put(SegmentStore store, String index, int entries) {
        for (int i = 0; i < entries; i++) {
            store.index(index).put(("key" + keys++).getBytes(StandardCharsets.UTF_8), new byte[5]);
        }
        store.index(index).flush();
    }

    private List<String> lines() {
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private static StatView view(Terminal terminal) {
        return new StatView(terminal, "s", () -> CLOCK_MILLIS);
    }

    private static Terminal terminal(OutputStream out) {
        PrintStream stream = new PrintStream(out, false, StandardCharsets.UTF_8);
        return new Terminal(stream, stream, false, true, true);
    }
}
