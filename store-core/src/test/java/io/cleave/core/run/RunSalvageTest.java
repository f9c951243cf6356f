package io.cleave.core.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.run.RunFixture.Entry;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is wrong with a run, every block that is whole is kept, and each place where entries are missing is told. */
final class RunSalvageTest {
    private static final Path KEPT = RunFixture.FILE.resolveSibling("kept");

    private final RunFixture fixture = new RunFixture();
    private final List<Entry> entries = entries();
    private byte[] right;
    private final List<RunInspector.Block> blocks = new ArrayList<>();
    private RunFooter footer;

    static Stream<RunOptions> options() {
        return RunFixture.allOptions(100).stream();
    }

    private static List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            String key = "key-%02d".formatted(i);
            if (i % 4 == 0) {
                entries.add(Entry.put(key, 900 + i, "newer " + "n".repeat(i)));
            }
            entries.add(i % 7 == 3 ? Entry.tombstone(key, 400 - i) : Entry.put(key, 400 - i, "value " + i % 3));
        }
        return entries;
    }

    private void write(RunOptions options) {
        fixture.write(options, entries);
        right = fixture.contents();
        blocks.clear();
        try (Run run = fixture.open()) {
            footer = run.file().footer();
            RunInspector inspector = new RunInspector(run);
            for (int i = 0; i < inspector.blocks(); i++) {
                blocks.add(inspector.block(i));
            }
        }
    }

    /** What is kept of some bytes, with the sequence numbers that are given to it; nothing else is missing than what gaps tell. */
    private List<Entry> kept(byte[] damaged) {
        fixture.replace(damaged);
        fixture.storage.delete(KEPT);
        try (RunSalvage salvage = open()) {
            salvage.placeAbove(0);
            RunProperties written = salvage.writeTo(fixture.storage, KEPT, KeyBounds.ALL, Long.MAX_VALUE);
            List<Entry> kept = new ArrayList<>();
            if (written != null) {
                try (Run run = Run.open(fixture.storage, KEPT, RunFixture.IDENTITY)) {
                    run.verify();
                    kept = RunFixture.forward(run.cursor());
                }
            }
            assertEquals(salvage.entries(), kept.size());
            if (salvage.isComplete()) {
                assertEquals(entries.size(), kept.size());
            }
            requireTold(salvage, kept);
            return kept;
        }
    }

    private RunSalvage open() {
        return RunSalvage.open(fixture.storage, RunFixture.FILE, RunFixture.IDENTITY, right.length, failure -> {
            throw new AssertionError(failure);
        });
    }

    private void requireTold(RunSalvage salvage, List<Entry> kept) {
        for (Entry entry : entries) {
            boolean there = kept.stream()
                    .anyMatch(other -> KeyOrder.compare(other.key(), entry.key()) == 0
                            && other.kind() == entry.kind()
                            && Arrays.equals(other.value(), entry.value()));
            boolean told = salvage.gaps().stream()
                    .anyMatch(gap -> (gap.after() == null || KeyOrder.compare(entry.key(), gap.after()) >= 0)
                            && (gap.upTo() == null || KeyOrder.compare(entry.key(), gap.upTo()) <= 0));
            assertTrue(there || told, () -> "nothing is told of " + entry + ": " + salvage);
        }
    }

    /** The entries without those of some blocks. */
    private List<Entry> without(List<Integer> lost) {
        List<Entry> left = new ArrayList<>();
        int at = 0;
        for (RunInspector.Block block : blocks) {
            if (!lost.contains(block.ordinal())) {
                left.addAll(entries.subList(at, at + block.entries()));
            }
            at += block.entries();
        }
        return left;
    }

    /** Numbers that are only known as distances may be smaller than they were. */
    private static void assertSame(List<Entry> expected, List<Entry> found, String where) {
        long shift = expected.isEmpty() || found.isEmpty()
                ? 0
                : expected.get(0).sequence() - found.get(0).sequence();
        assertTrue(shift >= 0, where);
        List<Entry> shifted = found.stream()
                .map(entry -> new Entry(entry.key(), entry.sequence() + shift, entry.kind(), entry.value()))
                .toList();
        assertEquals(expected, shifted, where);
    }

    private List<Integer> blockAt(int offset) {
        return blocks.stream()
                .filter(block -> offset >= block.offset() && offset < block.offset() + block.storedBytes())
                .map(RunInspector.Block::ordinal)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("options")
    void aFlippedBitLosesNoMoreThanItsBlock(RunOptions options) {
        write(options);
        assertTrue(blocks.size() > 4, "too few blocks");
        // A page of a filter has many bytes that are alike.
        for (int at = 0;
                at < right.length;
                at += at > footer.filterOffset() && at < footer.propertiesOffset() ? 97 : 1) {
            byte[] damaged = right.clone();
            damaged[at] ^= (byte) (1 << at % 8);
            assertEquals(without(blockAt(at)), kept(damaged), "byte " + at);
        }
    }

    @ParameterizedTest
    @MethodSource("options")
    void aFileThatIsCutKeepsTheBlocksBeforeTheCut(RunOptions options) {
        write(options);
        for (int length = 0; length < right.length; length += length > footer.filterOffset() ? 97 : 3) {
            int end = length;
            List<Integer> lost = blocks.stream()
                    .filter(block -> block.offset() + block.storedBytes() > end)
                    .map(RunInspector.Block::ordinal)
                    .toList();
            assertSame(without(lost), kept(Arrays.copyOf(right, length)), "cut at " + length);
        }
    }

    @ParameterizedTest
    @MethodSource("options")
    void theBlocksAloneAreEnough(RunOptions options) {
        write(options);
        SplittableRandom random = new SplittableRandom(5);
        for (int round = 0; round < 12; round++) {
            byte[] damaged = right.clone();
            Arrays.fill(damaged, 0, RunHeaderFormat.LENGTH, (byte) random.nextInt());
            Arrays.fill(damaged, (int) footer.indexOffset(), damaged.length, (byte) random.nextInt());
            assertSame(entries, kept(damaged), "round " + round);
            List<Integer> lost =
                    random.ints(round % 4, 0, blocks.size()).boxed().toList();
            for (int ordinal : lost) {
                RunInspector.Block block = blocks.get(ordinal);
                int at = (int) block.offset() + random.nextInt((int) block.storedBytes());
                damaged[at] ^= (byte) (1 + random.nextInt(255));
            }
            assertSame(without(lost), kept(damaged), "round " + round + " without " + lost);
        }
    }

    @ParameterizedTest
    @MethodSource("options")
    void whatStandsBehindTheEndDoesNotMatter(RunOptions options) {
        write(options);
        byte[] twice = Arrays.copyOf(right, 2 * right.length);
        System.arraycopy(right, 0, twice, right.length, right.length);
        assertEquals(entries, kept(twice));
        assertEquals(entries, kept(Arrays.copyOf(right, right.length + 4096)));
    }

    @ParameterizedTest
    @MethodSource("options")
    void nothingIsTakenFromAnotherRun(RunOptions options) {
        write(options);
        RunIdentity other = new RunIdentity(new StoreIdentity(9, 9), 9, 9, 9);
        fixture.replace(right);
        try (RunSalvage salvage = RunSalvage.open(fixture.storage, RunFixture.FILE, other, right.length, failure -> {
            throw new AssertionError(failure);
        })) {
            assertTrue(salvage.isForeign());
            assertFalse(salvage.isComplete());
            assertEquals(0, salvage.entries());
            assertNull(salvage.properties());
        }
        fixture.replace(new byte[right.length]);
        try (RunSalvage salvage = open()) {
            assertEquals(0, salvage.entries());
            assertEquals(1, salvage.gaps().size());
        }
    }

    @ParameterizedTest
    @MethodSource("options")
    void aFailedReadIsToldAndTheRestIsKept(RunOptions options) {
        write(options);
        List<StoreException> told = new ArrayList<>();
        fixture.storage.delete(RunFixture.FILE);
        assertNull(RunSalvage.open(fixture.storage, RunFixture.FILE, RunFixture.IDENTITY, right.length, told::add));
        assertEquals(1, told.size());
    }
}
