package io.cleave.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.entry.EntryKind;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.StoreIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/format/log.md says what the code does. */
final class LogSpecTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (\\d+) \\| (\\d+) \\| (\\w+) \\|");
    private static final Pattern BYTES = Pattern.compile("(?m)^([0-9]{4})  ((?:[0-9a-f]{2} ?)+)");

    @Test
    void identityTableMatchesTheCode() throws IOException {
        Map<String, Integer> offsets = table("## Identity block", LogIdentityFormat.LENGTH);
        assertEquals(LogIdentityFormat.MAGIC_OFFSET, offsets.get("magic"));
        assertEquals(LogIdentityFormat.VERSION_OFFSET, offsets.get("version"));
        assertEquals(LogIdentityFormat.LEDGER_HIGH_OFFSET, offsets.get("ledgerHigh"));
        assertEquals(LogIdentityFormat.LEDGER_LOW_OFFSET, offsets.get("ledgerLow"));
        assertEquals(LogIdentityFormat.STORE_HIGH_OFFSET, offsets.get("storeHigh"));
        assertEquals(LogIdentityFormat.STORE_LOW_OFFSET, offsets.get("storeLow"));
        assertEquals(LogIdentityFormat.NUMBER_OFFSET, offsets.get("number"));
        assertEquals(LogIdentityFormat.BOOT_ID_OFFSET, offsets.get("bootId"));
        assertEquals(LogIdentityFormat.FILE_BYTES_OFFSET, offsets.get("fileBytes"));
        assertEquals(LogIdentityFormat.CRC_OFFSET, offsets.get("crc"));
    }

    @Test
    void chainTableMatchesTheCode() throws IOException {
        Map<String, Integer> offsets = table("## Chain block", LogChainFormat.LENGTH);
        assertEquals(LogChainFormat.BASE_OFFSET, offsets.get("base"));
        assertEquals(LogChainFormat.PREDECESSOR_OFFSET, offsets.get("predecessor"));
        assertEquals(LogChainFormat.SYNCED_OFFSET, offsets.get("synced"));
        assertEquals(LogChainFormat.CRC_OFFSET, offsets.get("crc"));
    }

    @Test
    void recordTableMatchesTheCode() throws IOException {
        Map<String, Integer> offsets = table("## Record", LogRecordFormat.HEADER_BYTES);
        assertEquals(LogRecordFormat.LENGTH_OFFSET, offsets.get("length"));
        assertEquals(LogRecordFormat.BODY_CRC_OFFSET, offsets.get("bodyCrc"));
        assertEquals(LogRecordFormat.SEQUENCE_AND_KIND_OFFSET, offsets.get("firstSequence"));
        assertEquals(LogRecordFormat.SEQUENCE_AND_KIND_OFFSET + 7, offsets.get("kind"));
        assertEquals(LogRecordFormat.SYNCED_OFFSET, offsets.get("synced"));
        assertEquals(LogRecordFormat.OPERATIONS_OFFSET, offsets.get("operations"));
        assertEquals(LogRecordFormat.HEADER_CRC_OFFSET, offsets.get("headerCrc"));
    }

    @Test
    void namesEveryCodeAndNumber() throws IOException {
        String document = Files.readString(document()).replaceAll("\\s+", " ");
        for (LogRecordKind kind : LogRecordKind.values()) {
            assertTrue(document.contains("| " + kind.code() + " | " + kind + " |"), kind.toString());
            assertEquals(kind, LogRecordKind.of(kind.code()));
        }
        assertNull(LogRecordKind.of(0));
        assertNull(LogRecordKind.of(4));
        assertTrue(document.contains("| " + EntryKind.PUT + " | put |"));
        assertTrue(document.contains("| " + EntryKind.TOMBSTONE + " | delete |"));
        assertTrue(document.contains("offset " + LogChainFormat.AT + ","));
        assertTrue(document.contains("offset " + LogChainFormat.FILE_HEADER_BYTES + ","));
        assertTrue(document.contains("Version: " + LogIdentityFormat.VERSION + "."));
        assertTrue(document.contains(LogRecordFormat.BODY_BYTES_MAX + " bytes"));
    }

    @Test
    void workedExampleIsWhatTheCodeWrites() throws IOException {
        SimulatedStorage storage = new SimulatedStorage(1);
        LogOptions options = new LogOptions(LogHistory.SMALL.fileBytes(), () -> 4);
        WriteAheadLog log = WriteAheadLog.open(storage, LogHistory.DIRECTORY, LogHistory.STORE, options, record -> {});
        OperationsEncoder encoder = new OperationsEncoder();
        encoder.put(7, "key".getBytes(StandardCharsets.US_ASCII), "value".getBytes(StandardCharsets.US_ASCII));
        encoder.delete(300, "k".getBytes(StandardCharsets.US_ASCII));
        log.append(5, encoder.operations(), encoder.array(), encoder.length());
        log.close();
        byte[] file = storage.readAll(LogDirectory.file(LogHistory.DIRECTORY, 1), 1 << 20);

        byte[] expected = new byte[file.length];
        List<String> lines = new ArrayList<>();
        Matcher matcher = BYTES.matcher(section("## Worked example"));
        while (matcher.find()) {
            byte[] line = HexFormat.ofDelimiter(" ").parseHex(matcher.group(2).strip());
            System.arraycopy(line, 0, expected, Integer.parseInt(matcher.group(1)), line.length);
            lines.add(matcher.group());
        }
        assertArrayEquals(expected, file, () -> "written:\n" + dump(file) + "\ndocumented:\n" + lines);
    }

    @Test
    void everyFlippedBitOfAHeaderBlockIsRejected() {
        Path path = Path.of("log-00000001");
        LogIdentity without = new LogIdentity(new StoreIdentity(1, 2), 3, 4, 4096);
        assertEquals(without, LogIdentityFormat.decode(path, LogIdentityFormat.encode(without)));
        LogIdentity identity = new LogIdentity(new StoreIdentity(1, 2), 3, 4, 4096, 5L << 32 | 6);
        byte[] block = LogIdentityFormat.encode(identity);
        assertEquals(identity, LogIdentityFormat.decode(path, block));
        LogChain chain = new LogChain(1, 2, 3);
        byte[] chainBlock = LogChainFormat.encode(chain, identity.seed());
        assertEquals(chain, LogChainFormat.decode(chainBlock, identity.seed()));
        assertNull(LogChainFormat.decode(chainBlock, identity.seed() + 1));
        for (int bit = 0; bit < block.length * 8; bit++) {
            block[bit / 8] ^= (byte) (1 << bit % 8);
            assertNull(LogIdentityFormat.decode(path, block), "bit " + bit);
            block[bit / 8] ^= (byte) (1 << bit % 8);
        }
        for (int bit = 0; bit < chainBlock.length * 8; bit++) {
            chainBlock[bit / 8] ^= (byte) (1 << bit % 8);
            assertNull(LogChainFormat.decode(chainBlock, identity.seed()), "bit " + bit);
            chainBlock[bit / 8] ^= (byte) (1 << bit % 8);
        }
        assertNotEquals(LogIdentity.seed(new StoreIdentity(1, 2), 3), LogIdentity.seed(new StoreIdentity(1, 2), 4));
    }

    /** The bytes that are not zero, 16 to a line. */
    private static String dump(byte[] file) {
        StringBuilder text = new StringBuilder();
        for (int at = 0; at < file.length; at += 16) {
            byte[] line = Arrays.copyOfRange(file, at, Math.min(file.length, at + 16));
            if (!Arrays.equals(line, new byte[line.length])) {
                text.append(String.format(
                        "%04d  %s%n", at, HexFormat.ofDelimiter(" ").formatHex(line)));
            }
        }
        return text.toString();
    }

    private static Map<String, Integer> table(String section, int length) throws IOException {
        Map<String, Integer> offsets = new LinkedHashMap<>();
        int end = 0;
        Matcher row = ROW.matcher(section(section));
        while (row.find()) {
            assertEquals(end, Integer.parseInt(row.group(1)), "gap or overlap before " + row.group(3));
            offsets.put(row.group(3), end);
            end += Integer.parseInt(row.group(2));
        }
        assertEquals(length, end);
        return offsets;
    }

    private static String section(String heading) throws IOException {
        String document = Files.readString(document());
        int from = document.indexOf("\n" + heading + "\n");
        assertTrue(from >= 0, heading);
        int to = document.indexOf("\n## ", from + 1);
        return document.substring(from, to < 0 ? document.length() : to);
    }

    private static Path document() {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.exists(here.resolve("docs/format/log.md"))) {
            here = here.getParent();
        }
        return here.resolve("docs/format/log.md");
    }
}
