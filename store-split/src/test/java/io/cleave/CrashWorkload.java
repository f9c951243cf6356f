package io.cleave;

import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * One fixed course of events, recorded in a {@link StoreHistory}: fill, flush, batches over two indexes, compactions, splits,
 * merges of neighbours, log rotation, drop and creation of an index, a clean close. Single-threaded and deterministic.
 */
final class CrashWorkload {
    static final Path DIRECTORY = SimulatedStorage.DIRECTORY.resolve("store");

    private static final int WAVE = 40;

    private final SimulatedStorage storage;
    private final StoreOptions options;
    private final Consumer<ProtocolTrace.Kind> notes;
    private final StoreHistory history = new StoreHistory();
    private SegmentStore store;
    private final List<StoreStats> stats = new ArrayList<>();
    private int stamp;

    CrashWorkload(SimulatedStorage storage) {
        this(storage, options(storage), note -> {});
    }

    /**
     * The same with other options.
     *
     * @param storage what those of {@code options} work on in the end
     * @param notes told when a write begins and when it is acknowledged
     */
    CrashWorkload(SimulatedStorage storage, StoreOptions options, Consumer<ProtocolTrace.Kind> notes) {
        this.storage = storage;
        this.options = options;
        this.notes = notes;
    }

    static StoreOptions options(Storage storage) {
        return optionsBuilder(storage).build();
    }

    static StoreOptions.Builder optionsBuilder(Storage storage) {
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
                .logBytesMax(32 << 10);
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
        store.engine().gate().poison(new IllegalStateException("the storage is dead"));
        try {
            store.close();
        } catch (RuntimeException | Error e) {
            assert store.engine().gate().isClosed();
        }
    }

    private void work() {
        store = SegmentStore.open(DIRECTORY, options);
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
        notes.accept(ProtocolTrace.Kind.BEGIN);
        store.sync();
        history.synced();
        notes.accept(ProtocolTrace.Kind.ACKNOWLEDGE_SYNC);
        fill("b", 20);
        close();
        store = SegmentStore.open(DIRECTORY, options);
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
            begin(List.of(new StoreHistory.Write(index, key, value)), durability);
            store.index(name).put(key, value, durability);
            acknowledge(durability);
        }
    }

    private void deleteAll(String name, int from, int to) {
        StoreHistory.Index index = history.indexes().get(name);
        for (int i = from; i < to; i++) {
            begin(List.of(new StoreHistory.Write(index, key(i), null)), Durability.PROCESS);
            store.index(name).delete(key(i));
            acknowledge(Durability.PROCESS);
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
            begin(writes, durability);
            batch.commit(durability);
            acknowledge(durability);
        }
    }

    private void begin(List<StoreHistory.Write> writes, Durability durability) {
        notes.accept(ProtocolTrace.Kind.BEGIN);
        history.begin(writes, durability);
    }

    private void acknowledge(Durability durability) {
        history.acknowledge(durability);
        notes.accept(
                durability == Durability.DEVICE
                        ? ProtocolTrace.Kind.ACKNOWLEDGE_DEVICE
                        : ProtocolTrace.Kind.ACKNOWLEDGE_PROCESS);
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
