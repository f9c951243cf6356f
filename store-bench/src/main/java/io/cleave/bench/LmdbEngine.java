package io.cleave.bench;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lmdbjava.Cursor;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.GetOp;
import org.lmdbjava.Meta;
import org.lmdbjava.Txn;

/**
 * LMDB through lmdbjava, with its fastest buffers and without its argument checks. Commits are not synced but where the
 * workload asks for it; what is committed is in the page cache and outlives the process. Readers keep their transaction and
 * renew it for each operation.
 */
final class LmdbEngine implements BenchEngine {
    private static final long MAP_BYTES_MIN = 16L << 30;
    /** Pages are half full on average after random fills, and freed ones wait for readers. */
    private static final int MAP_FACTOR = 6;

    private static final int KEY_BYTES_MAX = 511;

    static {
        // Read once, when Env is loaded.
        System.setProperty(Env.DISABLE_CHECKS_PROP, "true");
    }

    private final Env<ByteBuffer> environment;
    private final Dbi<ByteBuffer> entries;

    private LmdbEngine(Env<ByteBuffer> environment) {
        this.environment = environment;
        // The unnamed database saves each commit a page.
        this.entries = environment.openDbi((byte[]) null, DbiFlags.MDB_CREATE);
    }

    /** Whether the virtual machine was started with the flags that lmdbjava needs for its buffers, and may use Unsafe. */
    static boolean isUsable() {
        Module module = LmdbEngine.class.getModule();
        Module base = Buffer.class.getModule();
        return base.isOpen("java.nio", module)
                && base.isOpen("sun.nio.ch", module)
                && !"deny".equals(System.getProperty("sun.misc.unsafe.memory.access"));
    }

    static void loadLibrary() {
        if (!isUsable()) {
            throw new IllegalStateException("lmdbjava needs --add-opens java.base/java.nio=ALL-UNNAMED"
                    + " --add-opens java.base/sun.nio.ch=ALL-UNNAMED, and Unsafe not denied");
        }
        // Any call will do.
        if (Meta.version().major != 0) {
            throw new IllegalStateException("expected LMDB 0, found " + Meta.version().major);
        }
    }

    static LmdbEngine open(Path directory, long dataBytes, int memoryMib) {
        List<EnvFlags> flags = new ArrayList<>(List.of(EnvFlags.MDB_WRITEMAP, EnvFlags.MDB_NOSYNC, EnvFlags.MDB_NOTLS));
        if (memoryMib > 0) {
            // As LMDB's own manual asks for random reads in data that are larger than memory.
            flags.add(EnvFlags.MDB_NORDAHEAD);
        }
        return new LmdbEngine(Env.create()
                .setMapSize(Math.max(MAP_BYTES_MIN, MAP_FACTOR * dataBytes))
                .open(directory.toFile(), flags.toArray(EnvFlags[]::new)));
    }

    @Override
    public BenchSession session() {
        return new Session(environment, entries);
    }

    @Override
    public void settle() {
        // There is no background work, but pages that the kernel has not written yet.
        environment.sync(true);
    }

    @Override
    public void sync() {
        environment.sync(true);
    }

    @Override
    public boolean keepsWritesOfKilledProcess() {
        return true;
    }

    @Override
    public void close() {
        environment.close();
    }

    private static final class Session implements BenchSession {
        private final Env<ByteBuffer> environment;
        private final Dbi<ByteBuffer> entries;
        private final ByteBuffer keyBuffer = ByteBuffer.allocateDirect(KEY_BYTES_MAX);
        private Txn<ByteBuffer> reading;
        private Position position;

        private Session(Env<ByteBuffer> environment, Dbi<ByteBuffer> entries) {
            this.environment = environment;
            this.entries = entries;
        }

        @Override
        public void put(byte[] key, byte[] value) {
            try (Txn<ByteBuffer> writing = environment.txnWrite()) {
                put(writing, key, value);
                writing.commit();
            }
        }

        @Override
        public void putSynced(byte[] key, byte[] value) {
            put(key, value);
            environment.sync(true);
        }

        @Override
        public void putAll(byte[][] keys, byte[][] values, int count) {
            try (Txn<ByteBuffer> writing = environment.txnWrite()) {
                for (int at = 0; at < count; at++) {
                    put(writing, keys[at], values[at]);
                }
                writing.commit();
            }
        }

        /** Writes the value where it will lie, in place of copying it twice. */
        private void put(Txn<ByteBuffer> writing, byte[] key, byte[] value) {
            entries.reserve(writing, filled(keyBuffer, key), value.length).put(value);
        }

        @Override
        public int get(byte[] key, byte[] target) {
            if (reading == null) {
                reading = environment.txnRead();
            } else {
                reading.renew();
            }
            try {
                ByteBuffer value = entries.get(reading, filled(keyBuffer, key));
                if (value == null) {
                    return -1;
                }
                int length = value.remaining();
                value.get(target, 0, Math.min(length, target.length));
                return length;
            } finally {
                reading.reset();
            }
        }

        @Override
        public void delete(byte[] key) {
            try (Txn<ByteBuffer> writing = environment.txnWrite()) {
                entries.delete(writing, filled(keyBuffer, key));
                writing.commit();
            }
        }

        @Override
        public BenchCursor cursor() {
            if (position == null) {
                Txn<ByteBuffer> own = environment.txnRead();
                position = new Position(own, entries.openCursor(own));
            } else {
                position.renew();
            }
            return position;
        }

        @Override
        public void close() {
            if (position != null) {
                position.end();
            }
            if (reading != null) {
                reading.close();
            }
        }
    }

    /** Stays with its session when it is closed, as its transaction does. */
    private static final class Position implements BenchCursor {
        private final Txn<ByteBuffer> reading;
        private final Cursor<ByteBuffer> cursor;
        private final ByteBuffer keyBuffer = ByteBuffer.allocateDirect(KEY_BYTES_MAX);

        private Position(Txn<ByteBuffer> reading, Cursor<ByteBuffer> cursor) {
            this.reading = reading;
            this.cursor = cursor;
        }

        private void renew() {
            reading.renew();
            cursor.renew(reading);
        }

        @Override
        public boolean first() {
            return cursor.first();
        }

        @Override
        public boolean last() {
            return cursor.last();
        }

        @Override
        public boolean seek(byte[] key) {
            return cursor.get(filled(keyBuffer, key), GetOp.MDB_SET_RANGE);
        }

        @Override
        public boolean next() {
            return cursor.next();
        }

        @Override
        public boolean previous() {
            return cursor.prev();
        }

        @Override
        public long consume() {
            return Fold.of(cursor.key(), cursor.val());
        }

        @Override
        public boolean startsWith(byte[] prefix) {
            return Fold.startsWith(cursor.key(), prefix);
        }

        @Override
        public void close() {
            reading.reset();
        }

        private void end() {
            cursor.close();
            reading.close();
        }
    }

    private static ByteBuffer filled(ByteBuffer buffer, byte[] bytes) {
        return buffer.clear().put(bytes).flip();
    }
}
