package io.cleave.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.bytes.RandomCases;
import io.cleave.core.run.Compression;
import io.cleave.core.run.FilterKind;
import io.cleave.core.run.RunOptions;
import io.cleave.core.storage.FormatDocument;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Also: docs/format/metadata.md, "Catalog", says what the code does. */
final class StoreCatalogFormatTest {
    private static final Pattern FEATURE_ROW = Pattern.compile("(?m)^\\| `([a-z0-9-]+)` \\| (read|write|note) \\|");

    private static final Path FILE = Path.of("catalog");
    private static final StoredOptions PLAIN = StoredOptions.of(RunOptions.defaults());
    private static final StoredOptions PACKED =
            new StoredOptions(new RunOptions(Compression.LZ4, 8192, FilterKind.BLOOM), 32L << 20, 1_000_000);
    private static final StoreCatalog EXAMPLE =
            StoreCatalog.empty().withIndexes(5, Map.of("words", 1, "na\u00EFve", 4), Map.of(1, PLAIN, 4, PACKED));
    private static final StoreCatalog LEVEL_1 = StoreCatalog.ofLevel1(5, Map.of("words", 1, "na\u00EFve", 4));

    /** Of the example: its two features take 15 and 8 bytes. */
    private static final int FIRST = StoreCatalogFormat.FEATURES_OFFSET + 23;

    private static final int FIRST_OPTIONS = FIRST + StoreCatalogFormat.NAME_OFFSET + 6;
    private static final int SECOND = FIRST_OPTIONS + StoredOptionsFormat.LENGTH;

    private static StoreCatalog decode(byte[] body) {
        return StoreCatalogFormat.decode(FILE, ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN));
    }

    private static byte[] changed(StoreCatalog catalog, int at, byte... bytes) {
        byte[] body = StoreCatalogFormat.encode(catalog);
        System.arraycopy(bytes, 0, body, at, bytes.length);
        return body;
    }

    private static byte[] number(long value, int length) {
        byte[] bytes = new byte[Long.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(value);
        return Arrays.copyOf(bytes, length);
    }

    private static void assertRefused(byte[] body, String what) {
        StoreException.Corrupt e = assertThrows(StoreException.Corrupt.class, () -> decode(body), what);
        assertEquals(what, e.rule(), e.getMessage());
    }

    private static void assertRefused(int at, int value, String what) {
        assertRefused(changed(EXAMPLE, at, number(value, Integer.BYTES)), what);
    }

    /** A feature of another version in place of "index-options". */
    private static StoreCatalog withFeature(String name, FeatureClass featureClass) {
        Map<String, FeatureClass> features = new TreeMap<>(EXAMPLE.features());
        features.put(name, featureClass);
        return new StoreCatalog(
                StoreCatalog.LEVEL, features, EXAMPLE.nextIndexId(), EXAMPLE.indexes(), EXAMPLE.options());
    }

    @Test
    void decodesWhatItEncodes() {
        assertEquals(StoreCatalog.empty(), decode(StoreCatalogFormat.encode(StoreCatalog.empty())));
        assertEquals(EXAMPLE, decode(StoreCatalogFormat.encode(EXAMPLE)));
        RandomCases.check(500, (random, seed) -> {
            boolean old = random.nextInt(4) == 0;
            StoreCatalog catalog = old ? StoreCatalog.ofLevel1(1, Map.of()) : StoreCatalog.empty();
            int count = random.nextInt(8);
            for (int i = 0; i < count; i++) {
                String name = "\uD83D\uDE00/../\u0000\u00FC".substring(0, 2 * random.nextInt(4)) + random.nextInt(20);
                catalog = catalog.withIdTaken();
                int id = catalog.nextIndexId() - 1;
                catalog = catalog.withoutIndex(name).withIndex(name, id, random.nextBoolean() ? PLAIN : PACKED);
                catalog = random.nextInt(4) == 0 ? catalog.withOptions(id, PLAIN) : catalog;
                catalog = random.nextInt(4) == 0 ? catalog.withoutIndex(name) : catalog;
            }
            assertEquals(catalog, decode(StoreCatalogFormat.encode(catalog)));
        });
        String longest = "\u00FC".repeat(127) + "x";
        StoreCatalog catalog = StoreCatalog.empty().withIdTaken().withIndex(longest, 1, PACKED);
        assertEquals(catalog, decode(StoreCatalogFormat.encode(catalog)));
    }

    @Test
    void aFeatureThatForbidsReadingRefusesTheCatalogByName() {
        byte[] body = StoreCatalogFormat.encode(withFeature("adopted-runs", FeatureClass.READ));
        StoreException.FormatVersion e = assertThrows(StoreException.FormatVersion.class, () -> decode(body));
        assertEquals("catalog: expected features that version 0.1 knows, found \"adopted-runs\"", e.getMessage());
    }

    @Test
    void aFeatureThatForbidsWritingIsReadAndRefusesWritingByName() {
        StoreCatalog catalog = withFeature("change-feed", FeatureClass.WRITE);
        assertEquals(catalog, decode(StoreCatalogFormat.encode(catalog)));
        Path store = Path.of("s");
        StoreException.FormatVersion e =
                assertThrows(StoreException.FormatVersion.class, () -> catalog.requireWritable(store));
        assertEquals("s/catalog: expected features that version 0.1 knows, found \"change-feed\"", e.getMessage());
    }

    @Test
    void aFeatureThatIsANoteIsKeptWithWhatItSaysOfAnIndex() {
        StoredOptions noted = new StoredOptions(PLAIN.run(), 1 << 20, 100, ByteBuffer.wrap(new byte[] {1, 2, 3}));
        StoreCatalog catalog = withFeature("comments", FeatureClass.NOTE).withOptions(4, noted);
        StoreCatalog read = decode(StoreCatalogFormat.encode(catalog));
        assertEquals(catalog, read);
        read.requireWritable(Path.of("s"));
        assertEquals(3, read.withIdTaken().options().get(4).later().remaining());
    }

    @Test
    void fieldsThatNoFeatureExplainsAreRefused() {
        StoredOptions longer = new StoredOptions(PLAIN.run(), 1 << 20, 100, ByteBuffer.wrap(new byte[] {1, 2, 3}));
        assertRefused(StoreCatalogFormat.encode(EXAMPLE.withOptions(4, longer)), "length of options");
    }

    @Test
    void aStoreOfLevel1IsReadAndRefusesWritingWithTheWayOut() {
        assertEquals(LEVEL_1, decode(StoreCatalogFormat.encode(LEVEL_1)));
        StoreException.FormatVersion e =
                assertThrows(StoreException.FormatVersion.class, () -> LEVEL_1.requireWritable(Path.of("s")));
        assertEquals(
                "store s: expected the features \"index-options\", \"ledger\", which every write needs, found a store of"
                        + " level 1 without them: \"cleave upgrade s\" or StoreOptions.upgrade(true) adds them",
                e.getMessage());
        StoreCatalog upgraded = LEVEL_1.upgraded(Map.of(1, PLAIN, 4, PACKED));
        upgraded.requireWritable(Path.of("s"));
        assertEquals(EXAMPLE, upgraded);
    }

    @Test
    void aNewerLevelIsRefusedWithBothLevels() {
        byte[] body = changed(EXAMPLE, StoreCatalogFormat.LEVEL_OFFSET, (byte) 3);
        StoreException.FormatVersion e = assertThrows(StoreException.FormatVersion.class, () -> decode(body));
        assertEquals("catalog: format version 3 is too new: expected 1 to 2", e.getMessage());
    }

    @Test
    void namesOutsideOfTheLimitsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> StoreCatalogFormat.nameBytes(""));
        assertThrows(IllegalArgumentException.class, () -> StoreCatalogFormat.nameBytes("\u00FC".repeat(128)));
        assertThrows(IllegalArgumentException.class, () -> StoreCatalogFormat.nameBytes("\uD83D"));
        assertThrows(NullPointerException.class, () -> StoreCatalogFormat.nameBytes(null));
        assertEquals(255, StoreCatalogFormat.nameBytes("x".repeat(255)).length);
    }

    @Test
    void everyOtherLengthIsRefused() {
        for (StoreCatalog catalog : List.of(EXAMPLE, LEVEL_1)) {
            byte[] body = StoreCatalogFormat.encode(catalog);
            for (int length = 0; length < body.length + 20; length++) {
                byte[] cut = Arrays.copyOf(body, length);
                if (length != body.length) {
                    assertThrows(StoreException.Corrupt.class, () -> decode(cut), "length " + length);
                }
            }
        }
    }

    @Test
    void everyFlippedBitOfTheFileIsRefused() {
        byte[] file = MetadataFormat.encode(
                StoreCatalogFormat.MAGIC, new StoreIdentity(1, 2), StoreCatalogFormat.encode(EXAMPLE));
        for (int bit = 0; bit < file.length * 8; bit++) {
            file[bit / 8] ^= (byte) (1 << bit % 8);
            assertThrows(
                    StoreException.Corrupt.class,
                    () -> MetadataFormat.decode(FILE, StoreCatalogFormat.MAGIC, file),
                    "bit " + bit);
            file[bit / 8] ^= (byte) (1 << bit % 8);
        }
    }

    @Test
    void namesTheFirstWrongField() {
        assertRefused(StoreCatalogFormat.LEVEL_OFFSET, 1, "level");
        assertRefused(StoreCatalogFormat.NEXT_INDEX_ID_OFFSET, 0, "next index id");
        assertRefused(StoreCatalogFormat.NEXT_INDEX_ID_OFFSET, 4, "index id");
        assertRefused(StoreCatalogFormat.FEATURE_COUNT_OFFSET, -1, "features");
        assertRefused(StoreCatalogFormat.INDEX_COUNT_OFFSET, -1, "indexes");
        assertRefused(StoreCatalogFormat.INDEX_COUNT_OFFSET, Integer.MAX_VALUE, "indexes");
        assertRefused(StoreCatalogFormat.INDEX_COUNT_OFFSET, 1, "body length");
        assertRefused(FIRST, 0, "index id");
        assertRefused(FIRST, 5, "index id");
        assertRefused(SECOND, 4, "index id");
        assertRefused(FIRST + StoreCatalogFormat.NAME_LENGTH_OFFSET, 0, "length of name");
        assertRefused(FIRST + StoreCatalogFormat.NAME_LENGTH_OFFSET, 256, "length of name");
        assertRefused(FIRST + StoreCatalogFormat.NAME_LENGTH_OFFSET, -1, "length of name");
        assertRefused(FIRST + StoreCatalogFormat.OPTIONS_LENGTH_OFFSET, 21, "length of options");
        assertRefused(FIRST + StoreCatalogFormat.OPTIONS_LENGTH_OFFSET, 23, "length of options");
        assertRefused(FIRST + StoreCatalogFormat.OPTIONS_LENGTH_OFFSET, -1, "length of options");
    }

    @Test
    void namesTheFirstWrongFieldOfLevel1() {
        int first = CatalogOfLevel1Format.INDEXES_OFFSET;
        int second = first + CatalogOfLevel1Format.NAME_OFFSET + 6;
        Map.of(
                        CatalogOfLevel1Format.NEXT_INDEX_ID_OFFSET,
                        "next index id",
                        CatalogOfLevel1Format.INDEX_COUNT_OFFSET,
                        "indexes",
                        first,
                        "index id",
                        second,
                        "index id",
                        first + CatalogOfLevel1Format.NAME_LENGTH_OFFSET,
                        "length of name")
                .forEach((at, what) -> assertRefused(changed(LEVEL_1, at, number(-1, Integer.BYTES)), what));
        assertRefused(changed(LEVEL_1, second, number(4, Integer.BYTES)), "index id");
        assertRefused(changed(LEVEL_1, CatalogOfLevel1Format.INDEX_COUNT_OFFSET, (byte) 1), "body length");
    }

    @Test
    void namesTheFirstWrongFieldOfAFeature() {
        int feature = StoreCatalogFormat.FEATURES_OFFSET;
        int name = feature + StoreCatalogFormat.FEATURE_NAME_OFFSET;
        assertRefused(changed(EXAMPLE, feature, (byte) 0), "class of feature");
        assertRefused(changed(EXAMPLE, feature, (byte) 4), "class of feature");
        assertRefused(changed(EXAMPLE, feature, (byte) 2), "class of feature index-options");
        assertRefused(changed(EXAMPLE, feature + StoreCatalogFormat.FEATURE_LENGTH_OFFSET, (byte) 0), "length of name");
        assertRefused(
                changed(EXAMPLE, feature + StoreCatalogFormat.FEATURE_LENGTH_OFFSET, (byte) -1), "length of name");
        assertRefused(changed(EXAMPLE, name, (byte) 'I'), "name of feature");
        assertRefused(changed(EXAMPLE, name, (byte) '-'), "name of feature");
        assertRefused(changed(EXAMPLE, name, (byte) 'z'), "name of feature");
    }

    @Test
    void namesTheFirstWrongOption() {
        assertRefused(
                changed(EXAMPLE, FIRST_OPTIONS + StoredOptionsFormat.COMPRESSION_OFFSET, (byte) 9), "compression");
        assertRefused(changed(EXAMPLE, FIRST_OPTIONS + StoredOptionsFormat.FILTER_OFFSET, (byte) 9), "filter");
        int blockBytes = FIRST_OPTIONS + StoredOptionsFormat.BLOCK_BYTES_OFFSET;
        assertRefused(changed(EXAMPLE, blockBytes, number(63, Integer.BYTES)), "blockBytes");
        int bytesMax = FIRST_OPTIONS + StoredOptionsFormat.SEGMENT_BYTES_OFFSET;
        assertRefused(changed(EXAMPLE, bytesMax, number(1023, Long.BYTES)), "segmentBytesMax");
        assertRefused(changed(EXAMPLE, bytesMax, number((1L << 40) + 1, Long.BYTES)), "segmentBytesMax");
        int entriesMax = FIRST_OPTIONS + StoredOptionsFormat.SEGMENT_ENTRIES_OFFSET;
        assertRefused(changed(EXAMPLE, entriesMax, number(1, Long.BYTES)), "segmentEntriesMax");
        assertRefused(changed(EXAMPLE, entriesMax, number(-1, Long.BYTES)), "segmentEntriesMax");
    }

    @Test
    void aNameThatIsNotUtf8IsRefused() {
        assertRefused(changed(EXAMPLE, FIRST + StoreCatalogFormat.NAME_OFFSET, (byte) 0xFF), "index name");
    }

    @Test
    void theTablesAndTheExampleMatchTheCode() {
        FormatDocument section = FormatDocument.section("metadata.md", "Catalog");
        Map<String, Integer> offsets = section.table("field", StoreCatalogFormat.FEATURES_OFFSET);
        assertEquals(StoreCatalogFormat.MARK_OFFSET, offsets.get("levelMark"));
        assertEquals(StoreCatalogFormat.LEVEL_OFFSET, offsets.get("level"));
        assertEquals(StoreCatalogFormat.FEATURE_COUNT_OFFSET, offsets.get("featureCount"));
        assertEquals(StoreCatalogFormat.NEXT_INDEX_ID_OFFSET, offsets.get("nextIndexId"));
        assertEquals(StoreCatalogFormat.INDEX_COUNT_OFFSET, offsets.get("indexCount"));
        Map<String, Integer> feature = section.table("feature", StoreCatalogFormat.FEATURE_NAME_OFFSET);
        assertEquals(StoreCatalogFormat.CLASS_OFFSET, feature.get("class"));
        assertEquals(StoreCatalogFormat.FEATURE_LENGTH_OFFSET, feature.get("nameLength"));
        assertEquals(StoreCatalogFormat.FEATURE_NAME_OFFSET, feature.get("name"));
        Map<String, Integer> index = section.table("index", StoreCatalogFormat.NAME_OFFSET);
        assertEquals(StoreCatalogFormat.INDEX_ID_OFFSET, index.get("id"));
        assertEquals(StoreCatalogFormat.NAME_LENGTH_OFFSET, index.get("nameLength"));
        assertEquals(StoreCatalogFormat.OPTIONS_LENGTH_OFFSET, index.get("optionsLength"));
        assertEquals(StoreCatalogFormat.NAME_OFFSET, index.get("name"));
        Map<String, Integer> options = section.table("option", StoredOptionsFormat.LENGTH);
        assertEquals(StoredOptionsFormat.COMPRESSION_OFFSET, options.get("compression"));
        assertEquals(StoredOptionsFormat.FILTER_OFFSET, options.get("filter"));
        assertEquals(StoredOptionsFormat.BLOCK_BYTES_OFFSET, options.get("blockBytes"));
        assertEquals(StoredOptionsFormat.SEGMENT_BYTES_OFFSET, options.get("segmentBytesMax"));
        assertEquals(StoredOptionsFormat.SEGMENT_ENTRIES_OFFSET, options.get("segmentEntriesMax"));
        assertEquals(StoredOptionsFormat.LENGTH, options.get("later"));
        assertTrue(section.text().contains("1 to " + StoreCatalogFormat.NAME_BYTES_MAX + " |"));
        assertTrue(section.text().contains("1 to " + StoreCatalogFormat.FEATURE_BYTES_MAX + " |"));
        assertEquals(section.example(), dump(EXAMPLE));
        assertTrue(FormatDocument.read("metadata.md")
                .contains("| `" + StoreCatalog.FILE_NAME + "` | store | \"CLVCATLG\" |"));
    }

    @Test
    void theTablesAndTheExampleOfLevel1MatchTheCode() {
        FormatDocument section = FormatDocument.section("metadata.md", "Catalog of level 1");
        Map<String, Integer> offsets = section.table("field", CatalogOfLevel1Format.INDEXES_OFFSET);
        assertEquals(CatalogOfLevel1Format.NEXT_INDEX_ID_OFFSET, offsets.get("nextIndexId"));
        assertEquals(CatalogOfLevel1Format.INDEX_COUNT_OFFSET, offsets.get("indexCount"));
        Map<String, Integer> index = section.table("index", CatalogOfLevel1Format.NAME_OFFSET);
        assertEquals(CatalogOfLevel1Format.INDEX_ID_OFFSET, index.get("id"));
        assertEquals(CatalogOfLevel1Format.NAME_LENGTH_OFFSET, index.get("nameLength"));
        assertEquals(CatalogOfLevel1Format.NAME_OFFSET, index.get("name"));
        assertEquals(section.example(), dump(LEVEL_1));
    }

    @Test
    void theTableOfFeaturesMatchesTheCode() {
        Matcher row = FEATURE_ROW.matcher(FormatDocument.read("features.md"));
        Map<String, String> documented = new TreeMap<>();
        while (row.find()) {
            documented.put(row.group(1), row.group(2));
        }
        Map<String, String> known = new TreeMap<>();
        for (Feature feature : Feature.values()) {
            known.put(feature.text(), feature.featureClass().name().toLowerCase(Locale.ROOT));
        }
        assertEquals(known, documented);
    }

    private static String dump(StoreCatalog catalog) {
        return FormatDocument.dump(MetadataFormat.encode(
                StoreCatalogFormat.MAGIC,
                new StoreIdentity(0x0123_4567_89AB_CDEFL, 0x1122_3344_5566_7788L),
                StoreCatalogFormat.encode(catalog)));
    }
}
