package io.cleave.core.parts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.bytes.RandomCases;
import io.cleave.core.storage.FormatDocument;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** docs/format/metadata.md, "Parts", says what the code does, and every other file is refused. */
final class PartsLedgerFormatTest {
    private static final StoreIdentity STORE = new StoreIdentity(0x0123_4567_89AB_CDEFL, 0x1122_3344_5566_7788L);
    private static final Path FILE = SimulatedStorage.DIRECTORY.resolve(PartsLedger.FILE_NAME);
    private static final FormatDocument PARTS = FormatDocument.section("metadata.md", "Parts");

    private static PartsLedger example() {
        TreeMap<PartId, PartLine> lines = new TreeMap<>();
        lines.put(PartId.CATALOG, new PartLine(3, 0x1122_3344, PartLine.Contents.NONE));
        lines.put(PartId.manifest(3, 7), new PartLine(6, 0x5566_7788, new PartLine.Contents(1073, 128_023)));
        return new PartsLedger(9, true, 42, 5, lines);
    }

    private static byte[] file(PartsLedger ledger) {
        return MetadataFormat.encode(
                PartsLedgerFormat.MAGIC, STORE, ledger.version(), PartsLedgerFormat.encode(ledger));
    }

    private static PartsLedger decode(byte[] file) {
        return PartsLedgerFormat.decode(FILE, MetadataFormat.decode(FILE, PartsLedgerFormat.MAGIC, file));
    }

    private static PartsLedger random(SplittableRandom random) {
        TreeMap<PartId, PartLine> lines = new TreeMap<>();
        for (int i = random.nextInt(9); i > 0; i--) {
            int index = 1 + random.nextInt(3);
            PartId part = switch (random.nextInt(4)) {
                case 0 -> PartId.CATALOG;
                case 1 -> PartId.keyMap(index);
                case 2 -> PartId.segmentIds(index);
                default -> PartId.manifest(index, 1 + random.nextLong(1L << 40));
            };
            PartLine.Contents contents =
                    new PartLine.Contents(random.nextLong(1L << 40) - 1, random.nextLong(1L << 50));
            lines.put(part, new PartLine(random.nextLong(1L << 50), random.nextInt(), contents));
        }
        return new PartsLedger(
                1 + random.nextLong(1L << 50),
                random.nextBoolean(),
                random.nextLong(1L << 50),
                random.nextInt(9),
                lines);
    }

    @Test
    void decodesWhatItEncodes() {
        RandomCases.check(500, (random, seed) -> {
            PartsLedger ledger = random(random);
            assertEquals(ledger, decode(file(ledger)));
        });
    }

    @Test
    void everyFlippedBitAndEveryOtherLengthOfTheFileIsRefused() {
        byte[] file = file(example());
        for (int bit = 0; bit < file.length * 8; bit++) {
            file[bit / 8] ^= (byte) (1 << bit % 8);
            assertThrows(StoreException.Corrupt.class, () -> decode(file), "bit " + bit);
            file[bit / 8] ^= (byte) (1 << bit % 8);
        }
        byte[] body = PartsLedgerFormat.encode(example());
        for (int length = 0; length < body.length + 50; length++) {
            byte[] cut = MetadataFormat.encode(PartsLedgerFormat.MAGIC, STORE, 9, Arrays.copyOf(body, length));
            if (length != body.length) {
                assertThrows(StoreException.Corrupt.class, () -> decode(cut), "length " + length);
            }
        }
    }

    @Test
    void namesTheFirstWrongField() {
        int second = PartsLedgerFormat.LINES_OFFSET + PartsLedgerFormat.LINE_LENGTH;
        assertRefused(PartsLedgerFormat.FLAGS_OFFSET, 2, "flags");
        assertRefused(PartsLedgerFormat.LINE_COUNT_OFFSET, -1, "body length");
        assertRefused(PartsLedgerFormat.LINE_COUNT_OFFSET, Integer.MAX_VALUE, "body length");
        assertRefused(PartsLedgerFormat.SEQUENCE_OFFSET + 4, -1, "sequence number");
        assertRefused(PartsLedgerFormat.LOG_FILE_OFFSET + 4, -1, "number of a log file");
        assertRefused(PartsLedgerFormat.LINES_OFFSET, 0, "kind of part");
        assertRefused(PartsLedgerFormat.LINES_OFFSET, 5, "kind of part");
        assertRefused(PartsLedgerFormat.LINES_OFFSET + PartsLedgerFormat.LINE_INDEX_ID_OFFSET, 1, "index id");
        assertRefused(second + PartsLedgerFormat.LINE_INDEX_ID_OFFSET, 0, "index id");
        assertRefused(second + PartsLedgerFormat.LINE_SEGMENT_ID_OFFSET, 0, "segment id");
        assertRefused(second + PartsLedgerFormat.LINE_VERSION_OFFSET + 4, -1, "version of the part");
        assertRefused(second + PartsLedgerFormat.LINE_ENTRIES_OFFSET + 4, -1, "entries");
        assertRefused(second + PartsLedgerFormat.LINE_BYTES_OFFSET + 4, -1, "bytes");
        byte[] twice = PartsLedgerFormat.encode(example());
        System.arraycopy(twice, second, twice, PartsLedgerFormat.LINES_OFFSET, PartsLedgerFormat.LINE_LENGTH);
        assertRefused(twice, "part");
    }

    private static void assertRefused(int at, int value, String what) {
        byte[] body = PartsLedgerFormat.encode(example());
        ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
        assertRefused(body, what);
    }

    private static void assertRefused(byte[] body, String what) {
        byte[] file = MetadataFormat.encode(PartsLedgerFormat.MAGIC, STORE, 9, body);
        StoreException.Corrupt e = assertThrows(StoreException.Corrupt.class, () -> decode(file));
        assertEquals(what, e.rule(), e.getMessage());
    }

    @Test
    void aLedgerInAFrameWithoutAVersionIsRefused() {
        SimulatedStorage storage = new SimulatedStorage(1);
        byte[] body = PartsLedgerFormat.encode(example());
        io.cleave.core.storage.MetadataFile.publish(
                storage, FILE, MetadataFormat.encode(PartsLedgerFormat.MAGIC, STORE, body));
        assertThrows(StoreException.Corrupt.class, () -> PartsLedgerFormat.read(storage, FILE, STORE));
        Parts.write(storage, FILE, STORE, example());
        assertEquals(example(), PartsLedgerFormat.read(storage, FILE, STORE));
        assertThrows(
                StoreException.Corrupt.class,
                () -> PartsLedgerFormat.read(storage, FILE, new StoreIdentity(STORE.high(), 1)));
    }

    @Test
    void theTablesAndTheExampleMatchTheCode() {
        Map<String, Integer> fields = PARTS.table("field", PartsLedgerFormat.LINES_OFFSET);
        assertEquals(PartsLedgerFormat.FLAGS_OFFSET, fields.get("flags"));
        assertEquals(PartsLedgerFormat.LINE_COUNT_OFFSET, fields.get("lineCount"));
        assertEquals(PartsLedgerFormat.SEQUENCE_OFFSET, fields.get("sequence"));
        assertEquals(PartsLedgerFormat.LOG_FILE_OFFSET, fields.get("logFile"));
        Map<String, Integer> line = PARTS.table("line", PartsLedgerFormat.LINE_LENGTH);
        assertEquals(PartsLedgerFormat.LINE_KIND_OFFSET, line.get("kind"));
        assertEquals(PartsLedgerFormat.LINE_INDEX_ID_OFFSET, line.get("indexId"));
        assertEquals(PartsLedgerFormat.LINE_SEGMENT_ID_OFFSET, line.get("segmentId"));
        assertEquals(PartsLedgerFormat.LINE_VERSION_OFFSET, line.get("version"));
        assertEquals(PartsLedgerFormat.LINE_ENTRIES_OFFSET, line.get("entries"));
        assertEquals(PartsLedgerFormat.LINE_BYTES_OFFSET, line.get("bytes"));
        assertEquals(PartsLedgerFormat.LINE_CHECKSUM_OFFSET, line.get("checksum"));
        assertEquals(PARTS.example(), FormatDocument.dump(file(example())));
        String page = FormatDocument.read("metadata.md");
        assertTrue(page.contains("| `" + PartsLedger.FILE_NAME + "` | store | \"CLVPARTS\" |"));
        assertTrue(page.contains(PartsLedgerFormat.FILE_BYTES_MAX + " for the ledger"));
    }
}
