package io.cleave.core.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.cleave.core.run.RunFixture.Entry;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a thread keeps of the compressed blocks it looked up. */
final class PackedBlocksTest {
    private static final RunOptions LZ4 = new RunOptions(Compression.LZ4, 4_096, FilterKind.POINT_INDEX);

    private final RunFixture fixture = new RunFixture();

    @Test
    void aThreadKeepsACommonBlockAndNoLargeOne() {
        Entry large = Entry.put("k".repeat(40_000), 1, "v".repeat(1 << 20));
        Entry small = Entry.put("small", 2, "value");
        fixture.write(LZ4, List.of(large, small));
        try (Run run = fixture.open()) {
            assertEquals(small, RunFixture.find(run, small.key(), 9));
            PackedBlock kept = PackedBlocks.LAST_USED.own();
            assertEquals(small, RunFixture.find(run, small.key(), 9));
            assertSame(kept, PackedBlocks.LAST_USED.own());
            assertEquals(large, RunFixture.find(run, large.key(), 9));
            assertFalse(PackedBlocks.LAST_USED.own().isLarge());
            assertEquals(small, RunFixture.find(run, small.key(), 9));
        }
    }
}
