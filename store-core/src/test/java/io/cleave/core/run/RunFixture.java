package io.cleave.core.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.bytes.KeyHash;
import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.Lookup;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.StorageFile;
import io.cleave.core.storage.StoreIdentity;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Runs in a simulated storage, and their entries as plain values to compare with. */
final class RunFixture {
    static final RunIdentity IDENTITY =
            new RunIdentity(new StoreIdentity(0x0123_4567_89AB_CDEFL, 0x1122_3344_5566_7788L), 3, 7, 42);
    static final Path FILE = SimulatedStorage.DIRECTORY.resolve(IDENTITY.fileName());

    final SimulatedStorage storage = new SimulatedStorage(1);

    /** An entry; compared by its contents. */
    @SuppressWarnings("ArrayRecordComponent")
    record Entry(byte[] key, long sequence, byte kind, byte[] value) implements Comparable<Entry> {
        static Entry put(String key, long sequence, String value) {
            return new Entry(bytes(key), sequence, EntryKind.PUT, bytes(value));
        }

        static Entry tombstone(String key, long sequence) {
            return new Entry(bytes(key), sequence, EntryKind.TOMBSTONE, new byte[0]);
        }

        static Entry at(EntryCursor cursor) {
            byte[] value = new byte[cursor.valueLength()];
            cursor.copyValue(0, value, 0, value.length);
            byte[] key = Arrays.copyOf(cursor.key(), cursor.keyLength());
            assertEquals(cursor.wordOf(key, key.length), cursor.word());
            return new Entry(key, cursor.sequence(), cursor.kind(), value);
        }

        @Override
        public int compareTo(Entry other) {
            int order = KeyOrder.compare(key, other.key);
            return order != 0 ? order : Long.compare(other.sequence, sequence);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Entry that
                    && compareTo(that) == 0
                    && kind == that.kind
                    && Arrays.equals(value, that.value);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(key) ^ Long.hashCode(sequence);
        }

        @Override
        public String toString() {
            return key.length + "-byte key " + Arrays.hashCode(key) + " @" + sequence + " kind " + kind + ", "
                    + value.length + "-byte value";
        }
    }

    /** All pairs of compression and filter, with one block size. */
    static List<RunOptions> allOptions(int blockBytes) {
        List<RunOptions> all = new ArrayList<>();
        for (Compression compression : Compression.values()) {
            for (FilterKind filter : FilterKind.values()) {
                all.add(new RunOptions(compression, blockBytes, filter));
            }
        }
        return all;
    }

    RunProperties write(RunOptions options, List<Entry> entries) {
        return write(options, entries, PointIndexFormat.POSITION_MAX);
    }

    RunProperties write(RunOptions options, List<Entry> entries, long entryOffsetMax) {
        storage.delete(FILE);
        try (RunWriter writer = RunWriter.create(storage, FILE, new RunHeader(IDENTITY, options), entryOffsetMax)) {
            for (Entry entry : entries) {
                append(writer, entry);
            }
            return writer.finish();
        }
    }

    static void append(RunWriter writer, Entry entry) {
        byte[] value = entry.value();
        writer.append(entry.key(), entry.key().length, entry.sequence(), entry.kind(), value, value.length);
    }

    Run open() {
        return Run.open(storage, FILE, IDENTITY);
    }

    byte[] contents() {
        return storage.readAll(FILE, Integer.MAX_VALUE);
    }

    /** Puts a file in place of the run. */
    void replace(byte[] contents) {
        storage.delete(FILE);
        try (StorageFile file = storage.create(FILE)) {
            file.append(contents, 0, contents.length);
        }
    }

    /** What a run says about a key; null when nothing. */
    static Entry find(Run run, byte[] key, long sequenceMax) {
        Lookup lookup = new Lookup();
        long hash = KeyHash.of(key, key.length);
        if (!run.find(key, key.length, hash, KeyOrder.prefix(key, key.length), sequenceMax, lookup)) {
            return null;
        }
        byte[] value = new byte[lookup.valueLength()];
        lookup.copyValue(value, 0, value.length);
        return new Entry(key, lookup.sequence(), lookup.kind(), value);
    }

    /** What a sorted list says about a key; null when nothing. */
    static Entry find(List<Entry> entries, byte[] key, long sequenceMax) {
        for (Entry entry : entries) {
            if (Arrays.equals(entry.key(), key) && entry.sequence() <= sequenceMax) {
                return entry;
            }
        }
        return null;
    }

    static List<Entry> forward(EntryCursor cursor) {
        List<Entry> found = new ArrayList<>();
        for (boolean on = cursor.first(); on; on = cursor.next()) {
            found.add(Entry.at(cursor));
        }
        assertTrue(!cursor.next() && !cursor.previous(), "moves of an unpositioned cursor");
        return found;
    }

    static List<Entry> backward(EntryCursor cursor) {
        List<Entry> found = new ArrayList<>();
        for (boolean on = cursor.last(); on; on = cursor.previous()) {
            found.add(0, Entry.at(cursor));
        }
        return found;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
