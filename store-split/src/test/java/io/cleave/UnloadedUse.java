package io.cleave;

import io.cleave.core.run.Compression;
import io.cleave.core.storage.RealStorage;
import io.cleave.inspect.StoreVerification;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** A program of its own class loader that uses most of what a store has, and closes it. */
public final class UnloadedUse implements Callable<String> {
    private static final int ENTRIES = 1_000;

    private final Path directory;

    /** @param directory of its store */
    public UnloadedUse(Path directory) {
        this.directory = directory;
    }

    @Override
    public String call() {
        try (StoreRuntime runtime = StoreRuntime.start(16 << 20, 1)) {
            session(runtime, Compression.LZ4);
            session(runtime, Compression.NONE);
        }
        return "done";
    }

    private void session(StoreRuntime runtime, Compression compression) {
        StoreOptions options = StoreOptions.builder()
                .runtime(runtime)
                .compression(compression)
                .segmentBytesMax(32 << 10)
                .build();
        try (SegmentStore store = SegmentStore.open(directory, options)) {
            SegmentIndex index = store.index("index");
            for (int i = 0; i < ENTRIES; i++) {
                index.put(key(i), new byte[100]);
            }
            try (WriteBatch batch = store.batch()) {
                batch.put(index, key(1), new byte[1]).delete(index, key(2));
                batch.commit();
            }
            read(store, index);
            index.flush();
            read(store, index);
            index.compact();
            read(store, index);
            store.awaitMaintenance();
            store.index("other").put(key(1), key(1));
            store.dropIndex("other");
            store.metrics();
            store.stats();
        }
        new StoreVerification(RealStorage.open(), directory, (done, total) -> {}).verify();
    }

    private static void read(SegmentStore store, SegmentIndex index) {
        for (int i = 0; i < ENTRIES; i++) {
            index.get(key(i));
        }
        try (Snapshot snapshot = store.snapshot();
                Cursor cursor = snapshot.cursor(index)) {
            while (cursor.next()) {
                cursor.key();
            }
        }
    }

    private static byte[] key(int i) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(i).array();
    }
}
