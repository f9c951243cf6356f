package io.cleave.bench;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;

/**
 * The store below H2, as it comes: writes lie in memory until its own thread commits them, within a second. It has no batch
 * that is atomic, so a batch is its puts. It keeps the arrays it is given, so it is given copies.
 */
final class MvStoreEngine implements BenchEngine {
    private final MVStore store;
    private final MVMap<byte[], byte[]> map;

    private MvStoreEngine(MVStore store) {
        this.store = store;
        this.map = store.openMap(
                "bench",
                new MVMap.Builder<byte[], byte[]>().keyType(new BytesType()).valueType(new BytesType()));
    }

    static MvStoreEngine open(Path directory, int memoryMib) {
        MVStore.Builder builder =
                new MVStore.Builder().fileName(directory.resolve("bench.mv").toString());
        if (memoryMib > 0) {
            builder.cacheSize(memoryMib / 2);
        }
        return new MvStoreEngine(builder.open());
    }

    @Override
    public BenchSession session() {
        return new Session(store, map);
    }

    @Override
    public void settle() {
        // What its own thread would do within the second; without it the figures of a fill would lack its last part.
        sync();
    }

    @Override
    public void sync() {
        store.commit();
        store.sync();
    }

    @Override
    public boolean keepsWritesOfKilledProcess() {
        return false;
    }

    @Override
    public void close() {
        store.close();
    }

    private record Session(MVStore store, MVMap<byte[], byte[]> map) implements BenchSession {
        @Override
        public void put(byte[] key, byte[] value) {
            map.put(key.clone(), value.clone());
        }

        @Override
        public void putSynced(byte[] key, byte[] value) {
            put(key, value);
            store.commit();
            store.sync();
        }

        @Override
        public void putAll(byte[][] keys, byte[][] values, int count) {
            for (int at = 0; at < count; at++) {
                put(keys[at], values[at]);
            }
        }

        @Override
        public int get(byte[] key, byte[] target) {
            byte[] value = map.get(key);
            if (value == null) {
                return -1;
            }
            System.arraycopy(value, 0, target, 0, Math.min(value.length, target.length));
            return value.length;
        }

        @Override
        public void delete(byte[] key) {
            map.remove(key);
        }

        @Override
        public BenchCursor cursor() {
            return new Position(map);
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }

    /** A cursor of this store goes one way, so each start makes a new one. */
    private static final class Position implements BenchCursor {
        private final MVMap<byte[], byte[]> map;
        private Cursor<byte[], byte[]> cursor;

        private Position(MVMap<byte[], byte[]> map) {
            this.map = map;
        }

        @Override
        public boolean first() {
            cursor = map.cursor(null);
            return next();
        }

        @Override
        public boolean last() {
            cursor = map.cursor(null, null, true);
            return next();
        }

        @Override
        public boolean seek(byte[] key) {
            cursor = map.cursor(key);
            return next();
        }

        @Override
        public boolean next() {
            if (!cursor.hasNext()) {
                return false;
            }
            cursor.next();
            return true;
        }

        @Override
        public boolean previous() {
            return next();
        }

        @Override
        public long consume() {
            byte[] key = cursor.getKey();
            byte[] value = cursor.getValue();
            return Fold.of(key, key.length, value, value.length);
        }

        @Override
        public boolean startsWith(byte[] prefix) {
            byte[] key = cursor.getKey();
            return Fold.startsWith(key, key.length, prefix);
        }

        @Override
        public void close() {
            cursor = null;
        }
    }

    /** Bytes in unsigned lexicographic order, which none of the store's own types has. */
    private static final class BytesType extends BasicDataType<byte[]> {
        /** What a reference and the header of an array take. */
        private static final int OVERHEAD_BYTES = 24;

        @Override
        public int compare(byte[] left, byte[] right) {
            return Arrays.compareUnsigned(left, right);
        }

        @Override
        public int getMemory(byte[] bytes) {
            return OVERHEAD_BYTES + bytes.length;
        }

        @Override
        public void write(WriteBuffer target, byte[] bytes) {
            target.putVarInt(bytes.length).put(bytes);
        }

        @Override
        public byte[] read(ByteBuffer source) {
            byte[] bytes = new byte[DataUtils.readVarInt(source)];
            source.get(bytes);
            return bytes;
        }

        @Override
        public byte[][] createStorage(int size) {
            return new byte[size][];
        }
    }
}
