package io.cleave;

import io.cleave.core.storage.SimulatedStorage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One fixed course of events, recorded in a {@link StoreHistory}: fill, flush, batches over two indexes, compactions, splits,
 * merges of neighbours, log rotation, drop and creation of an index, a clean close. Single-threaded and deterministic.
 */
final class CrashWorkload {
    static final Path DIRECTORY = SimulatedStorage.DIRECTORY.resolve("store");

    private static final int WAVE = 40;

    private final SimulatedStorage storage;
    private final StoreHistory history = new StoreHistory();
    private SegmentStore store;
    private final List<StoreStats> stats = new ArrayList<>();
    private int stamp;

    CrashWorkload(SimulatedStorage storage) {
        this.storage = storage;
    }

    static StoreOptions options(SimulatedStorage storage) {
        return StoreOptions.builder()
                .storage(storage)
                .maintenanceThreads(0)
                .syncIntervalMillis(0)
                .memtableBytesMax(1 << 20)
                .segmentMemtableBytesMax(2 << 10)
                .memtableChunkBytes(512)
                .segmentEntriesMax(24)
                .blockBytes(128)
                .deltasMax(2)
                .logFileBytes(4 << 10)
                .logBytesMax(32 << 10)
                .build();
    }

    StoreHistory history() {
        return history;
    }

    /** What the store had done each time before it was closed. */
    List<StoreStats> stats() {
        return stats;
    }

    /** Runs to the end, or to the death of the storage; what else goes wrong is thrown. */
    void run() {
        try {
            work();
        } catch (RuntimeException | Error e) {
            if (!storage.isDead()) {
                throw e;
            }
        }
        if (storage.isDead()) {
            abandon(store);
        }
    }

    /** Gives back what a store on a dead storage holds. */
    static void abandon(SegmentStore store) {
        if (store == null) {
            return;
        }
        store.engine().poison(new IllegalStateException("the storage is dead"));
        try {
            store.close();
        } catch (RuntimeException | Error e) {
            assert store.engine().isClosed();
        }
    }

    private void work() {
        store = SegmentStore.open(DIRECTORY, options(storage));
        create("a");
        create("b");
        fill("a", 0);
        fill("b", 0);
        flush("a");
        for (int i = 0; i < 8; i++) {
            batch(i);
        }
        fill("a", 20);
        deleteAll("a", 0, 75);
        store.index("a").compact();
        store.sync();
        history.synced();
        fill("b", 20);
        close();
        store = SegmentStore.open(DIRECTORY, options(storage));
        drop("b");
        create("c");
        fill("c", 0);
        create("b");
        fill("b", 10);
        flush("c");
        close();
    }

    private void close() {
        stats.add(store.stats());
        store.close();
        history.settle();
    }

    private void create(String name) {
        history.beginCreate(name);
        store.index(name);
        history.created(name);
    }

    private void drop(String name) {
        history.beginDrop(name);
        store.dropIndex(name);
        history.dropped(name);
    }

    private void flush(String name) {
        store.index(name).flush();
        history.flushed(history.indexes().get(name));
    }

    private void fill(String name, int from) {
        StoreHistory.Index index = history.indexes().get(name);
        for (int i = from; i < from + WAVE; i++) {
            byte[] key = key(i);
            byte[] value = value();
            Durability durability = i % 9 == 0 ? Durability.DEVICE : Durability.PROCESS;
            history.begin(List.of(new StoreHistory.Write(index, key, value)), durability);
            store.index(name).put(key, value, durability);
            history.acknowledge(durability);
        }
    }

    private void deleteAll(String name, int from, int to) {
        StoreHistory.Index index = history.indexes().get(name);
        for (int i = from; i < to; i++) {
            history.begin(List.of(new StoreHistory.Write(index, key(i), null)), Durability.PROCESS);
            store.index(name).delete(key(i));
            history.acknowledge(Durability.PROCESS);
        }
    }

    private void batch(int round) {
        List<StoreHistory.Write> writes = new ArrayList<>();
        try (WriteBatch batch = store.batch()) {
            for (int i = 0; i < 8; i++) {
                String name = i % 2 == 0 ? "a" : "b";
                byte[] key = key(7 * round + 3 * i);
                byte[] value = i == 5 ? null : value();
                writes.add(new StoreHistory.Write(history.indexes().get(name), key, value));
                if (value == null) {
                    batch.delete(store.index(name), key);
                } else {
                    batch.put(store.index(name), key, value);
                }
            }
            Durability durability = round % 3 == 0 ? Durability.DEVICE : Durability.PROCESS;
            history.begin(writes, durability);
            batch.commit(durability);
            history.acknowledge(durability);
        }
    }

    /** Scattered, so that neighbours in time are not neighbours in order. */
    private static byte[] key(int number) {
        return ("key-" + (number * 37) % 101).getBytes(StandardCharsets.US_ASCII);
    }

    private byte[] value() {
        stamp++;
        return ("value " + stamp + " " + "x".repeat(stamp % 40)).getBytes(StandardCharsets.US_ASCII);
    }
}
