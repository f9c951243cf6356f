package io.cleave;

import io.cleave.core.storage.Fault;
import io.cleave.core.storage.FaultingStorage;
import io.cleave.error.StoreException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A course of events like {@link CrashWorkload}, shorter, that goes on after each failure and checks how it is told: open, fill,
 * flush, batches, splits, merges of neighbours, compaction, log rotation, sync, drop and creation of an index. What it was told
 * is in a {@link StoreHistory}. Single-threaded and deterministic up to the first failure.
 */
final class FaultWorkload {
    private final FaultingStorage storage;
    private final Fault fault;
    private final StoreHistory history = new StoreHistory();
    private SegmentStore store;
    private HeldReads held;
    private int stamp;
    private int successes;
    private int errors;

    /** @param fault what may go wrong; null for nothing */
    FaultWorkload(FaultingStorage storage, Fault fault) {
        this.storage = storage;
        this.fault = fault;
    }

    static StoreOptions options(FaultingStorage storage) {
        return CrashWorkload.optionsBuilder(storage).segmentEntriesMax(12).build();
    }

    StoreHistory history() {
        return history;
    }

    /** Null until it could be opened. */
    SegmentStore store() {
        return store;
    }

    int successes() {
        return successes;
    }

    int errors() {
        return errors;
    }

    boolean isPoisoned() {
        return store.engine().gate().poison() != null;
    }

    /** Everything but the close. */
    void run() {
        attempt(() -> store = SegmentStore.open(CrashWorkload.DIRECTORY, options(storage)));
        if (store == null) {
            return;
        }
        fill("a", 0, 14);
        batch(0);
        flush("a");
        batch(3);
        hold("a");
        fill("a", 5, 25);
        delete("a", 0, 32);
        // Anew, since what the older snapshot sees would keep segments from becoming small enough for a merge.
        hold("a");
        compact("a");
        sync();
        fill("b", 3, 20);
        drop("b");
        fill("c", 0, 4);
    }

    /** A short course after the fault was lifted, every step of which must succeed. */
    void goOn() {
        int before = errors;
        fill("a", 0, 16);
        fill("b", 0, 5);
        flush("a");
        batch(1);
        delete("a", 0, 10);
        compact("a");
        sync();
        drop("b");
        if (errors != before) {
            throw new AssertionError("the fault was lifted, and writing does not go on");
        }
        history.check(store);
        read(this::checkHeld);
    }

    /** Reads everything, with what was held: each answer is right. */
    void readUnderFault() {
        read(() -> history.checkAfterFailure(store));
        read(this::checkHeld);
    }

    private void checkHeld() {
        if (held != null) {
            held.check();
        }
    }

    /** From here on a cursor and a snapshot are open; those before are looked at for the last time. */
    private void hold(String name) {
        read(this::checkHeld);
        letGo();
        if (store.indexNames().contains(name)) {
            read(() -> held = HeldReads.open(store, store.index(name)));
        }
    }

    /**
     * Runs a step that reads. Segments are loaded, so it asks nothing of the storage that could fail; only at a limit of open
     * files idle ones were closed, and loading them meets the limit again.
     */
    private void read(Runnable step) {
        try {
            step.run();
        } catch (StoreException.LimitReached e) {
            errors++;
            if (fault != Fault.TOO_MANY_FILES) {
                throw e;
            }
            requireFitting(fault, e);
        }
    }

    private void letGo() {
        if (held != null) {
            held.close();
            held = null;
        }
    }

    /** Closes the store; true when that told no failure. */
    boolean close() {
        letGo();
        boolean closed = attempt(store::close);
        if (closed && !isPoisoned()) {
            history.synced();
        }
        return closed;
    }

    private void fill(String name, int from, int count) {
        for (int i = from; i < from + count; i++) {
            StoreHistory.Index index = created(name);
            if (index != null) {
                byte[] key = key(i);
                byte[] value = value();
                Durability durability = i % 7 == 0 ? Durability.DEVICE : Durability.PROCESS;
                List<StoreHistory.Write> writes = List.of(new StoreHistory.Write(index, key, value));
                write(writes, durability, () -> store.index(name).put(key, value, durability));
            }
        }
    }

    private void delete(String name, int from, int to) {
        for (int i = from; i < to; i++) {
            StoreHistory.Index index = created(name);
            if (index != null) {
                byte[] key = key(i);
                List<StoreHistory.Write> writes = List.of(new StoreHistory.Write(index, key, null));
                write(writes, Durability.PROCESS, () -> store.index(name).delete(key));
            }
        }
    }

    private void batch(int from) {
        if (created("a") == null || created("b") == null) {
            return;
        }
        List<StoreHistory.Write> writes = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            StoreHistory.Index index = created(i % 2 == 0 ? "a" : "b");
            writes.add(new StoreHistory.Write(index, key(from + 3 * i), i == 4 ? null : value()));
        }
        write(writes, Durability.DEVICE, () -> {
            try (WriteBatch batch = store.batch()) {
                for (StoreHistory.Write write : writes) {
                    SegmentIndex index = store.index(write.index().name);
                    if (write.value() == null) {
                        batch.delete(index, write.key());
                    } else {
                        batch.put(index, write.key(), write.value());
                    }
                }
                batch.commit(Durability.DEVICE);
            }
        });
    }

    /** A write that fails has not happened, unless what is durable has become unknown with it. */
    private void write(List<StoreHistory.Write> writes, Durability durability, Runnable step) {
        boolean poisoned = isPoisoned();
        history.begin(writes, durability);
        if (attempt(step)) {
            history.acknowledge(durability);
        } else if (poisoned || !isPoisoned()) {
            history.withdraw();
        }
    }

    /** The index, which is created when absent; null when that fails. */
    private StoreHistory.Index created(String name) {
        if (store.indexNames().contains(name)) {
            return history.indexes().get(name);
        }
        StoreHistory.Index before = history.indexes().get(name);
        boolean poisoned = isPoisoned();
        StoreHistory.Index index = history.beginCreate(name);
        if (attempt(() -> store.index(name))) {
            history.created(name);
            return index;
        }
        if (poisoned && before != null) {
            history.indexes().put(name, before);
        } else if (poisoned || !isPoisoned()) {
            history.dropped(name);
        }
        return null;
    }

    private void drop(String name) {
        if (!store.indexNames().contains(name)) {
            return;
        }
        boolean poisoned = isPoisoned();
        history.beginDrop(name);
        boolean done = attempt(() -> store.dropIndex(name));
        boolean gone = !store.indexNames().contains(name);
        if (done || gone) {
            history.dropped(name);
        } else if (poisoned || !isPoisoned()) {
            history.created(name);
        }
    }

    private void flush(String name) {
        if (created(name) != null && attempt(() -> store.index(name).flush())) {
            history.flushed(history.indexes().get(name));
        }
    }

    private void compact(String name) {
        if (created(name) != null) {
            attempt(() -> store.index(name).compact());
        }
    }

    private void sync() {
        if (attempt(store::sync)) {
            history.synced();
        }
    }

    /** Runs a step; true when it tells no failure. */
    private boolean attempt(Runnable step) {
        try {
            step.run();
            successes++;
            return true;
        } catch (StoreException e) {
            errors++;
            requireFitting(fault, e);
            return false;
        }
    }

    /** An error that tells what went wrong: of the kind of the fault, or that of a poisoned store, caused by the fault. */
    static void requireFitting(Fault fault, StoreException thrown) {
        Class<?> kind = fault == null
                ? null
                : switch (fault) {
                    case IO_ERROR, DONE_THEN_IO_ERROR, SHORT_WRITE, SYNC_FAILS -> StoreException.Io.class;
                    case DISK_FULL, NO_ROOM -> StoreException.DiskFull.class;
                    case TOO_MANY_FILES -> StoreException.LimitReached.class;
                };
        boolean fits = kind != null && (kind.isInstance(thrown) || thrown instanceof StoreException.Poisoned);
        boolean told = false;
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            told |= String.valueOf(cause.getMessage()).contains("injected");
        }
        if (!fits || !told) {
            throw new AssertionError(fault + " is told as " + thrown, thrown);
        }
    }

    /** Scattered, so that neighbours in time are not neighbours in order. */
    private static byte[] key(int number) {
        return ("key-" + (number * 37) % 101).getBytes(StandardCharsets.US_ASCII);
    }

    private byte[] value() {
        stamp++;
        return ("value " + stamp + " " + "x".repeat(stamp * 7 % 60)).getBytes(StandardCharsets.US_ASCII);
    }
}
