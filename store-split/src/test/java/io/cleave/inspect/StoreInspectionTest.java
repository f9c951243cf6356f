package io.cleave.inspect;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.SegmentStore;
import io.cleave.core.run.BlockEntry;
import io.cleave.core.storage.FormatDocument;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.error.StoreException;
import io.cleave.log.LogFileInfo;
import io.cleave.log.LogRecordKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every file is shown whole, with the values that were written. */
final class StoreInspectionTest {
    @TempDir
    private Path directory;

    private StoreInspection inspection;

    @BeforeEach
    void makeStore() {
        inspection = new StoreInspection(StoreFixture.STORAGE, StoreFixture.closed(directory.resolve("store")));
    }

    @Test
    void theCatalogIsShownWhole() throws IOException {
        FileLayout layout = inspection.catalogLayout();
        isWhole(layout);
        assertEquals("CLVCATLG", layout.value("magic"));
        assertEquals(3, layout.value("nextIndexId"));
        assertEquals("main", layout.value("indexes[0].name"));
        assertEquals("other", layout.value("indexes[1].name"));
    }

    @Test
    void theLedgerIsShownByTheTablesOfItsFormat() throws IOException {
        FileLayout layout = inspection.partsLayout();
        isWhole(layout);
        FormatDocument document = FormatDocument.section("metadata.md", "Parts");
        Map<String, Long> wanted = new LinkedHashMap<>();
        int body = MetadataFormat.BODY_OFFSET;
        document.table("field", 24).forEach((name, offset) -> wanted.put(name, (long) body + offset));
        int lines = (int) layout.value("lineCount");
        for (int i = 0; i < lines; i++) {
            String prefix = "lines[" + i + "].";
            long line = body + 24 + 44L * i;
            document.table("line", 44).forEach((name, offset) -> wanted.put(prefix + name, line + offset));
        }
        Map<String, Long> shown = new LinkedHashMap<>();
        layout.fields().stream()
                .filter(field -> wanted.containsKey(field.name()))
                .forEach(field -> shown.put(field.name(), field.offset()));
        assertEquals(wanted, shown);
        assertEquals(layout.fields().size(), wanted.size() + 7, "the frame has seven fields");
    }

    @Test
    void aSegmentOrRunThatNoIdStandsForIsNotFound() {
        long segment = inspection.index("main").segments().get(0).segmentId();
        for (long id : new long[] {0, -1, Long.MIN_VALUE}) {
            StoreException.NotFound noSegment =
                    assertThrows(StoreException.NotFound.class, () -> inspection.segment("main", id));
            assertTrue(noSegment.getMessage().contains("has no segment " + id), noSegment.getMessage());
            StoreException.NotFound run = assertThrows(
                    StoreException.NotFound.class, () -> inspection.run("main", segment, id, layout -> layout));
            assertTrue(run.getMessage().contains("has no run " + id), run.getMessage());
        }
    }

    @Test
    void theLedgerTellsOfEveryPart() {
        FileLayout layout = inspection.partsLayout();
        int segments = inspection.index("main").segments().size()
                + inspection.index("other").segments().size();
        // The catalog, and of each of two indexes key map and segment ids.
        assertEquals(1 + 2 * 2 + segments, layout.value("lineCount"));
        assertEquals(1, layout.value("flags"));
        assertEquals(1, layout.value("lines[0].kind"));
        assertEquals(
                inspection.catalogLayout().value("crc"), layout.value("lines[0].checksum"), "checksum of the catalog");
        long entries = 0;
        for (int i = 0; i < (int) layout.value("lineCount"); i++) {
            entries += (long) layout.value("lines[" + i + "].entries");
        }
        assertEquals(
                inspection.index("main").entries() + inspection.index("other").entries(), entries);
    }

    @Test
    void aStoreOfLevelOneHasNoLedger() {
        Path fixture = Path.of("src", "test", "resources", "fixtures", "1", "defaults");
        StoreInspection old = new StoreInspection(StoreFixture.STORAGE, fixture.toAbsolutePath());
        StoreException.NotFound told = assertThrows(StoreException.NotFound.class, old::partsLayout);
        assertTrue(told.getMessage().contains("of level 1, without the feature ledger"), told::getMessage);
    }

    @Test
    void theKeyMapIsShownWhole() throws IOException {
        FileLayout layout = inspection.keyMapLayout("main");
        isWhole(layout);
        int ranges = inspection.keyMap("main").ranges().size();
        assertEquals(ranges, layout.value("rangeCount"));
        assertArrayEquals(inspection.keyMap("main").ranges().get(1).lower(), (byte[]) layout.value("ranges[1].lower"));
    }

    @Test
    void theMarkIsShownWhole() throws IOException {
        isWhole(inspection.segmentIdsLayout("main"));
    }

    @Test
    void everyManifestIsShownWhole() throws IOException {
        for (SegmentLook segment : inspection.index("main").segments()) {
            FileLayout layout = inspection.manifestLayout("main", segment.segmentId());
            isWhole(layout);
            assertEquals(segment.segmentId(), layout.value("segmentId"));
            assertEquals(segment.runs().size(), layout.value("runCount"));
            if (!segment.runs().isEmpty()) {
                assertEquals(segment.runs().get(0).runNumber(), layout.value("runs[0].runNumber"));
            }
        }
    }

    @Test
    void theEntriesOfAllBlocksAreThoseThatWereWritten() {
        List<String> keys = new ArrayList<>();
        for (SegmentLook segment : inspection.index("main").segments()) {
            for (SegmentLook.RunLook run : segment.runs()) {
                for (BlockEntry entry : entries(segment.segmentId(), run.runNumber())) {
                    keys.add(new String(entry.key(), java.nio.charset.StandardCharsets.UTF_8));
                }
            }
        }
        assertTrue(keys.stream().distinct().count() >= 499, "key-00008 alone was deleted");
        assertEquals(inspection.index("main").entries(), keys.size());
    }

    private List<BlockEntry> entries(long segmentId, long runNumber) {
        return inspection.run("main", segmentId, runNumber, layout -> {
            List<BlockEntry> entries = new ArrayList<>();
            for (int block = 0; block < layout.blocks(); block++) {
                entries.addAll(layout.entries(block));
            }
            return entries;
        });
    }

    @Test
    void headerBlocksPropertiesAndFooterOfARunDoNotOverlap() {
        SegmentLook segment = inspection.index("main").segments().get(0);
        inspection.run("main", segment.segmentId(), segment.runs().get(0).runNumber(), layout -> {
            assertEquals(64, end(layout.header(), 0));
            assertEquals(64, layout.block(0).offset());
            List<FileField> trailer = layout.trailer(0);
            assertEquals(
                    layout.block(0).offset() + layout.block(0).storedBytes(),
                    end(trailer, trailer.get(0).offset()));
            assertEquals(layout.block(0).entries(), trailer.get(1).value());
            long properties = layout.properties().get(0).offset();
            assertEquals(layout.footer().get(0).offset(), end(layout.properties(), properties));
            assertEquals(
                    layout.bytes(), end(layout.footer(), layout.footer().get(0).offset()));
            assertThrows(StoreException.NotFound.class, () -> layout.block(layout.blocks()));
            return layout;
        });
    }

    @Test
    void theLogShowsEveryOperation() {
        List<LogLayout.Operation> operations = new ArrayList<>();
        List<LogRecordKind> kinds = new ArrayList<>();
        Path other = directory.resolve("open");
        try (SegmentStore store = SegmentStore.open(other, StoreFixture.options())) {
            for (int i = 0; i < 10; i++) {
                store.index("main").put(StoreFixture.key(i), StoreFixture.bytes("v" + i));
            }
            store.index("main").delete(StoreFixture.key(3));
            StoreInspection look = new StoreInspection(StoreFixture.STORAGE, other);
            for (LogFileInfo file : look.logFiles()) {
                if (file.identity() == null) {
                    // The next one, which the open store is just making.
                    continue;
                }
                LogLayout layout = look.log(file.number());
                assertEquals("CLEAVLOG", layout.blocks().value("magic"));
                assertEquals(file.number(), layout.blocks().value("number"));
                if (file.chain() != null) {
                    assertEquals(1, layout.blocks().value("started"));
                    assertEquals(file.chain().base(), layout.blocks().value("base"));
                }
                layout.records(record -> {
                    kinds.add(record.kind());
                    List<FileField> header = layout.header(record);
                    assertEquals(record.offset() + 32, end(header, record.offset()));
                    assertEquals(record.firstSequence(), header.get(2).value());
                    operations.addAll(LogLayout.operations(record));
                });
            }
        }
        assertEquals(11, operations.size());
        assertArrayEquals(StoreFixture.key(4), operations.get(4).key());
        assertArrayEquals(StoreFixture.bytes("v4"), operations.get(4).value());
        assertArrayEquals(StoreFixture.key(3), operations.get(10).key());
        assertEquals(
                io.cleave.core.entry.EntryKind.TOMBSTONE, operations.get(10).kind());
        assertEquals(11, kinds.stream().filter(LogRecordKind.DATA::equals).count());
    }

    @Test
    void nothingIsChanged() throws IOException {
        Map<String, String> before = StoreFixture.contents(inspection.directory());
        inspection.index("main");
        inspection.catalogLayout();
        inspection.logFiles().forEach(file -> inspection.log(file.number()).records(record -> {}));
        assertEquals(before, StoreFixture.contents(inspection.directory()));
    }

    @Test
    void whatIsNotThereIsRefusedByName() {
        assertThrows(StoreException.NotFound.class, () -> inspection.index("none"));
        assertThrows(StoreException.NotFound.class, () -> inspection.segment("main", 4711));
        assertThrows(StoreException.NotFound.class, () -> inspection.segment("main", -1));
        assertThrows(StoreException.NotFound.class, () -> inspection.log(4711));
        assertThrows(
                StoreException.NotFound.class,
                () -> inspection.run(
                        "main", inspection.index("main").segments().get(0).segmentId(), 4711, run -> run));
        assertThrows(
                StoreException.NotFound.class, () -> new StoreInspection(StoreFixture.STORAGE, directory).catalog());
    }

    @Test
    void garbageIsRefusedAsCorrupt() throws IOException {
        Files.writeString(inspection.directory().resolve("catalog"), "garbage that is longer than any frame could be");
        assertThrows(StoreException.Corrupt.class, inspection::catalogLayout);
    }

    private static void isWhole(FileLayout layout) throws IOException {
        assertFalse(layout.fields().isEmpty());
        assertEquals(layout.bytes(), end(layout.fields(), 0));
        assertEquals(Files.size(layout.file()), layout.bytes());
    }

    /** Offset behind the last field; fails when there is a gap or an overlap before it. */
    private static long end(List<FileField> fields, long from) {
        long at = from;
        for (FileField field : fields) {
            assertEquals(at, field.offset(), () -> "before " + field.name());
            at += field.bytes();
        }
        return at;
    }
}
