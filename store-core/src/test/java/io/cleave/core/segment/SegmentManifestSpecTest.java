package io.cleave.core.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.entry.EntryLimits;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.storage.FormatDocument;
import io.cleave.core.storage.MetadataFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** docs/format/metadata.md, "Manifest", says what the code does. */
final class SegmentManifestSpecTest {
    private static final FormatDocument MANIFEST = FormatDocument.section("metadata.md", "Manifest");

    @Test
    void theTablesMatchTheCode() {
        Map<String, Integer> offsets = MANIFEST.table("field", SegmentManifestFormat.RUNS_OFFSET);
        assertEquals(SegmentManifestFormat.INDEX_ID_OFFSET, offsets.get("indexId"));
        assertEquals(SegmentManifestFormat.FLAGS_OFFSET, offsets.get("flags"));
        assertEquals(SegmentManifestFormat.SEGMENT_ID_OFFSET, offsets.get("segmentId"));
        assertEquals(SegmentManifestFormat.FLUSHED_SEQUENCE_OFFSET, offsets.get("flushedSequence"));
        assertEquals(SegmentManifestFormat.NEXT_RUN_NUMBER_OFFSET, offsets.get("nextRunNumber"));
        assertEquals(SegmentManifestFormat.RUN_COUNT_OFFSET, offsets.get("runCount"));
        assertEquals(SegmentManifestFormat.LOWER_LENGTH_OFFSET, offsets.get("lowerLength"));
        assertEquals(SegmentManifestFormat.UPPER_LENGTH_OFFSET, offsets.get("upperLength"));
        Map<String, Integer> run = MANIFEST.table("run", SegmentManifestFormat.RUN_BYTES);
        assertEquals(SegmentManifestFormat.RUN_NUMBER_OFFSET, run.get("runNumber"));
        assertEquals(SegmentManifestFormat.RUN_FILE_BYTES_OFFSET, run.get("fileBytes"));
        assertEquals(SegmentManifestFormat.RUN_ENTRIES_OFFSET, run.get("entries"));
        assertTrue(MANIFEST.text().contains(SegmentManifestFormat.ENTRIES_PRESENT + ": each run tells its entries"));
        assertTrue(MANIFEST.text().contains(SegmentManifestFormat.LOWER_PRESENT + ": there is a lower bound"));
        assertTrue(MANIFEST.text().contains(SegmentManifestFormat.UPPER_PRESENT + ": there is an upper bound"));
        assertTrue(MANIFEST.text().contains("beyond " + (EntryLimits.KEY_BYTES_MAX + 1) + " bytes"));
    }

    @Test
    void theExampleIsWhatTheCodeWrites() {
        SegmentManifest manifest = new SegmentManifest(
                3,
                7,
                new KeyBounds(SegmentFixture.bytes("d"), SegmentFixture.bytes("pq")),
                42,
                9,
                List.of(new SegmentManifest.RunEntry(8, 4567, 31), new SegmentManifest.RunEntry(5, 123_456, 1042)));
        byte[] file = MetadataFormat.encode(
                SegmentManifestFormat.MAGIC,
                SegmentFixture.STORE,
                6,
                SegmentManifestFormat.encode(manifest, MetadataFormat.VERSION));
        assertEquals(MANIFEST.example(), FormatDocument.dump(file));
        String page = FormatDocument.read("metadata.md");
        assertTrue(page.contains("| `" + SegmentManifest.FILE_NAME + "` | segment | \"CLVMANIF\" |"));
    }
}
