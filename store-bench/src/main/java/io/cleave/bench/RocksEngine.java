package io.cleave.bench;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompressionType;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * RocksDB with what its own tuning guide asks of a careful user. Of the forms of its Java calls each takes the one that
 * measured best: arrays for single entries, direct buffers for batches, an iterator that is refreshed in place of a new one.
 */
final class RocksEngine implements BenchEngine {
    private static final long CACHE_BYTES = 1L << 30;
    private static final long WRITE_BUFFER_BYTES = 64L << 20;
    private static final int BLOCK_BYTES = 4 << 10;
    private static final int BLOOM_BITS = 10;
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long SETTLE_NANOS = TimeUnit.MINUTES.toNanos(10);
    /** A flush that ends may start a compaction a moment later. */
    private static final int QUIET_POLLS = 5;

    private static final List<String> UNREST = List.of(
            "rocksdb.mem-table-flush-pending",
            "rocksdb.num-running-flushes",
            "rocksdb.compaction-pending",
            "rocksdb.num-running-compactions");

    private final LRUCache cache;
    private final BloomFilter filter;
    private final Options options;
    private final WriteOptions unsynced = new WriteOptions();
    private final WriteOptions synced = new WriteOptions().setSync(true);
    private final ReadOptions reading = new ReadOptions();
    private final RocksDB store;

    private RocksEngine(Path directory, long cacheBytes, long writeBufferBytes) throws RocksDBException {
        cache = new LRUCache(cacheBytes);
        filter = new BloomFilter(BLOOM_BITS, false);
        BlockBasedTableConfig table = new BlockBasedTableConfig()
                .setBlockCache(cache)
                .setFilterPolicy(filter)
                .setWholeKeyFiltering(true)
                .setBlockSize(BLOCK_BYTES)
                .setCacheIndexAndFilterBlocks(true)
                .setCacheIndexAndFilterBlocksWithHighPriority(true)
                .setPinL0FilterAndIndexBlocksInCache(true);
        options = new Options()
                .setCreateIfMissing(true)
                .setTableFormatConfig(table)
                .setCompressionType(CompressionType.LZ4_COMPRESSION)
                .setWriteBufferSize(writeBufferBytes)
                .setMaxBackgroundJobs(2)
                .setLevelCompactionDynamicLevelBytes(true)
                .setAllowMmapReads(false)
                .setAllowMmapWrites(false);
        store = RocksDB.open(options, directory.toString());
    }

    static void loadLibrary() {
        RocksDB.loadLibrary();
    }

    static RocksEngine open(Path directory, int memoryMib) throws RocksDBException {
        if (memoryMib == 0) {
            return new RocksEngine(directory, CACHE_BYTES, WRITE_BUFFER_BYTES);
        }
        // Half for the cache, a quarter for two write buffers: what it takes besides must fit in too.
        long bytes = (long) memoryMib << 20;
        return new RocksEngine(directory, bytes / 2, Math.min(WRITE_BUFFER_BYTES, bytes / 8));
    }

    @Override
    public BenchSession session() {
        return new Session(this);
    }

    @Override
    public void settle() throws RocksDBException {
        long start = System.nanoTime();
        int quiet = 0;
        while (quiet < QUIET_POLLS) {
            if (System.nanoTime() - start > SETTLE_NANOS) {
                throw new IllegalStateException("RocksDB has not come to rest within 10 minutes");
            }
            quiet = atRest() ? quiet + 1 : 0;
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private boolean atRest() throws RocksDBException {
        for (String property : UNREST) {
            if (store.getLongProperty(property) != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void sync() throws RocksDBException {
        store.syncWal();
    }

    @Override
    public boolean keepsWritesOfKilledProcess() {
        return true;
    }

    @Override
    public void close() {
        store.close();
        reading.close();
        synced.close();
        unsynced.close();
        options.close();
        filter.close();
        cache.close();
    }

    private static final class Session implements BenchSession {
        private final RocksEngine engine;
        private final WriteBatch batch = new WriteBatch();
        private ByteBuffer keyBuffer = ByteBuffer.allocateDirect(64);
        private ByteBuffer valueBuffer = ByteBuffer.allocateDirect(256);
        private Position position;

        private Session(RocksEngine engine) {
            this.engine = engine;
        }

        @Override
        public void put(byte[] key, byte[] value) throws RocksDBException {
            engine.store.put(engine.unsynced, key, value);
        }

        @Override
        public void putSynced(byte[] key, byte[] value) throws RocksDBException {
            engine.store.put(engine.synced, key, value);
        }

        @Override
        public void putAll(byte[][] keys, byte[][] values, int count) throws RocksDBException {
            batch.clear();
            for (int at = 0; at < count; at++) {
                keyBuffer = filled(keyBuffer, keys[at]);
                valueBuffer = filled(valueBuffer, values[at]);
                batch.put(keyBuffer, valueBuffer);
            }
            engine.store.write(engine.unsynced, batch);
        }

        @Override
        public int get(byte[] key, byte[] target) throws RocksDBException {
            return engine.store.get(engine.reading, key, target);
        }

        @Override
        public void delete(byte[] key) throws RocksDBException {
            engine.store.delete(engine.unsynced, key);
        }

        @Override
        public BenchCursor cursor() throws RocksDBException {
            if (position == null) {
                position = new Position(engine.store.newIterator(engine.reading));
            } else {
                position.iterator.refresh();
            }
            return position;
        }

        @Override
        public void close() {
            if (position != null) {
                position.iterator.close();
            }
            batch.close();
        }

        private static ByteBuffer filled(ByteBuffer buffer, byte[] bytes) {
            ByteBuffer target = buffer.capacity() < bytes.length ? ByteBuffer.allocateDirect(bytes.length) : buffer;
            return target.clear().put(bytes).flip();
        }
    }

    /** Stays with its session when it is closed: refreshing costs less than making. */
    private static final class Position implements BenchCursor {
        private final RocksIterator iterator;
        private final byte[] key = new byte[64];
        private byte[] value = new byte[256];
        /** Of the key once it has been fetched at this place, else 0. */
        private int keyLength;

        private Position(RocksIterator iterator) {
            this.iterator = iterator;
        }

        @Override
        public boolean first() {
            iterator.seekToFirst();
            return arrived();
        }

        @Override
        public boolean last() {
            iterator.seekToLast();
            return arrived();
        }

        @Override
        public boolean seek(byte[] from) {
            iterator.seek(from);
            return arrived();
        }

        @Override
        public boolean next() {
            iterator.next();
            return arrived();
        }

        @Override
        public boolean previous() {
            iterator.prev();
            return arrived();
        }

        private boolean arrived() {
            keyLength = 0;
            return iterator.isValid();
        }

        /** Fetched once however often it is asked for: each call into native code costs. */
        private int fetchKey() {
            if (keyLength == 0) {
                keyLength = iterator.key(key, 0, key.length);
            }
            return keyLength;
        }

        @Override
        public long consume() {
            int valueLength = iterator.value(value, 0, value.length);
            if (valueLength > value.length) {
                value = new byte[valueLength];
                iterator.value(value, 0, valueLength);
            }
            return Fold.of(key, fetchKey(), value, valueLength);
        }

        @Override
        public boolean startsWith(byte[] prefix) {
            return Fold.startsWith(key, fetchKey(), prefix);
        }

        @Override
        public void close() {
            // The session closes the iterator.
        }
    }
}
