package io.cleave.core.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.segment.SegmentFixture;
import io.cleave.core.storage.FormatDocument;
import io.cleave.core.storage.SimulatedStorage;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** docs/format/metadata.md, "Segment ids", says what the code does. */
final class SegmentIdsSpecTest {
    private static final FormatDocument IDS = FormatDocument.section("metadata.md", "Segment ids");

    @Test
    void theTableAndTheReserveMatchTheCode() {
        assertEquals(Map.of("mark", 0), IDS.table("field", Long.BYTES));
        assertTrue(IDS.text().contains("up to " + SegmentIdAllocator.RESERVED_AT_ONCE + " ids ahead"));
        String page = FormatDocument.read("metadata.md");
        assertTrue(page.contains("| `" + SegmentIdAllocator.FILE_NAME + "` | index | \"CLVSEGID\" |"));
    }

    @Test
    void theExampleIsWhatTheCodeWrites() {
        SimulatedStorage storage = new SimulatedStorage(1);
        storage.createDirectory(SimulatedStorage.DIRECTORY.resolve(SegmentDirectory.name(8)));
        SegmentIdAllocator allocator = new SegmentIdAllocator(
                storage, SegmentFixture.parts(storage), SegmentFixture.INDEX_ID, SimulatedStorage.DIRECTORY);
        assertEquals(9, allocator.next());
        byte[] file = storage.readAll(SimulatedStorage.DIRECTORY.resolve(SegmentIdAllocator.FILE_NAME), 1000);
        assertEquals(IDS.example(), FormatDocument.dump(file));
    }
}
