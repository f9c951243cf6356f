package io.cleave.route;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.bytes.RandomCases;
import io.cleave.core.entry.EntryLimits;
import io.cleave.core.storage.FormatDocument;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Also: docs/format/metadata.md, "Key map", says what the code does. */
final class KeyMapFormatTest {
    private static final Path FILE = Path.of("index-00001/key-map");

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static KeyMap.Range range(String lower, long segmentId) {
        return new KeyMap.Range(ascii(lower), segmentId);
    }

    private static KeyMap example() {
        return new KeyMap(3, 12, List.of(range("", 7), range("apple", 9), range("plum", 8)));
    }

    private static KeyMap decode(byte[] body) {
        return KeyMapFormat.decode(FILE, ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN));
    }

    private static KeyMap random(SplittableRandom random) {
        TreeSet<byte[]> lowers = new TreeSet<>(KeyOrder::compare);
        int count = random.nextInt(20);
        for (int i = 0; i < count; i++) {
            lowers.add(RandomCases.key(random, 12));
        }
        List<KeyMap.Range> ranges = new ArrayList<>();
        ranges.add(new KeyMap.Range(new byte[0], 1 + random.nextLong(1L << 50)));
        lowers.forEach(lower -> ranges.add(new KeyMap.Range(lower, 1 + random.nextLong(1L << 50))));
        return new KeyMap(random.nextInt(), random.nextLong(), ranges);
    }

    private static void assertEqual(KeyMap expected, KeyMap found) {
        assertEquals(expected.indexId(), found.indexId());
        assertEquals(expected.version(), found.version());
        assertEquals(expected.ranges().size(), found.ranges().size());
        for (int i = 0; i < found.ranges().size(); i++) {
            assertEquals(
                    expected.ranges().get(i).segmentId(), found.ranges().get(i).segmentId());
            assertArrayEquals(
                    expected.ranges().get(i).lower(), found.ranges().get(i).lower());
        }
    }

    @Test
    void decodesWhatItEncodes() {
        RandomCases.check(1_000, (random, seed) -> {
            KeyMap map = random(random);
            assertEqual(map, decode(KeyMapFormat.encode(map)));
        });
        KeyMap longest =
                new KeyMap(1, 1, List.of(range("", 1), new KeyMap.Range(new byte[EntryLimits.KEY_BYTES_MAX], 2)));
        assertEqual(longest, decode(KeyMapFormat.encode(longest)));
    }

    @Test
    void everyOtherLengthIsRefused() {
        byte[] body = KeyMapFormat.encode(example());
        for (int length = 0; length < body.length + 20; length++) {
            byte[] cut = Arrays.copyOf(body, length);
            if (length != body.length) {
                assertThrows(StoreException.Corrupt.class, () -> decode(cut), "length " + length);
            }
        }
    }

    @Test
    void everyFlippedBitOfTheFileIsRefused() {
        byte[] file =
                MetadataFormat.encode(KeyMapFormat.MAGIC, new StoreIdentity(1, 2), KeyMapFormat.encode(example()));
        for (int bit = 0; bit < file.length * 8; bit++) {
            file[bit / 8] ^= (byte) (1 << bit % 8);
            assertThrows(
                    StoreException.Corrupt.class,
                    () -> MetadataFormat.decode(FILE, KeyMapFormat.MAGIC, file),
                    "" + bit);
            file[bit / 8] ^= (byte) (1 << bit % 8);
        }
    }

    private static void assertRefused(int at, int value, String what) {
        byte[] body = KeyMapFormat.encode(example());
        ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
        StoreException.Corrupt e = assertThrows(StoreException.Corrupt.class, () -> decode(body));
        assertTrue(e.getMessage().contains(what), e.getMessage());
    }

    @Test
    void rangesThatDoNotTileTheKeySpaceAreRefused() {
        assertRefused(KeyMapFormat.RANGE_COUNT_OFFSET, 0, "ranges");
        assertRefused(KeyMapFormat.RANGE_COUNT_OFFSET, -1, "ranges");
        assertRefused(KeyMapFormat.RANGE_COUNT_OFFSET, Integer.MAX_VALUE, "ranges");
        assertRefused(KeyMapFormat.RANGE_COUNT_OFFSET, 2, "body length");
        assertRefused(KeyMapFormat.RANGES_OFFSET, 0, "segment id");
        assertRefused(KeyMapFormat.RANGES_OFFSET + KeyMapFormat.RANGE_LENGTH_OFFSET, 1, "lower key");
        assertRefused(KeyMapFormat.RANGES_OFFSET + KeyMapFormat.RANGE_LENGTH_OFFSET, -1, "length of lower key");
        for (KeyMap.Range wrong : List.of(range("apple", 8), range("app", 8), range("", 8))) {
            byte[] body = KeyMapFormat.encode(new KeyMap(3, 1, List.of(range("", 7), range("apple", 9), wrong)));
            assertThrows(StoreException.Corrupt.class, () -> decode(body));
        }
        byte[] tooLong = KeyMapFormat.encode(new KeyMap(
                1, 1, List.of(range("", 1), new KeyMap.Range(new byte[EntryLimits.KEY_BYTES_MAX + 1], 2))));
        assertThrows(StoreException.Corrupt.class, () -> decode(tooLong));
    }

    @Test
    void theTablesAndTheExampleMatchTheCode() {
        FormatDocument section = FormatDocument.section("metadata.md", "Key map");
        Map<String, Integer> offsets = section.table("field", KeyMapFormat.RANGES_OFFSET);
        assertEquals(KeyMapFormat.INDEX_ID_OFFSET, offsets.get("indexId"));
        assertEquals(KeyMapFormat.RANGE_COUNT_OFFSET, offsets.get("rangeCount"));
        assertEquals(KeyMapFormat.VERSION_OFFSET, offsets.get("version"));
        Map<String, Integer> range = section.table("range", KeyMapFormat.RANGE_LOWER_OFFSET);
        assertEquals(KeyMapFormat.RANGE_SEGMENT_OFFSET, range.get("segmentId"));
        assertEquals(KeyMapFormat.RANGE_LENGTH_OFFSET, range.get("lowerLength"));
        assertEquals(KeyMapFormat.RANGE_LOWER_OFFSET, range.get("lower"));
        assertTrue(section.text().contains("0 to " + EntryLimits.KEY_BYTES_MAX + ";"));
        byte[] file = MetadataFormat.encode(
                KeyMapFormat.MAGIC,
                new StoreIdentity(0x0123_4567_89AB_CDEFL, 0x1122_3344_5566_7788L),
                12,
                KeyMapFormat.encode(example()));
        assertEquals(section.example(), FormatDocument.dump(file));
        assertTrue(FormatDocument.read("metadata.md")
                .contains("| `" + KeyMapFormat.FILE_NAME + "` | index | \"CLVKEYMP\" |"));
    }
}
