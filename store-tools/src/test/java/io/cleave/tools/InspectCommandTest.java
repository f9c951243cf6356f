package io.cleave.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.SegmentStore;
import io.cleave.StoreOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What inspect writes of a tiny store, to the letter where the store's identity and checksums do not come in. */
final class InspectCommandTest {
    @TempDir
    private Path directory;

    private Path store;

    @BeforeEach
    void makeStore() {
        store = directory.resolve("store");
        StoreOptions options = StoreOptions.builder().logFileBytes(16 << 10).build();
        try (SegmentStore open = SegmentStore.open(store, options)) {
            open.index("main").put(bytes("apple"), bytes("red"));
            open.index("main").put(bytes("pear"), bytes("green"));
        }
    }

    @Test
    void theKeyMapIsShownFieldByField() {
        assertEquals(
                List.of(
                        "key-map",
                        "  @0              8  magic                CLVKEYMP",
                        "  @8              4  version              2",
                        "  @12             4  length               72",
                        "  @16             8  storeHigh            #",
                        "  @24             8  storeLow             #",
                        "  @32             4  indexId              1",
                        "  @36             4  rangeCount           1",
                        "  @40             8  version              1",
                        "  @48             8  ranges[0].segmentId  1",
                        "  @56             4  ranges[0].lowerLength 0",
                        "  @60             0  ranges[0].lower      ",
                        "  @60             8  partVersion          1",
                        "  @68             4  crc                  #"),
                masked("inspect", store, "--key-map").subList(0, 14));
    }

    @Test
    void theLedgerIsShownFieldByField() {
        List<String> lines = masked("inspect", store, "--parts");
        assertEquals("parts", lines.get(0));
        assertEquals("  @0              8  magic                CLVPARTS", lines.get(1));
        assertEquals("  @32             4  flags                1", lines.get(6));
        // The catalog, key map, segment ids and one manifest.
        assertEquals("  @36             4  lineCount            4", lines.get(7));
        assertEquals("  @56             4  lines[0].kind        1", lines.get(10));
        assertTrue(
                lines.stream().anyMatch(line -> line.matches(" +@\\d+ +8 +lines\\[3\\]\\.entries +2")),
                lines::toString);
    }

    @Test
    void aBlockIsShownDownToItsEntries() {
        List<String> lines = masked("inspect", store, "--segment", "1", "--run", "2", "--block", "0");
        assertEquals("block 0 of run-000002.run", lines.get(0));
        assertEquals("  offset: 64", lines.get(1));
        int second = lines.indexOf("  entry 1");
        assertEquals("    kind: put", lines.get(second + 2));
        assertEquals("    sequence: 2", lines.get(second + 3));
        assertEquals("    key: pear", lines.get(second + 5));
        assertEquals("    valueLength: 5", lines.get(second + 7));
        int trailer = lines.indexOf("  trailer");
        assertTrue(lines.get(trailer + 2).endsWith("entries              2"), lines::toString);
        assertTrue(lines.get(trailer + 5).endsWith("crc                  #"), lines::toString);
    }

    @Test
    void aRunIsShownFromHeaderToFooter() {
        List<String> lines = masked("inspect", store, "--segment", "1", "--run", "2");
        for (String line : List.of(
                "    @0              8  magic                CLEAVRUN",
                "    @40             8  runNumber            2",
                "  block 0",
                "    firstKey: apple",
                "  properties",
                "  footer")) {
            assertTrue(lines.contains(line), () -> line + " is not in " + lines);
        }
        assertTrue(lines.stream().anyMatch(line -> line.endsWith(" largestKey           pear")), lines::toString);
        assertTrue(lines.stream().anyMatch(line -> line.endsWith(" tombstones           0")), lines::toString);
        assertTrue(lines.get(lines.size() - 1).endsWith("magic                RUNFOOT1"), lines::toString);
    }

    @Test
    void theWholeStoreASegmentAndTheLogAreShown() {
        List<String> all = masked("inspect", store);
        assertEquals("catalog", all.get(0));
        assertTrue(all.contains("index main"), all::toString);
        assertTrue(all.contains("    run-000002.run: 2 entries, 0 tombstones, 1 block, " + size(all) + " bytes"));
        List<String> segment = masked("inspect", store, "--segment", "1");
        assertTrue(segment.contains("  @76             8  runs[0].runNumber    2"), segment::toString);
        assertEquals(List.of("log"), masked("inspect", store, "--log").subList(0, 1));
        try (SegmentStore open = SegmentStore.open(store)) {
            open.index("main").put(bytes("new"), bytes("value"));
            open.index("main").delete(bytes("apple"));
            List<String> files = masked("inspect", store, "--log");
            String number = files.get(files.size() - 4).replaceAll("\\D", "");
            List<String> log = masked("inspect", store, "--log", "--file", number);
            assertTrue(log.contains("    @0              8  magic                CLEAVLOG"), log::toString);
            assertTrue(log.contains("      key: new"), log::toString);
            assertTrue(log.contains("      kind: tombstone"), log::toString);
        }
    }

    private static String size(List<String> lines) {
        return lines.stream()
                .filter(line -> line.contains("run-000002.run"))
                .map(line -> line.replaceAll(".* (\\d+) bytes", "$1"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void jsonHasTheSameFields() {
        String json = CommandRun.lines("inspect", store, "--key-map", "--json").get(0);
        assertTrue(
                json.startsWith("[{\"part\":\"key-map\",\"items\":[{\"field\":\"magic\",\"offset\":0,\"bytes\":8,"),
                json);
        assertTrue(CommandRun.lines("inspect", store, "--segment", "1", "--run", "2", "--json")
                .get(0)
                .contains("{\"field\":\"largestKey\","));
    }

    @Test
    void whatDoesNotGoTogetherOrIsNotThereIsRefused() {
        CommandRun.of("inspect", store, "--run", "1").refused(2, "--segment");
        CommandRun.of("inspect", store, "--segment", "1", "--block", "1").refused(2, "--run");
        CommandRun.of("inspect", store, "--log", "--key-map").refused(2, "exclude");
        CommandRun.of("inspect", store, "--parts", "--key-map").refused(2, "exclude");
        CommandRun.of("inspect", store, "--file", "1").refused(2, "--log");
        CommandRun.of("inspect", store, "--segment", "99").refused(1, "no segment 99");
        CommandRun.of("inspect", store, "--segment", "1", "--run", "99").refused(1, "run-000099.run");
        CommandRun.of("inspect", store, "--segment", "1", "--run", "2", "--block", "5")
                .refused(1, "no block 5");
        CommandRun.of("inspect", store, "--log", "--file", "99").refused(1, "99");
    }

    /** The lines, with hexadecimal numbers replaced by #. */
    private static List<String> masked(Object... arguments) {
        return CommandRun.lines(arguments).stream()
                .map(line -> line.replaceAll("0x[0-9a-f]+", "#"))
                .toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
