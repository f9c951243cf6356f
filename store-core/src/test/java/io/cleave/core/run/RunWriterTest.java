package io.cleave.core.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.bytes.KeyHash;
import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.EntryLimits;
import io.cleave.core.entry.Lookup;
import io.cleave.core.run.RunFixture.Entry;
import io.cleave.core.storage.Storage.PathKind;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a writer takes, refuses and leaves behind. */
final class RunWriterTest {
    private final RunFixture fixture = new RunFixture();

    @Test
    void refusesEntriesOutOfOrderAndGoesOn() {
        try (RunWriter writer = create(RunOptions.defaults())) {
            RunFixture.append(writer, Entry.put("secret", 5, "x"));
            for (Entry wrong : List.of(
                    Entry.put("secres", 9, ""),
                    Entry.put("secret", 5, ""),
                    Entry.put("secret", 6, ""),
                    Entry.put("a", 1, ""))) {
                String message = assertThrows(IllegalArgumentException.class, () -> RunFixture.append(writer, wrong))
                        .getMessage();
                assertFalse(message.contains("secre"), "a key in the message: " + message);
            }
            RunFixture.append(writer, Entry.put("secret", 4, "y"));
            assertEquals(2, writer.finish().entries());
        }
        try (Run run = fixture.open()) {
            run.verify();
            assertEquals(
                    List.of(Entry.put("secret", 5, "x"), Entry.put("secret", 4, "y")),
                    RunFixture.forward(run.cursor()));
        }
    }

    @Test
    void refusesWhatIsBeyondTheLimits() {
        byte[] key = new byte[EntryLimits.KEY_BYTES_MAX + 1];
        byte[] value = new byte[10];
        try (RunWriter writer = create(RunOptions.defaults())) {
            Class<IllegalArgumentException> refused = IllegalArgumentException.class;
            assertThrows(refused, () -> writer.append(key, 0, 1, EntryKind.PUT, value, 1));
            assertThrows(refused, () -> writer.append(key, key.length, 1, EntryKind.PUT, value, 1));
            assertThrows(refused, () -> writer.append(key, 1, -1, EntryKind.PUT, value, 1));
            assertThrows(refused, () -> writer.append(key, 1, EntryLimits.SEQUENCE_MAX + 1, EntryKind.PUT, value, 1));
            assertThrows(refused, () -> writer.append(key, 1, 1, (byte) 0, value, 1));
            assertThrows(refused, () -> writer.append(key, 1, 1, (byte) 3, value, 1));
            assertThrows(refused, () -> writer.append(key, 1, 1, EntryKind.PUT, value, -1));
            assertThrows(refused, () -> writer.append(key, 1, 1, EntryKind.PUT, value, 11));
            assertThrows(refused, () -> writer.append(key, 1, 1, EntryKind.TOMBSTONE, value, 1));
            assertEquals(0, writer.entries());
            assertThrows(IllegalStateException.class, writer::finish);
        }
    }

    @Test
    void deletesTheFileWhenItIsClosedBeforeItIsFinished() {
        RunWriter writer = create(RunOptions.defaults());
        RunFixture.append(writer, Entry.put("a", 1, "x"));
        writer.close();
        writer.close();
        assertEquals(PathKind.ABSENT, fixture.storage.kind(RunFixture.FILE));
        assertEquals(0, fixture.storage.counters().files());
        assertThrows(IllegalStateException.class, () -> RunFixture.append(writer, Entry.put("b", 2, "x")));
    }

    @Test
    void keepsTheFileWhenItIsFinished() {
        RunWriter writer = create(RunOptions.defaults());
        RunFixture.append(writer, Entry.put("a", 1, "x"));
        writer.finish();
        writer.close();
        assertEquals(PathKind.FILE, fixture.storage.kind(RunFixture.FILE));
        assertEquals(0, fixture.storage.counters().files());
        assertEquals(1, fixture.storage.counters().syncs());
        assertThrows(IllegalStateException.class, writer::finish);
    }

    @Test
    void aCursorIsAppendedAsItsEntriesAre() {
        List<Entry> entries = many(500);
        for (RunOptions options : RunFixture.allOptions(500)) {
            fixture.write(options, entries);
            byte[] written = fixture.contents();
            try (Run run = fixture.open()) {
                fixture.storage.delete(RunFixture.FILE);
                try (RunWriter writer = create(options)) {
                    EntryCursor cursor = run.cursor();
                    for (boolean on = cursor.first(); on; on = cursor.next()) {
                        writer.append(cursor);
                    }
                    long bytes = writer.bytes();
                    RunProperties properties = writer.finish();
                    assertTrue(
                            bytes <= properties.fileBytes() && bytes > properties.dataBytes() / 2, "estimate " + bytes);
                }
            }
            assertArrayEquals(written, fixture.contents());
        }
    }

    @Test
    void compressesWhatShrinksAndKeepsTheRest() {
        SplittableRandom random = new SplittableRandom(4);
        byte[] noise = new byte[3000];
        random.nextBytes(noise);
        List<Entry> entries = new ArrayList<>();
        entries.add(new Entry(RunFixture.bytes("noise"), 1, EntryKind.PUT, noise));
        entries.add(new Entry(RunFixture.bytes("zeros"), 2, EntryKind.PUT, new byte[3000]));
        fixture.write(new RunOptions(Compression.LZ4, 1000, FilterKind.NONE), entries);
        try (Run run = fixture.open()) {
            run.verify();
            RunInspector inspector = new RunInspector(run);
            assertFalse(inspector.block(0).compressed());
            assertTrue(inspector.block(1).compressed());
            assertTrue(inspector.block(1).storedBytes() < 100);
            assertEquals(entries, RunFixture.forward(run.cursor()));
        }
    }

    @Test
    void positionsAreBlocksWhereOffsetsDoNotFit() {
        List<Entry> entries = many(300);
        for (long entryOffsetMax : new long[] {100, PointIndexFormat.POSITION_MAX}) {
            fixture.write(new RunOptions(Compression.NONE, 200, FilterKind.POINT_INDEX), entries, entryOffsetMax);
            try (Run run = fixture.open()) {
                assertEquals(
                        entryOffsetMax > 100
                                ? RunFooter.PositionKind.ENTRY_OFFSET
                                : RunFooter.PositionKind.BLOCK_ORDINAL,
                        run.file().footer().positions());
                run.verify();
                for (Entry entry : entries) {
                    assertEquals(entry, RunFixture.find(run, entry.key(), entry.sequence()));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void openingDoesNotReadTheData(Compression compression) {
        fixture.write(new RunOptions(compression, 100, FilterKind.POINT_INDEX), many(300));
        byte[] damaged = fixture.contents();
        try (Run run = fixture.open()) {
            RunFooter footer = run.file().footer();
            for (int at = RunHeaderFormat.LENGTH; at < footer.propertiesOffset(); at++) {
                damaged[at] = (byte) 0xAA;
            }
        }
        fixture.replace(damaged);
        try (Run run = fixture.open()) {
            assertEquals(300, run.properties().entries());
            Lookup lookup = new Lookup();
            byte[] key = RunFixture.bytes("key-100");
            long hash = KeyHash.of(key, key.length);
            long prefix = KeyOrder.prefix(key, key.length);
            assertThrows(
                    StoreException.Corrupt.class,
                    () -> run.find(key, key.length, hash, prefix, Long.MAX_VALUE, lookup));
            assertThrows(StoreException.Corrupt.class, () -> run.cursor().first());
        }
    }

    @Test
    void namesItsFileWithSixDigitsAtLeast() {
        assertEquals("run-000001.run", RunIdentity.fileName(1));
        assertEquals("run-1234567.run", RunIdentity.fileName(1_234_567));
        assertEquals("run-000042.run", RunFixture.IDENTITY.fileName());
    }

    @Test
    void eachFieldOfTheIdentityChangesTheSeed() {
        RunIdentity identity = RunFixture.IDENTITY;
        List<RunIdentity> others = List.of(
                new RunIdentity(
                        new StoreIdentity(
                                /* high= */ identity.store().low(),
                                /* low= */ identity.store().high()),
                        3,
                        7,
                        42),
                new RunIdentity(identity.store(), 7, 3, 42),
                new RunIdentity(identity.store(), 3, 42, 7),
                new RunIdentity(identity.store(), 3, 7, 43));
        for (RunIdentity other : others) {
            assertFalse(identity.seed() == other.seed(), other.toString());
        }
    }

    private RunWriter create(RunOptions options) {
        return RunWriter.create(fixture.storage, RunFixture.FILE, RunFixture.IDENTITY, options);
    }

    private static List<Entry> many(int count) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String key = "key-" + (100 + i / 3);
            entries.add(i % 7 == 0 ? Entry.tombstone(key, 9 - i % 3) : Entry.put(key, 9 - i % 3, "value " + i));
        }
        return entries;
    }
}
