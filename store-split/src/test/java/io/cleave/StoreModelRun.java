package io.cleave;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cleave.core.resource.Epoch;
import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;

/** One run of random operations on a store beside its model. Belongs to one thread. */
@SuppressWarnings("IdentityHashMapUsage") // each index object is a key of its own
final class StoreModelRun {
    private static final List<String> NAMES = List.of("a", "b");
    private static final int KEYS = 300;
    private static final int KEPT_MAX = 4;
    private static final int SHOWN_OPERATIONS = 60;
    private static final int RECLAIMS_MAX = 10_000;

    private final OptionSets.OptionSet set;
    private final SplittableRandom random;
    private final KeySpace space;
    private final StoreHistory history = new StoreHistory();
    private final Deque<String> latest = new ArrayDeque<>();
    private final List<ModelSnapshot> snapshots = new ArrayList<>();
    private final List<KeptCursor> cursors = new ArrayList<>();
    private final Path directory;
    private final boolean simulated;
    private Storage storage;
    private SegmentStore store;
    private long splits;

    /** @param realDirectory where the store goes, or null for a simulated storage */
    StoreModelRun(OptionSets.OptionSet set, long seed, Path realDirectory) {
        this.set = set;
        this.random = new SplittableRandom(seed);
        this.space = new KeySpace(random.split(), KEYS);
        this.simulated = realDirectory == null;
        this.directory = simulated ? SimulatedStorage.DIRECTORY.resolve("store") : realDirectory.resolve("store");
        this.storage = simulated ? new SimulatedStorage(seed) : RealStorage.open();
    }

    private record ModelSnapshot(Snapshot snapshot, Map<StoreHistory.Index, NavigableMap<byte[], byte[]>> moment) {
        NavigableMap<byte[], byte[]> of(StoreHistory.Index index) {
            return moment.getOrDefault(index, StoreHistory.newMap());
        }
    }

    private record KeptCursor(StoreHistory.Index index, ModelCursor cursor) {}

    /** Runs {@code count} operations; returns the splits there were. */
    long run(long count) {
        try {
            open();
            NAMES.forEach(this::create);
            for (long i = 0; i < count; i++) {
                operate();
            }
            note("end");
            checkAll();
            close();
            if (!storage.counters().nothingHeld()) {
                throw new AssertionError("left open: " + storage.counters());
            }
            if (!simulated && !LeakCheck.openBelow(directory).isEmpty()) {
                throw new AssertionError("left open: " + LeakCheck.openBelow(directory));
            }
            return splits;
        } catch (RuntimeException | Error e) {
            AssertionError failure = new AssertionError(e + "\nlast operations:\n  " + String.join("\n  ", latest), e);
            abandon();
            throw failure;
        }
    }

    private void operate() {
        int dice = random.nextInt(10_000);
        if (dice < 3_800) {
            put();
        } else if (dice < 5_100) {
            delete();
        } else if (dice < 5_600) {
            batch();
        } else if (dice < 8_300) {
            read();
        } else if (dice < 8_800) {
            walk();
        } else if (dice < 9_780) {
            useKept();
        } else if (dice < 9_965) {
            maintain();
        } else {
            interrupt();
        }
    }

    private void put() {
        StoreHistory.Index index = anyIndex();
        byte[] key = space.key();
        byte[] value = space.value();
        Durability durability = durability();
        note("put " + index.name + " " + durability, key);
        history.begin(List.of(new StoreHistory.Write(index, key, value)), durability);
        store.index(index.name).put(key, value, durability);
        history.acknowledge(durability);
    }

    private void delete() {
        StoreHistory.Index index = anyIndex();
        byte[] key = space.key();
        Durability durability = durability();
        note("delete " + index.name + " " + durability, key);
        history.begin(List.of(new StoreHistory.Write(index, key, null)), durability);
        store.index(index.name).delete(key, durability);
        history.acknowledge(durability);
    }

    private void batch() {
        Durability durability = durability();
        List<StoreHistory.Write> writes = new ArrayList<>();
        try (WriteBatch batch = store.batch()) {
            int size = random.nextInt(1, 9);
            for (int i = 0; i < size; i++) {
                StoreHistory.Index index = anyIndex();
                byte[] key = space.key();
                byte[] value = random.nextInt(4) == 0 ? null : space.value();
                note("in batch " + index.name + (value == null ? " delete" : " put"), key);
                writes.add(new StoreHistory.Write(index, key, value));
                if (value == null) {
                    batch.delete(store.index(index.name), key);
                } else {
                    batch.put(store.index(index.name), key, value);
                }
            }
            note("commit " + durability);
            history.begin(writes, durability);
            batch.commit(durability);
            history.acknowledge(durability);
        }
    }

    private void read() {
        StoreHistory.Index index = anyIndex();
        byte[] key = random.nextInt(10) == 0 ? space.bound() : space.key();
        note("read " + index.name, key);
        byte[] expected = index.now.get(key);
        SegmentIndex real = store.index(index.name);
        byte[] target = new byte[random.nextInt(64)];
        requireSame(key, expected, real.get(key), real.get(key, target), target);
        if (real.containsKey(key) != (expected != null)) {
            throw new AssertionError("containsKey " + StoreHistory.hex(key) + ": expected " + (expected != null));
        }
    }

    private void walk() {
        StoreHistory.Index index = anyIndex();
        KeyRange range = space.range();
        note("walk " + index.name);
        try (ModelCursor cursor = new ModelCursor(store.index(index.name).cursor(range), index.now, range)) {
            int moves = random.nextInt(1, 20);
            for (int i = 0; i < moves; i++) {
                cursor.move(random, space);
            }
        }
    }

    /** Cursors and snapshots that live over many operations. */
    private void useKept() {
        int dice = random.nextInt(100);
        if (dice < 8) {
            takeSnapshot();
        } else if (dice < 40 && !snapshots.isEmpty()) {
            readSnapshot(snapshots.get(random.nextInt(snapshots.size())));
        } else if (dice < 46 && !snapshots.isEmpty()) {
            note("close snapshot");
            snapshots.remove(random.nextInt(snapshots.size())).snapshot.close();
        } else if (dice < 54) {
            keepCursor();
        } else if (dice < 92 && !cursors.isEmpty()) {
            KeptCursor kept = cursors.get(random.nextInt(cursors.size()));
            note("kept cursor " + kept.index.name + " " + kept.cursor.move(random, space));
        } else if (!cursors.isEmpty()) {
            KeptCursor kept = cursors.remove(random.nextInt(cursors.size()));
            note("drain and close kept cursor " + kept.index.name);
            kept.cursor.drain();
            kept.cursor.close();
        }
    }

    private void takeSnapshot() {
        if (snapshots.size() < KEPT_MAX) {
            note("snapshot");
            Map<StoreHistory.Index, NavigableMap<byte[], byte[]>> moment = new IdentityHashMap<>();
            history.indexes().values().forEach(index -> moment.put(index, StoreHistory.copy(index.now)));
            snapshots.add(new ModelSnapshot(store.snapshot(), moment));
        }
    }

    private void readSnapshot(ModelSnapshot kept) {
        StoreHistory.Index index = anyIndex();
        SegmentIndex real = store.index(index.name);
        if (!kept.moment.containsKey(index)) {
            note("read snapshot of before a drop " + index.name);
            byte[] dropped = space.key();
            assertThrows(StoreException.NotFound.class, () -> kept.snapshot.get(real, dropped));
            return;
        }
        if (random.nextInt(4) == 0) {
            KeyRange range = space.range();
            note("walk snapshot " + index.name);
            try (ModelCursor cursor = new ModelCursor(kept.snapshot.cursor(real, range), kept.of(index), range)) {
                for (int i = 0; i < 10; i++) {
                    cursor.move(random, space);
                }
            }
            return;
        }
        byte[] key = space.key();
        note("read snapshot " + index.name, key);
        byte[] expected = kept.of(index).get(key);
        byte[] target = new byte[random.nextInt(64)];
        requireSame(key, expected, kept.snapshot.get(real, key), kept.snapshot.get(real, key, target), target);
        if (kept.snapshot.containsKey(real, key) != (expected != null)) {
            throw new AssertionError("snapshot containsKey " + StoreHistory.hex(key));
        }
    }

    private void keepCursor() {
        if (cursors.size() < KEPT_MAX) {
            KeyRange range = space.range();
            if (!snapshots.isEmpty() && random.nextInt(3) == 0) {
                ModelSnapshot kept = snapshots.get(random.nextInt(snapshots.size()));
                StoreHistory.Index index = anyIndex();
                note("keep cursor of snapshot " + index.name);
                if (!kept.moment.containsKey(index)) {
                    SegmentIndex real = store.index(index.name);
                    assertThrows(StoreException.NotFound.class, () -> kept.snapshot.cursor(real, range));
                    return;
                }
                Cursor cursor = kept.snapshot.cursor(store.index(index.name), range);
                cursors.add(new KeptCursor(index, new ModelCursor(cursor, kept.of(index), range)));
            } else {
                StoreHistory.Index index = anyIndex();
                note("keep cursor " + index.name);
                cursors.add(new KeptCursor(
                        index, new ModelCursor(store.index(index.name).cursor(range), index.now, range)));
            }
        }
    }

    private void maintain() {
        int dice = random.nextInt(100);
        StoreHistory.Index index = anyIndex();
        if (dice < 30) {
            note("flush " + index.name);
            store.index(index.name).flush();
            history.flushed(index);
        } else if (dice < 45) {
            note("compact " + index.name);
            store.index(index.name).compact();
        } else if (dice < 70) {
            split(store.index(index.name));
        } else if (dice < 90) {
            note("sync");
            store.sync();
            history.synced();
        } else {
            note("check all");
            checkAll();
        }
    }

    private void split(SegmentIndex index) {
        List<IndexStats.SegmentStats> segments = index.stats().segments();
        long id = segments.get(random.nextInt(segments.size())).id();
        note("split " + index.name() + " segment " + id);
        try {
            index.split(id);
        } catch (StoreException.NotFound e) {
            // A worker has replaced it since.
            if (set.options().maintenanceThreads() == 0) {
                throw e;
            }
        }
    }

    private void interrupt() {
        int dice = random.nextInt(100);
        if (dice < 10) {
            dropAndCreate();
        } else if (dice < 20) {
            wipe();
        } else if (dice < 40 || !simulated) {
            note("reopen");
            checkAll();
            close();
            open();
            history.settle();
            checkAll();
        } else {
            lose(dice < 70);
        }
    }

    /** Deletes a range, so that neighbours become small enough to be merged. */
    private void wipe() {
        StoreHistory.Index index = anyIndex();
        KeyRange range = space.range();
        List<byte[]> keys = index.now.keySet().stream().filter(range::contains).toList();
        note("wipe " + index.name + " " + keys.size() + " keys");
        for (byte[] key : keys) {
            Durability durability = set.options().durability();
            history.begin(List.of(new StoreHistory.Write(index, key, null)), durability);
            store.index(index.name).delete(key);
            history.acknowledge(durability);
        }
    }

    private void dropAndCreate() {
        StoreHistory.Index index = anyIndex();
        note("drop " + index.name);
        SegmentIndex stale = store.index(index.name);
        history.beginDrop(index.name);
        if (!store.dropIndex(index.name) || store.indexNames().contains(index.name)) {
            throw new AssertionError("index " + index.name + " was not dropped");
        }
        history.dropped(index.name);
        cursors.removeIf(kept -> {
            if (kept.index == index) {
                kept.cursor.requireClosed();
                kept.cursor.close();
            }
            return kept.index == index;
        });
        try {
            stale.get(space.key());
            throw new AssertionError("a dropped index is still read");
        } catch (StoreException.NotFound expected) {
            create(index.name);
        }
    }

    /** The process, or else the machine, goes down. */
    private void lose(boolean process) {
        note(process ? "kill" : "power cut");
        requireNoFailures();
        SimulatedStorage dying = (SimulatedStorage) storage;
        storage = process ? dying.kill() : dying.crash(random.nextLong());
        abandon();
        open();
        if (process) {
            history.acceptAfterKill(store);
        } else {
            history.acceptAfterCrash(store);
        }
        note("reopened");
        for (String name : NAMES) {
            if (!history.indexes().containsKey(name)) {
                create(name);
            }
        }
    }

    /** Closes what holds on to a dead storage, or to a store that failed; nothing it throws matters. */
    private void abandon() {
        cursors.forEach(kept -> ignoringFailure(kept.cursor::close));
        snapshots.forEach(kept -> ignoringFailure(kept.snapshot::close));
        cursors.clear();
        snapshots.clear();
        if (store != null) {
            // A poisoned store does not try to flush: its workers may have died with the storage.
            store.engine().gate().poison(new IllegalStateException("the storage is dead"));
            ignoringFailure(store::close);
        }
    }

    @SuppressWarnings("CatchAndPrintStackTrace")
    private static void ignoringFailure(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            // The storage is dead.
            assert e != null;
        }
    }

    private void open() {
        store = SegmentStore.open(
                directory, set.options().toBuilder().storage(storage).build());
    }

    /** Cleanly; what is still open must throw from then on. */
    private void close() {
        requireNoFailures();
        splits += store.stats().splits();
        StoreEngine engine = store.engine();
        store.close();
        cursors.forEach(kept -> {
            kept.cursor.requireClosed();
            kept.cursor.close();
        });
        snapshots.forEach(kept -> kept.snapshot.close());
        cursors.clear();
        snapshots.clear();
        for (int i = 0; i < RECLAIMS_MAX && Epoch.reclaim() > 0; i++) {
            Thread.onSpinWait();
        }
        if (engine.budget().used() != 0) {
            throw new AssertionError("memtables hold " + engine.budget().used() + " bytes after close");
        }
    }

    private void create(String name) {
        note("create " + name);
        store.index(name);
        history.create(name);
    }

    private void checkAll() {
        history.check(store);
    }

    private void requireNoFailures() {
        if (store.stats().failures() > 0) {
            var failure = store.engine().maintenance().workers().lastFailure();
            throw new AssertionError("maintenance failed: " + failure.key(), failure.cause());
        }
    }

    private StoreHistory.Index anyIndex() {
        return history.indexes().get(NAMES.get(random.nextInt(NAMES.size())));
    }

    private Durability durability() {
        int dice = random.nextInt(100);
        return dice < 3
                ? Durability.DEVICE
                : dice < 6 ? Durability.PROCESS : set.options().durability();
    }

    private static void requireSame(byte[] key, byte[] expected, byte[] found, int length, byte[] target) {
        if (!Arrays.equals(expected, found)) {
            throw new AssertionError("get " + StoreHistory.hex(key) + ": expected " + StoreHistory.hex(expected)
                    + ", found " + StoreHistory.hex(found));
        }
        int copied = expected == null ? 0 : Math.min(expected.length, target.length);
        boolean same = length == (expected == null ? -1 : expected.length)
                && (copied == 0 || Arrays.equals(expected, 0, copied, target, 0, copied));
        if (!same) {
            throw new AssertionError(
                    "get " + StoreHistory.hex(key) + " into " + target.length + " bytes: length " + length);
        }
    }

    private void note(String what, byte[] key) {
        note(what + " " + StoreHistory.hex(key));
    }

    private void note(String what) {
        if (latest.size() == SHOWN_OPERATIONS) {
            latest.removeFirst();
        }
        latest.addLast(what);
    }
}
