package io.cleave.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.SegmentIndex;
import io.cleave.SegmentStore;
import io.cleave.StoreOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A scan that goes around what can't be read: whatever it shows is right, and what it leaves out it names. */
final class ScanDamageTest {
    private static final int ENTRIES = 3_000;
    private static final int BLOCK_BYTES = 512;
    private static final int ENTRIES_A_BLOCK_MAX = 50;

    @TempDir
    private Path directory;

    private Path store;

    /** Several segments, each with a main run and a delta of newer values. */
    @BeforeEach
    void fill() {
        store = directory.resolve("store");
        StoreOptions options = StoreOptions.builder()
                .logFileBytes(64 << 10)
                .blockBytes(BLOCK_BYTES)
                .segmentBytesMax(64 << 10)
                .maintenanceThreads(0)
                .build();
        try (SegmentStore open = SegmentStore.open(store, options)) {
            SegmentIndex main = open.index("main");
            for (int i = 0; i < ENTRIES; i++) {
                main.put(key(i), ("old " + i + " " + "x".repeat(60)).getBytes(StandardCharsets.UTF_8));
            }
            for (int i = 2; i < ENTRIES; i += 3) {
                main.delete(key(i));
            }
            main.compact();
            for (int i = 0; i < ENTRIES; i++) {
                if (i % 3 != 2) {
                    main.put(key(i), value(i));
                }
            }
            main.flush();
        }
    }

    @Test
    void aSoundIndexIsShownWholly() {
        assertEquals(expected(), CommandRun.lines("scan", store, "--skip-damaged"));
        List<String> reversed = new ArrayList<>(expected());
        Collections.reverse(reversed);
        assertEquals(reversed, CommandRun.lines("scan", store, "--skip-damaged", "--reverse"));
        assertEquals(expected().subList(0, 5), CommandRun.lines("scan", store, "--skip-damaged", "--limit", "5"));
    }

    @Test
    void aDamagedBlockIsLeftOutAndNamedInBothDirections() throws IOException {
        for (Path run : runs()) {
            byte[] whole = Files.readAllBytes(run);
            flip(run, 200);
            requireDetour(ENTRIES_A_BLOCK_MAX);
            requireDetour(ENTRIES_A_BLOCK_MAX, "--reverse");
            Files.write(run, whole);
        }
    }

    @Test
    void aSegmentThatCanNotBeReadAtAllIsLeftOutAsAWhole() throws IOException {
        Path run = runs().get(runs().size() / 2);
        Files.delete(run);
        requireDetour(ENTRIES / 3);
        requireDetour(ENTRIES / 3, "--reverse");
        CommandRun part = CommandRun.of("scan", store, "--skip-damaged", "--from", "k0000", "--to", "k0003");
        assertEquals(new CommandRun(0, String.join("\n", expected().subList(0, 2)) + "\n", ""), part);
    }

    @Test
    void damageAtTheBeginningAndAtTheEndIsGoneAround() throws IOException {
        List<Path> runs = runs();
        flip(runs.get(0), 200);
        byte[] last = Files.readAllBytes(runs.get(runs.size() - 1));
        flip(runs.get(runs.size() - 1), last.length / 2);
        requireDetour(200);
        requireDetour(200, "--reverse");
        CommandRun prefix = CommandRun.of("scan", store, "--skip-damaged", "--prefix", "k00");
        assertTrue(prefix.out().lines().allMatch(expected()::contains), prefix::out);
    }

    /** What is shown is right and in order; what is missing lies between two keys that were named, and is little. */
    private void requireDetour(int missingMax, String... more) {
        List<Object> words = new ArrayList<>(List.of("scan", store, "--skip-damaged"));
        words.addAll(List.of(more));
        CommandRun run = CommandRun.of(words.toArray());
        assertEquals(1, run.code(), run::err);
        List<String> shown = new ArrayList<>(run.out().lines().toList());
        List<String> expected = new ArrayList<>(expected());
        if (more.length > 0) {
            Collections.reverse(expected);
        }
        List<String> missing = new ArrayList<>(expected);
        missing.removeAll(new TreeSet<>(shown));
        assertTrue(expected.containsAll(shown), "something is shown that is not there");
        List<String> kept = new ArrayList<>(expected);
        kept.removeAll(new TreeSet<>(missing));
        assertEquals(kept, shown);
        assertTrue(missing.size() <= missingMax, missing.size() + " are missing: " + run.err());
        List<String> told = run.err().lines().toList();
        assertTrue(
                !told.isEmpty() && told.stream().allMatch(line -> line.startsWith("cleave: left out: keys ")),
                run::err);
        for (String line : missing) {
            String key = line.substring(0, line.indexOf('\t'));
            assertTrue(told.stream().anyMatch(range -> isIn(range, key, more.length > 0)), key + " is not in " + told);
        }
    }

    private static boolean isIn(String told, String key, boolean descending) {
        String after = told.replaceAll(".* after \"(k\\d+)\" .*|.*", "$1");
        String upTo = told.replaceAll(".* up to \"(k\\d+)[^:]*: .*|.*", "$1");
        String low = descending ? upTo : after;
        String high = descending ? after : upTo;
        return (low.isEmpty() || key.compareTo(low) >= 0) && (high.isEmpty() || key.compareTo(high) <= 0);
    }

    private static List<String> expected() {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < ENTRIES; i++) {
            if (i % 3 != 2) {
                lines.add(new String(key(i), StandardCharsets.UTF_8) + "\t"
                        + new String(value(i), StandardCharsets.UTF_8));
            }
        }
        return lines;
    }

    private static byte[] key(int i) {
        return "k%04d".formatted(i).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] value(int i) {
        return ("new " + i).getBytes(StandardCharsets.UTF_8);
    }

    private List<Path> runs() throws IOException {
        try (Stream<Path> files = Files.walk(store)) {
            return files.filter(file -> file.toString().endsWith(".run"))
                    .sorted()
                    .toList();
        }
    }

    private static void flip(Path file, int at) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[at] ^= 1;
        Files.write(file, bytes);
    }
}
