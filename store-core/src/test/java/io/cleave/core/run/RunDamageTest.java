package io.cleave.core.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import io.cleave.core.entry.EntryLimits;
import io.cleave.core.run.RunFixture.Entry;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No damage of a run goes unnoticed, and none ends in anything but {@code Corrupt}. */
final class RunDamageTest {
    private static final long ALLOCATED_BYTES_MAX = 64 << 20;

    private final RunFixture fixture = new RunFixture();
    private final List<Entry> entries = entries();

    static Stream<RunOptions> options() {
        return RunFixture.allOptions(100).stream();
    }

    @ParameterizedTest
    @MethodSource("options")
    void aFlippedBitAnywhereIsFound(RunOptions options) {
        fixture.write(options, entries);
        byte[] right = fixture.contents();
        for (int at = 0; at < right.length; at++) {
            byte[] damaged = right.clone();
            damaged[at] ^= (byte) (1 << at % 8);
            fixture.replace(damaged);
            assertFound(at);
            assertReadsRightOrThrows(at);
        }
    }

    @ParameterizedTest
    @MethodSource("options")
    void aFileCutAnywhereIsFound(RunOptions options) {
        fixture.write(options, entries);
        byte[] right = fixture.contents();
        for (int length = 0; length < right.length; length++) {
            fixture.replace(Arrays.copyOf(right, length));
            assertFound(length);
        }
        fixture.replace(Arrays.copyOf(right, right.length + 1));
        assertFound(right.length);
    }

    /** With checksums that fit: before memory is taken for it, a length must be one that the stored bytes can unpack to. */
    @Test
    void aLengthBeforeCompressionThatCannotBeTakesNoMemory() {
        fixture.write(new RunOptions(Compression.LZ4, 256, FilterKind.NONE), entries);
        byte[] right = fixture.contents();
        List<Integer> trailers = new ArrayList<>();
        try (Run run = open(right)) {
            RunInspector inspector = new RunInspector(run);
            for (int i = 0; i < inspector.blocks(); i++) {
                RunInspector.Block block = inspector.block(i);
                trailers.add((int) (block.offset() + block.storedBytes()) - BlockFormat.TRAILER_BYTES);
            }
        }
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int tried = 0;
        for (int trailer : trailers) {
            for (int length : new int[] {1 << 27, 1 << 30, Integer.MAX_VALUE, -1}) {
                byte[] forged = right.clone();
                if (forged[trailer + BlockFormat.ENCODING_OFFSET] != BlockFormat.ENCODING_LZ4) {
                    continue;
                }
                tried++;
                LittleEndian.putInt(forged, trailer + BlockFormat.RAW_LENGTH_OFFSET, length);
                RunSeal.seal(forged);
                fixture.replace(forged);
                long before = threads.getCurrentThreadAllocatedBytes();
                assertThrows(StoreException.Corrupt.class, this::verify);
                long allocated = threads.getCurrentThreadAllocatedBytes() - before;
                assertTrue(allocated < ALLOCATED_BYTES_MAX, "bytes allocated: " + allocated);
            }
        }
        assertTrue(tried > 4, "no block is compressed");
    }

    /** The bytes are those of a good run each time, only that they do not belong where they stand. */
    @ParameterizedTest
    @MethodSource("options")
    void aPieceOfAnotherPlaceOrRunIsFound(RunOptions options) {
        fixture.write(options, entries);
        byte[] right = fixture.contents();
        RunIdentity other = new RunIdentity(new StoreIdentity(9, 9), 9, 9, 9);
        try (RunWriter writer =
                RunWriter.create(fixture.storage, RunFixture.FILE.resolveSibling("other"), other, options)) {
            entries.forEach(entry -> RunFixture.append(writer, entry));
            writer.finish();
        }
        byte[] others = fixture.storage.readAll(RunFixture.FILE.resolveSibling("other"), Integer.MAX_VALUE);
        assertEquals(right.length, others.length);
        fixture.replace(others);
        assertThrows(StoreException.Corrupt.class, fixture::open);
        try (Run run = open(right)) {
            RunInspector inspector = new RunInspector(run);
            for (int i = 0; i < inspector.blocks(); i++) {
                RunInspector.Block block = inspector.block(i);
                byte[] mixed = right.clone();
                int offset = (int) block.offset();
                System.arraycopy(others, offset, mixed, offset, (int) block.storedBytes());
                fixture.replace(mixed);
                assertThrows(StoreException.Corrupt.class, this::verify);
            }
        }
    }

    @Test
    void aNewerVersionIsToldFromDamage() {
        fixture.write(RunOptions.defaults(), entries);
        byte[] newer = fixture.contents();
        LittleEndian.putInt(newer, RunHeaderFormat.VERSION_OFFSET, 2);
        int crc = PieceChecksum.of(RunFixture.IDENTITY.seed(), 0, newer, 0, RunHeaderFormat.CRC_OFFSET);
        LittleEndian.putInt(newer, RunHeaderFormat.CRC_OFFSET, crc);
        fixture.replace(newer);
        assertThrows(StoreException.FormatVersion.class, fixture::open);
        assertEquals(0, fixture.storage.counters().mappings());
    }

    /** Each field of 4 bytes of the tail gets absurd values, under a checksum that is right. */
    @ParameterizedTest
    @MethodSource("options")
    void anAbsurdSizeIsRefusedBeforeItIsUsed(RunOptions options) {
        fixture.write(options, entries);
        byte[] right = fixture.contents();
        RunFooter footer;
        try (Run run = fixture.open()) {
            footer = run.file().footer();
        }
        int footerAt = right.length - RunFooterFormat.LENGTH;
        List<int[]> pieces = new ArrayList<>();
        pieces.add(new int[] {footerAt, footerAt + RunFooterFormat.CRC_OFFSET});
        pieces.add(new int[] {(int) footer.propertiesOffset(), footerAt - Integer.BYTES});
        pieces.add(new int[] {(int) footer.indexOffset(), (int) (footer.indexOffset() + footer.indexLength()) - 4});
        try (Run run = fixture.open()) {
            RunInspector.Block block = new RunInspector(run).block(1);
            int end = (int) (block.offset() + block.storedBytes());
            pieces.add(new int[] {(int) block.offset(), end - Integer.BYTES});
        }
        for (int[] piece : pieces) {
            for (int at = piece[0]; at + 4 <= piece[1]; at++) {
                for (int absurd : new int[] {Integer.MAX_VALUE, -1, Integer.MIN_VALUE, 0, 0x0101_0101}) {
                    byte[] damaged = right.clone();
                    LittleEndian.putInt(damaged, at, absurd);
                    int crc = PieceChecksum.of(
                            RunFixture.IDENTITY.seed(), piece[0], damaged, piece[0], piece[1] - piece[0]);
                    LittleEndian.putInt(damaged, piece[1], crc);
                    fixture.replace(damaged);
                    assertOnlyCorrupt(at);
                }
            }
        }
    }

    /** A structure that no writer writes, under a checksum that is right, is refused by the first read. */
    @Test
    void aKeyCannotTakeOverMoreThanTheKeyBeforeHas() {
        List<Entry> two = List.of(Entry.put("abc", 2, "x"), Entry.put("abd", 1, "y"));
        fixture.write(new RunOptions(Compression.LZ4, 100, FilterKind.NONE), two);
        byte[] damaged = fixture.contents();
        try (Run run = fixture.open()) {
            RunInspector.Block block = new RunInspector(run).block(0);
            int start = (int) block.offset();
            int crcAt = start + (int) block.storedBytes() - Integer.BYTES;
            int entryAt = start + (int) new RunInspector(run).entries(0).get(1).offset();
            assertEquals(2, damaged[entryAt + 1], "the shared length");
            damaged[entryAt + 1] = 4;
            int crc = PieceChecksum.of(RunFixture.IDENTITY.seed(), start, damaged, start, crcAt - start);
            LittleEndian.putInt(damaged, crcAt, crc);
        }
        try (Run run = open(damaged)) {
            assertThrows(StoreException.Corrupt.class, () -> run.cursor().first());
        }
    }

    private Run open(byte[] contents) {
        fixture.replace(contents);
        return fixture.open();
    }

    private void verify() {
        try (Run run = fixture.open()) {
            run.verify();
        }
    }

    private void assertFound(int at) {
        try (Run run = fixture.open()) {
            run.verify();
            fail("damage at " + at + " was not found");
        } catch (StoreException.Corrupt corrupt) {
            assertEquals(RunFixture.FILE, corrupt.file());
            assertTrue(corrupt.getMessage().contains(RunFixture.FILE.toString()), corrupt.getMessage());
        }
        assertEquals(0, fixture.storage.counters().mappings());
    }

    /** Damage with a right checksum may be a valid run with other contents, but never another exception. */
    private void assertOnlyCorrupt(int at) {
        try (Run run = fixture.open()) {
            for (Entry entry : entries) {
                try {
                    RunFixture.find(run, entry.key(), EntryLimits.SEQUENCE_MAX);
                } catch (StoreException.Corrupt corrupt) {
                    assertEquals(RunFixture.FILE, corrupt.file(), "at " + at);
                }
            }
            run.verify();
        } catch (StoreException.Corrupt corrupt) {
            assertEquals(RunFixture.FILE, corrupt.file());
        }
    }

    private void assertReadsRightOrThrows(int at) {
        try (Run run = fixture.open()) {
            for (Entry entry : entries) {
                try {
                    Entry found = RunFixture.find(run, entry.key(), entry.sequence());
                    assertEquals(entry, found, "at " + at);
                } catch (StoreException.Corrupt expected) {
                    assertEquals(RunFixture.FILE, expected.file());
                }
            }
            try {
                assertEquals(entries, RunFixture.forward(run.cursor()), "at " + at);
            } catch (StoreException.Corrupt expected) {
                assertEquals(RunFixture.FILE, expected.file());
            }
        } catch (StoreException.Corrupt expected) {
            assertEquals(RunFixture.FILE, expected.file());
        }
    }

    private static List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            String key = "key-" + (char) ('a' + i);
            if (i % 5 == 0) {
                entries.add(Entry.tombstone(key, 1000 + i));
            }
            entries.add(Entry.put(key, 300 - i, "value ".repeat(i % 4)));
        }
        return entries;
    }
}
