package io.cleave.core.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.cleave.core.bytes.KeyHash;
import io.cleave.core.run.RunFixture.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/format/run.md says what the code does. */
final class RunFormatTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (\\d+) \\| (\\d+) \\| (\\w+) \\|");
    private static final Pattern HEX_LINE = Pattern.compile("(?m)^([0-9a-f]{4})  ((?:[0-9a-f]{2} ?)+)$");

    @Test
    void headerTableMatchesTheCode() throws IOException {
        Map<String, Integer> expected = new LinkedHashMap<>();
        expected.put("magic", RunHeaderFormat.MAGIC_OFFSET);
        expected.put("version", RunHeaderFormat.VERSION_OFFSET);
        expected.put("indexId", RunHeaderFormat.INDEX_ID_OFFSET);
        expected.put("storeHigh", RunHeaderFormat.STORE_HIGH_OFFSET);
        expected.put("storeLow", RunHeaderFormat.STORE_LOW_OFFSET);
        expected.put("segmentId", RunHeaderFormat.SEGMENT_ID_OFFSET);
        expected.put("runNumber", RunHeaderFormat.RUN_NUMBER_OFFSET);
        expected.put("compression", RunHeaderFormat.COMPRESSION_OFFSET);
        expected.put("filter", RunHeaderFormat.FILTER_OFFSET);
        expected.put("restartInterval", RunHeaderFormat.RESTART_INTERVAL_OFFSET);
        expected.put("blockBytes", RunHeaderFormat.BLOCK_BYTES_OFFSET);
        expected.put("reserved", RunHeaderFormat.RESERVED_OFFSET);
        expected.put("crc", RunHeaderFormat.CRC_OFFSET);
        assertTable("## Header", expected, RunHeaderFormat.LENGTH);
    }

    @Test
    void blockTrailerTableMatchesTheCode() throws IOException {
        Map<String, Integer> expected = new LinkedHashMap<>();
        expected.put("rawLength", BlockFormat.RAW_LENGTH_OFFSET);
        expected.put("entries", BlockFormat.ENTRIES_OFFSET);
        expected.put("encoding", BlockFormat.ENCODING_OFFSET);
        expected.put("reserved", BlockFormat.RESERVED_OFFSET);
        expected.put("crc", BlockFormat.CRC_OFFSET);
        assertTable("## Data block", expected, BlockFormat.TRAILER_BYTES);
    }

    @Test
    void pointIndexTableMatchesTheCode() throws IOException {
        Map<String, Integer> expected = new LinkedHashMap<>();
        expected.put("fingerprints", PointIndexFormat.FINGERPRINTS_OFFSET);
        expected.put("count", PointIndexFormat.COUNT_OFFSET);
        expected.put("overflow", PointIndexFormat.OVERFLOW_OFFSET);
        expected.put("positions", PointIndexFormat.POSITIONS_OFFSET);
        assertTable("### Point index", expected, PointIndexFormat.LENGTH);
        assertEquals(PageFormat.CELL_BYTES, PointIndexFormat.LENGTH);
    }

    @Test
    void propertiesTableMatchesTheCode() throws IOException {
        Map<String, Integer> expected = new LinkedHashMap<>();
        expected.put("entries", RunPropertiesFormat.ENTRIES_OFFSET);
        expected.put("distinctKeys", RunPropertiesFormat.DISTINCT_KEYS_OFFSET);
        expected.put("tombstones", RunPropertiesFormat.TOMBSTONES_OFFSET);
        expected.put("keyBytes", RunPropertiesFormat.KEY_BYTES_OFFSET);
        expected.put("valueBytes", RunPropertiesFormat.VALUE_BYTES_OFFSET);
        expected.put("smallestSequence", RunPropertiesFormat.SMALLEST_SEQUENCE_OFFSET);
        expected.put("largestSequence", RunPropertiesFormat.LARGEST_SEQUENCE_OFFSET);
        expected.put("smallestKeyLength", RunPropertiesFormat.SMALLEST_KEY_LENGTH_OFFSET);
        expected.put("largestKeyLength", RunPropertiesFormat.LARGEST_KEY_LENGTH_OFFSET);
        assertTable("## Properties", expected, RunPropertiesFormat.KEYS_OFFSET);
    }

    @Test
    void footerTableMatchesTheCode() throws IOException {
        Map<String, Integer> expected = new LinkedHashMap<>();
        expected.put("indexOffset", RunFooterFormat.INDEX_OFFSET_OFFSET);
        expected.put("indexLength", RunFooterFormat.INDEX_LENGTH_OFFSET);
        expected.put("filterOffset", RunFooterFormat.FILTER_OFFSET_OFFSET);
        expected.put("filterLength", RunFooterFormat.FILTER_LENGTH_OFFSET);
        expected.put("propertiesOffset", RunFooterFormat.PROPERTIES_OFFSET_OFFSET);
        expected.put("propertiesLength", RunFooterFormat.PROPERTIES_LENGTH_OFFSET);
        expected.put("sequenceBase", RunFooterFormat.SEQUENCE_BASE_OFFSET);
        expected.put("fileBytes", RunFooterFormat.FILE_BYTES_OFFSET);
        expected.put("blocks", RunFooterFormat.BLOCKS_OFFSET);
        expected.put("positions", RunFooterFormat.POSITIONS_OFFSET);
        expected.put("version", RunFooterFormat.VERSION_OFFSET);
        expected.put("crc", RunFooterFormat.CRC_OFFSET);
        expected.put("magic", RunFooterFormat.MAGIC_OFFSET);
        assertTable("## Footer", expected, RunFooterFormat.LENGTH);
    }

    @Test
    void theWorkedExampleIsWhatTheWriterWrites() throws IOException {
        RunFixture fixture = new RunFixture();
        List<Entry> entries =
                List.of(Entry.put("apple", 9, "red"), Entry.tombstone("apple", 4), Entry.put("plum", 10, ""));
        fixture.write(new RunOptions(Compression.NONE, 64, FilterKind.NONE), entries);
        StringBuilder hex = new StringBuilder();
        Matcher line = HEX_LINE.matcher(section("## Worked example"));
        while (line.find()) {
            assertEquals(hex.length() / 2, Integer.parseInt(line.group(1), 16), "offset of a line");
            hex.append(line.group(2).replace(" ", ""));
        }
        byte[] example = HexFormat.of().parseHex(hex);
        assertArrayEquals(example, fixture.contents());
        fixture.replace(example);
        try (Run run = fixture.open()) {
            run.verify();
            assertEquals(entries, RunFixture.forward(run.cursor()));
        }
    }

    @Test
    void theInspectorShowsEachFieldOfTheTables() throws IOException {
        RunFixture fixture = new RunFixture();
        fixture.write(RunOptions.defaults(), List.of(Entry.put("a", 1, "x"), Entry.put("b", 2, "y")));
        try (Run run = fixture.open()) {
            RunInspector inspector = new RunInspector(run);
            long properties = run.file().footer().propertiesOffset();
            assertFields("## Header", 0, inspector.header());
            assertFields("## Properties", properties, inspector.properties());
            assertFields("## Footer", run.fileBytes() - RunFooterFormat.LENGTH, inspector.footer());
            assertEquals(1, inspector.blocks());
            assertEquals(2, inspector.block(0).entries());
            assertArrayEquals(RunFixture.bytes("a"), inspector.block(0).firstKey());
            assertArrayEquals(RunFixture.bytes("b"), inspector.entries(0).get(1).key());
        }
    }

    @Test
    void headsOfEntriesDecodeToWhatWasEncoded() {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 20_000; i++) {
            long base = random.nextLong() >>> (8 + random.nextInt(56));
            long sequence = random.nextLong() >>> (8 + random.nextInt(56));
            int keyLength = 1 + (random.nextInt() >>> (16 + random.nextInt(16)));
            int valueLength = random.nextInt() >>> (1 + random.nextInt(31));
            byte kind = (byte) (1 + random.nextInt(2));
            byte[] target = new byte[64];
            long stored = EntryFormat.storedSequence(base, sequence);
            int end = EntryFormat.encode(target, 0, kind, -1, keyLength, valueLength, stored);
            long word = LittleEndian.getLong(target, 0);
            assertEquals(kind, EntryFormat.kind(word));
            assertEquals(keyLength, EntryFormat.firstLength(word));
            assertEquals(valueLength, EntryFormat.valueLength(word));
            assertEquals(end, EntryFormat.headBytes(word));
            int sequenceBytes = EntryFormat.sequenceBytes(word);
            long found = EntryFormat.low(LittleEndian.getLong(target, end - sequenceBytes), sequenceBytes);
            assertEquals(sequence, EntryFormat.sequence(base, found));
        }
    }

    @Test
    void matchesAreTheSlotsWithTheFingerprint() {
        SplittableRandom random = new SplittableRandom(8);
        for (int i = 0; i < 20_000; i++) {
            byte[] bucket = new byte[PointIndexFormat.LENGTH];
            random.nextBytes(bucket);
            int fingerprint = 1 + random.nextInt(4);
            int expected = 0;
            for (int slot = 0; slot < PointIndexFormat.SLOTS; slot++) {
                int found = random.nextInt(5);
                LittleEndian.putShort(bucket, Short.BYTES * slot, found);
                expected |= found == fingerprint ? 1 << slot : 0;
            }
            long first = LittleEndian.getLong(bucket, 0);
            long second = LittleEndian.getLong(bucket, 8);
            long third = LittleEndian.getLong(bucket, 16);
            assertEquals(expected, PointIndexFormat.matches(first, second, third, fingerprint));
        }
    }

    @Test
    void aFullBucketOverflowsAndEachKeyIsFound() {
        RunFixture fixture = new RunFixture();
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            entries.add(Entry.put(String.format("key-%05d", i), i, "v"));
        }
        fixture.write(RunOptions.defaults(), entries);
        try (Run run = fixture.open()) {
            int overflowed = 0;
            for (long cell = 0; cell < run.filter().cells(); cell++) {
                long third = run.file().region().getLong(run.filter().cellOffset(cell) + 16);
                overflowed += third >>> 40 != 0 ? 1 : 0;
            }
            assertFalse(overflowed == 0, "no bucket overflowed: the test has no point");
            for (Entry entry : entries) {
                assertEquals(entry, RunFixture.find(run, entry.key(), Long.MAX_VALUE));
            }
        }
    }

    @Test
    void theBloomFilterTurnsAwayNearlyAllAbsentKeys() {
        RunFixture fixture = new RunFixture();
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) {
            entries.add(Entry.put(String.format("key-%05d", i), i, ""));
        }
        fixture.write(RunOptions.of(Compression.NONE, FilterKind.BLOOM), entries);
        try (Run run = fixture.open()) {
            int passed = 0;
            for (int i = 0; i < 50_000; i++) {
                byte[] absent = RunFixture.bytes("other-" + i);
                passed += run.filter().mayContain(KeyHash.of(absent, absent.length)) ? 1 : 0;
            }
            assertFalse(passed > 50_000 / 50, "false positives: " + passed);
        }
    }

    private static void assertFields(String heading, long base, List<RunInspector.Field> fields) throws IOException {
        Matcher row = ROW.matcher(section(heading));
        for (int i = 0; row.find(); i++) {
            RunInspector.Field field = fields.get(i);
            assertEquals(row.group(3), field.name());
            assertEquals(base + Integer.parseInt(row.group(1)), field.offset());
            assertEquals(Integer.parseInt(row.group(2)), field.bytes());
        }
    }

    private static void assertTable(String heading, Map<String, Integer> expected, int length) throws IOException {
        Map<String, Integer> found = new LinkedHashMap<>();
        int end = 0;
        Matcher row = ROW.matcher(section(heading));
        while (row.find()) {
            assertEquals(end, Integer.parseInt(row.group(1)), "gap or overlap before " + row.group(3));
            found.put(row.group(3), end);
            end += Integer.parseInt(row.group(2));
        }
        assertEquals(expected, found);
        assertEquals(length, end);
    }

    /** The text from a heading to the next one of any level. */
    private static String section(String heading) throws IOException {
        String text = Files.readString(document());
        int start = text.indexOf("\n" + heading + "\n");
        assertFalse(start < 0, "no section " + heading);
        int end = text.indexOf("\n#", start + 1 + heading.length());
        return end < 0 ? text.substring(start) : text.substring(start, end);
    }

    /** Tests run in the module's directory under Maven, in the root elsewhere. */
    private static Path document() {
        Path here = Path.of("docs/format/run.md");
        return Files.exists(here) ? here : Path.of("..").resolve(here);
    }
}
