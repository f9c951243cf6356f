package io.cleave.core.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** docs/format/metadata.md, "Frame", says what the code does. */
final class MetadataSpecTest {
    @Test
    void theTableMatchesTheCode() {
        FormatDocument frame = FormatDocument.section("metadata.md", "Frame");
        int trailer = MetadataFormat.trailerBytes(MetadataFormat.VERSION);
        Map<String, Integer> offsets = frame.table("field", MetadataFormat.BODY_OFFSET + trailer);
        assertEquals(MetadataFormat.MAGIC_OFFSET, offsets.get("magic"));
        assertEquals(MetadataFormat.VERSION_OFFSET, offsets.get("version"));
        assertEquals(MetadataFormat.LENGTH_OFFSET, offsets.get("length"));
        assertEquals(MetadataFormat.STORE_HIGH_OFFSET, offsets.get("storeHigh"));
        assertEquals(MetadataFormat.STORE_LOW_OFFSET, offsets.get("storeLow"));
        assertEquals(MetadataFormat.BODY_OFFSET, offsets.get("partVersion"));
        assertEquals(MetadataFormat.BODY_OFFSET + MetadataFormat.PART_VERSION_BYTES, offsets.get("crc"));
        String page = FormatDocument.read("metadata.md");
        assertTrue(page.contains("Version: " + MetadataFormat.VERSION + ","));
        assertTrue(page.contains("Limit: " + MetadataFormat.FILE_BYTES_MAX + " bytes"));
        assertTrue(page.contains("`" + MetadataFile.TEMPORARY_SUFFIX + "`"));
    }

    @Test
    void theExampleIsWhatTheCodeWrites() {
        byte[] file = MetadataFormat.encode(
                MetadataFormat.magic("CLVTESTS"),
                new StoreIdentity(0x0123_4567_89AB_CDEFL, 0x1122_3344_5566_7788L),
                7,
                new byte[] {1, 2, 3});
        assertEquals(FormatDocument.section("metadata.md", "Frame").example(), FormatDocument.dump(file));
    }
}
