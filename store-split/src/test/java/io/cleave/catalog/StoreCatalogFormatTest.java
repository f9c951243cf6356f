package io.cleave.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.bytes.RandomCases;
import io.cleave.core.storage.FormatDocument;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.error.StoreException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Also: docs/format/metadata.md, "Catalog", says what the code does. */
final class StoreCatalogFormatTest {
    private static final Path FILE = Path.of("catalog");
    private static final StoreCatalog EXAMPLE = new StoreCatalog(5, Map.of("words", 1, "na\u00EFve", 4));

    private static StoreCatalog decode(byte[] body) {
        return StoreCatalogFormat.decode(FILE, ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN));
    }

    private static void assertRefused(int at, int value, String what) {
        byte[] body = StoreCatalogFormat.encode(EXAMPLE);
        ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
        StoreException.Corrupt e = assertThrows(StoreException.Corrupt.class, () -> decode(body));
        assertTrue(e.getMessage().contains(what), e.getMessage());
    }

    @Test
    void decodesWhatItEncodes() {
        assertEquals(StoreCatalog.empty(), decode(StoreCatalogFormat.encode(StoreCatalog.empty())));
        RandomCases.check(500, (random, seed) -> {
            StoreCatalog catalog = StoreCatalog.empty();
            int count = random.nextInt(8);
            for (int i = 0; i < count; i++) {
                String name = "\uD83D\uDE00/../\u0000\u00FC".substring(0, 2 * random.nextInt(4)) + random.nextInt(20);
                catalog = catalog.withIdTaken();
                catalog = catalog.withIndex(name, catalog.nextIndexId() - 1);
                catalog = random.nextInt(4) == 0 ? catalog.withoutIndex(name) : catalog;
            }
            assertEquals(catalog, decode(StoreCatalogFormat.encode(catalog)));
        });
        String longest = "\u00FC".repeat(127) + "x";
        StoreCatalog catalog = new StoreCatalog(2, Map.of(longest, 1));
        assertEquals(catalog, decode(StoreCatalogFormat.encode(catalog)));
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
        byte[] body = StoreCatalogFormat.encode(EXAMPLE);
        for (int length = 0; length < body.length + 20; length++) {
            byte[] cut = Arrays.copyOf(body, length);
            if (length != body.length) {
                assertThrows(StoreException.Corrupt.class, () -> decode(cut), "length " + length);
            }
        }
    }

    @Test
    void everyFlippedBitOfTheFileIsRefused() {
        byte[] file = MetadataFormat.encode(StoreCatalogFormat.MAGIC, 1, 2, StoreCatalogFormat.encode(EXAMPLE));
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
        int first = StoreCatalogFormat.INDEXES_OFFSET;
        int second = first + StoreCatalogFormat.NAME_OFFSET + 6;
        assertRefused(StoreCatalogFormat.NEXT_INDEX_ID_OFFSET, 0, "next index id");
        assertRefused(StoreCatalogFormat.NEXT_INDEX_ID_OFFSET, 4, "index id");
        assertRefused(StoreCatalogFormat.INDEX_COUNT_OFFSET, -1, "indexes");
        assertRefused(StoreCatalogFormat.INDEX_COUNT_OFFSET, Integer.MAX_VALUE, "indexes");
        assertRefused(StoreCatalogFormat.INDEX_COUNT_OFFSET, 1, "body length");
        assertRefused(first, 0, "index id");
        assertRefused(first, 5, "index id");
        assertRefused(second, 4, "index id");
        assertRefused(first + StoreCatalogFormat.NAME_LENGTH_OFFSET, 0, "length of name");
        assertRefused(first + StoreCatalogFormat.NAME_LENGTH_OFFSET, 256, "length of name");
        assertRefused(first + StoreCatalogFormat.NAME_LENGTH_OFFSET, -1, "length of name");
    }

    @Test
    void aNameThatIsNotUtf8IsRefused() {
        byte[] body = StoreCatalogFormat.encode(EXAMPLE);
        body[StoreCatalogFormat.INDEXES_OFFSET + StoreCatalogFormat.NAME_OFFSET] = (byte) 0xFF;
        assertThrows(StoreException.Corrupt.class, () -> decode(body));
    }

    @Test
    void theTablesAndTheExampleMatchTheCode() {
        FormatDocument section = FormatDocument.section("metadata.md", "Catalog");
        Map<String, Integer> offsets = section.table("field", StoreCatalogFormat.INDEXES_OFFSET);
        assertEquals(StoreCatalogFormat.NEXT_INDEX_ID_OFFSET, offsets.get("nextIndexId"));
        assertEquals(StoreCatalogFormat.INDEX_COUNT_OFFSET, offsets.get("indexCount"));
        Map<String, Integer> index = section.table("index", StoreCatalogFormat.NAME_OFFSET);
        assertEquals(StoreCatalogFormat.INDEX_ID_OFFSET, index.get("id"));
        assertEquals(StoreCatalogFormat.NAME_LENGTH_OFFSET, index.get("nameLength"));
        assertEquals(StoreCatalogFormat.NAME_OFFSET, index.get("name"));
        assertTrue(section.text().contains("1 to " + StoreCatalogFormat.NAME_BYTES_MAX + " |"));
        byte[] file = MetadataFormat.encode(
                StoreCatalogFormat.MAGIC,
                0x0123_4567_89AB_CDEFL,
                0x1122_3344_5566_7788L,
                StoreCatalogFormat.encode(EXAMPLE));
        assertEquals(section.example(), FormatDocument.dump(file));
        assertTrue(FormatDocument.read("metadata.md")
                .contains("| `" + StoreCatalog.FILE_NAME + "` | store | \"CLVCATLG\" |"));
    }
}
