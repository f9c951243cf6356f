package io.cleave.bench;

import io.cleave.Cursor;
import io.cleave.Durability;
import io.cleave.IndexStats;
import io.cleave.SegmentIndex;
import io.cleave.SegmentStore;
import io.cleave.StoreOptions;
import io.cleave.StoreStats;
import io.cleave.WriteBatch;
import io.cleave.core.run.Compression;
import java.nio.file.Path;

/** Cleave, which also tells what it has done and consists of. Thread-safe; the opener closes it. */
final class CleaveEngine implements BenchEngine {
    private final SegmentStore store;
    private final SegmentIndex index;

    private CleaveEngine(SegmentStore store) {
        this.store = store;
        this.index = store.index("bench");
    }

    /** Opens it with any options. */
    static CleaveEngine open(Path directory, StoreOptions options) {
        return new CleaveEngine(SegmentStore.open(directory, options));
    }

    /** Opens it with the options that a kind names. */
    static CleaveEngine open(EngineKind kind, Path directory, int memoryMib) {
        StoreOptions.Builder options = options(kind);
        if (memoryMib > 0) {
            options.memtableBytesMax(((long) memoryMib << 20) / 4);
        }
        return open(directory, options.build());
    }

    /** The options that a kind names. */
    static StoreOptions.Builder options(EngineKind kind) {
        StoreOptions.Builder options = StoreOptions.builder();
        switch (kind) {
            case CLEAVE -> {
                // What a user gets who sets nothing.
            }
            case CLEAVE_PLAIN -> options.compression(Compression.NONE);
            case CLEAVE_LZ4 -> options.compression(Compression.LZ4);
            default -> throw new IllegalArgumentException(kind.label() + " is not Cleave");
        }
        return options;
    }

    /** What the store has done since it was opened. */
    StoreStats stats() {
        return store.stats();
    }

    /** What its only index consists of. */
    IndexStats indexStats() {
        return index.stats();
    }

    @Override
    public BenchSession session() {
        return new Session(store, index);
    }

    @Override
    public void settle() {
        store.awaitMaintenance();
        store.sync();
    }

    @Override
    public void sync() {
        store.sync();
    }

    @Override
    public boolean keepsWritesOfKilledProcess() {
        return true;
    }

    @Override
    public void close() {
        store.close();
    }

    /** Holds nothing of its own: Cleave keeps what a thread needs by itself. */
    private record Session(SegmentStore store, SegmentIndex index) implements BenchSession {
        @Override
        public void put(byte[] key, byte[] value) {
            index.put(key, value);
        }

        @Override
        public void putSynced(byte[] key, byte[] value) {
            index.put(key, value, Durability.DEVICE);
        }

        @Override
        public void putAll(byte[][] keys, byte[][] values, int count) {
            try (WriteBatch batch = store.batch()) {
                for (int at = 0; at < count; at++) {
                    batch.put(index, keys[at], values[at]);
                }
                batch.commit();
            }
        }

        @Override
        public int get(byte[] key, byte[] target) {
            return index.get(key, target);
        }

        @Override
        public void delete(byte[] key) {
            index.delete(key);
        }

        @Override
        public BenchCursor cursor() {
            return new Position(index.cursor(), new byte[2]);
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }

    /**
     * @param cursor of the store
     * @param ends first and last byte of a value
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Position(Cursor cursor, byte[] ends) implements BenchCursor {
        /** From here on it costs less to ask for a part of a value than to have it copied. */
        private static final int LARGE_VALUE_BYTES = 1 << 10;

        private static final byte[] BELOW_ALL = {};
        /** All keys are ASCII. */
        private static final byte[] ABOVE_ALL = {-1};

        @Override
        public boolean first() {
            return cursor.seek(BELOW_ALL);
        }

        @Override
        public boolean last() {
            // Finds nothing; from there the way back leads onto the last.
            return cursor.seek(ABOVE_ALL) || cursor.previous();
        }

        @Override
        public boolean seek(byte[] key) {
            return cursor.seek(key);
        }

        @Override
        public boolean next() {
            return cursor.next();
        }

        @Override
        public boolean previous() {
            return cursor.previous();
        }

        @Override
        public long consume() {
            int valueLength = cursor.valueLength();
            if (valueLength < LARGE_VALUE_BYTES) {
                return Fold.of(cursor.key(), cursor.value());
            }
            cursor.copyValue(0, ends, 0, 1);
            cursor.copyValue(valueLength - 1, ends, 1, 1);
            return Fold.of(cursor.key(), valueLength, ends);
        }

        @Override
        public boolean startsWith(byte[] prefix) {
            return Fold.startsWith(cursor.key(), prefix);
        }

        @Override
        public void close() {
            cursor.close();
        }
    }
}
