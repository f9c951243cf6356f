package io.cleave.bench;

import io.cleave.Cursor;
import io.cleave.Durability;
import io.cleave.IndexStats;
import io.cleave.SegmentIndex;
import io.cleave.SegmentStore;
import io.cleave.StoreOptions;
import io.cleave.StoreStats;
import io.cleave.WriteBatch;
import java.nio.file.Path;

/** Cleave with any options, which also tells what it has done and consists of. Thread-safe; the opener closes it. */
final class CleaveStore implements BenchEngine {
    private static final String INDEX = "bench";

    private final SegmentStore store;
    private final SegmentIndex index;

    private CleaveStore(SegmentStore store) {
        this.store = store;
        this.index = store.index(INDEX);
    }

    static CleaveStore open(Path directory, StoreOptions options) {
        return new CleaveStore(SegmentStore.open(directory, options));
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
        return new DirectSession(store, index);
    }

    @Override
    public void settle() {
        store.awaitMaintenance();
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

    private record DirectSession(SegmentStore store, SegmentIndex index) implements BenchSession {
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
            return new DirectCursor(index.cursor());
        }

        @Override
        public void close() {
            // An index needs no closing.
        }
    }

    private record DirectCursor(Cursor cursor) implements BenchCursor {
        private static final byte[] LOWEST = {};
        /** Keys of the benchmark are ASCII, so all lie below. */
        private static final byte[] HIGHEST = {-1};

        @Override
        public boolean first() {
            return cursor.seek(LOWEST);
        }

        @Override
        public boolean last() {
            // A seek past the end leaves the cursor where the last entry is the one before.
            return cursor.seek(HIGHEST) || cursor.previous();
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
            return Fold.of(cursor.key(), cursor.value());
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
