package io.cleave;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.EntryLimits;
import io.cleave.core.resource.RankedLock;
import io.cleave.core.resource.StoreGate;
import io.cleave.core.segment.MemtableLayer;
import io.cleave.core.segment.Snapshots;
import io.cleave.core.storage.MappingFault;
import io.cleave.error.StoreException;
import io.cleave.log.OperationsEncoder;
import io.cleave.log.StoreLog;
import io.cleave.log.WriteAheadLog;
import io.cleave.route.Route;
import io.cleave.route.RoutedIndex;
import io.cleave.route.SegmentSlot;
import io.cleave.route.SlotLease;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How a write happens: wait for memory if need be, then under the commit lock claim sequence numbers, log, fill memtables and
 * make it visible, then outside of the lock sync if that was asked for. One commit at a time; a commit holds the lock for
 * copies in memory, and for the making of a log file should none be prepared.
 *
 * <p>Thread-safe.
 */
final class CommitPath {
    static final byte[] NO_VALUE = new byte[0];

    private final Path directory;
    private final StoreOptions options;
    private final StoreGate gate;
    private final RankedLock lock;
    private final Snapshots snapshots;
    private final StoreMaintenance maintenance;
    private final DiskQuota quota;
    private final StoreLog storeLog;
    private final WriteAheadLog log;

    /** Guarded by {@link #lock}, as is {@link #entry}. */
    private final OperationsEncoder encoder = new OperationsEncoder();

    private final MemtableLayer.Entry entry = new MemtableLayer.Entry();

    /**
     * A commit was begun and is not visible. Found so by the next one it says that an error has ended it where not even a failure
     * could be noted: log and memory may differ. Guarded by {@link #lock}.
     */
    private boolean unfinished;

    /** Number of the last commit that reserved memory. Guarded by {@link #lock}. */
    private long reservations;

    /** Of a store whose log is open. */
    CommitPath(StoreContext shared, StoreMaintenance maintenance) {
        this.directory = shared.directory();
        this.options = shared.options();
        this.gate = shared.gate();
        this.lock = shared.context().commitLock();
        this.snapshots = shared.context().snapshots();
        this.maintenance = maintenance;
        this.quota = shared.quota();
        this.storeLog = shared.log();
        this.log = storeLog.writer();
    }

    /** One operation of a batch. */
    record Operation(RoutedIndex index, byte kind, byte[] key, byte[] value) {}

    /** Sets the value of a key. */
    void put(RoutedIndex index, byte[] key, byte[] value, Durability durability) {
        write(index, EntryKind.PUT, key, value, durability);
    }

    /** Removes a key. */
    void delete(RoutedIndex index, byte[] key, Durability durability) {
        long sequence = write(index, EntryKind.TOMBSTONE, key, NO_VALUE, durability);
        if (maintenance.due().looksAfterDelete(sequence)) {
            maintenance.due().afterDelete(index, index.route().find(key, KeyOrder.prefix(key, key.length)));
            maintenance.runQueued();
        }
    }

    private long write(RoutedIndex index, byte kind, byte[] key, byte[] value, Durability durability) {
        try {
            return writeOne(index, kind, key, value, durability);
        } catch (StoreException.LimitReached e) {
            // Perhaps of memory: what a flush gives back is there for the next try.
            maintenance.flushLargestIfPossible();
            throw e;
        } catch (InternalError e) {
            throw MappingFault.of(index.directory(), e);
        } catch (StackOverflowError e) {
            giveLockBack();
            throw e;
        }
    }

    /** Writes one entry and returns its number. Puts and deletes share it, so it has no branch for either on its way. */
    private long writeOne(RoutedIndex index, byte kind, byte[] key, byte[] value, Durability durability) {
        gate.requireWritable();
        if (quota.isSet() && kind == EntryKind.PUT) {
            admitPut();
        }
        maintenance.admit();
        long prefix = KeyOrder.prefix(key, key.length);
        while (true) {
            Route route = index.route();
            SegmentSlot slot = route.find(key, prefix);
            if (!slot.isLoaded()) {
                index.requireOpen();
                index.load(slot);
                continue;
            }
            long memtableBytes;
            long position = 0;
            long sequence;
            lock.lock();
            try {
                if (index.route() != route || !slot.isLoaded()) {
                    continue;
                }
                requireWritableLocked(index);
                sequence = firstSequenceLocked(1);
                slot.reserveLocked(++reservations, key.length, value.length);
                long logPosition = MemtableLayer.NO_LOG;
                if (durability != Durability.MEMORY) {
                    logPosition = log.endPosition();
                    position = logOne(index, sequence, kind, key, value);
                }
                memtableBytes = apply(index, slot, entry.set(key, sequence, kind, value), logPosition);
                snapshots.publish(sequence);
                unfinished = false;
            } finally {
                lock.unlock();
            }
            maintenance.afterWrite(index, slot, memtableBytes);
            if (durability == Durability.DEVICE) {
                storeLog.sync(position);
            }
            return sequence;
        }
    }

    /** Writes all operations of a batch or none; {@code encoded} holds them in the same order. */
    void write(List<Operation> operations, OperationsEncoder encoded, Durability durability) {
        try {
            writeAll(operations, encoded, durability);
        } catch (StoreException.LimitReached e) {
            // Perhaps of memory: what a flush gives back is there for the next try.
            maintenance.flushLargestIfPossible();
            throw e;
        } catch (InternalError e) {
            throw MappingFault.of(directory, e);
        } catch (StackOverflowError e) {
            giveLockBack();
            throw e;
        }
    }

    /** With a quota of the disk, before a write that adds an entry. */
    private void admitPut() {
        StoreException.LimitReached refusal = quota.refusal();
        if (refusal != null) {
            maintenance.due().makeRoom();
            throw refusal;
        }
    }

    /** The call that gives it back may have been the one for which there was no room; here is more of it. */
    private void giveLockBack() {
        if (lock.isHeld()) {
            lock.unlock();
        }
    }

    private void writeAll(List<Operation> operations, OperationsEncoder encoded, Durability durability) {
        gate.requireWritable();
        if (quota.isSet() && operations.stream().anyMatch(operation -> operation.kind() == EntryKind.PUT)) {
            admitPut();
        }
        maintenance.admit();
        Batch batch = new Batch(operations, encoded, durability);
        try (Leases leases = new Leases()) {
            while (!tryWrite(batch)) {
                // Held until the batch is through, so that loading one segment does not evict another of the same
                // batch.
                operations.forEach(leases::add);
            }
        }
        for (int i = 0; i < batch.slots.length; i++) {
            if (operations.get(i).kind() == EntryKind.TOMBSTONE) {
                maintenance.due().afterDelete(operations.get(i).index(), batch.slots[i]);
            }
            maintenance.afterWrite(operations.get(i).index(), batch.slots[i], batch.memtableBytes[i]);
        }
        if (durability == Durability.DEVICE) {
            storeLog.sync(batch.position);
        }
    }

    /** Writes a batch unless a segment of it was split, merged or evicted since it was looked up. */
    private boolean tryWrite(Batch batch) {
        for (int i = 0; i < batch.slots.length; i++) {
            Operation operation = batch.operations.get(i);
            // In this order: a slot of a newer route than the one that is remembered is found out below.
            batch.routes[i] = operation.index().route();
            batch.slots[i] = operation.index().loadedSlot(operation.key());
        }
        lock.lock();
        try {
            if (!areWritableLocked(batch)) {
                return false;
            }
            long first = firstSequenceLocked(batch.slots.length);
            reserveLocked(batch);
            long logPosition = MemtableLayer.NO_LOG;
            if (batch.durability != Durability.MEMORY) {
                logPosition = log.endPosition();
                batch.position = append(first, batch.slots.length, batch.encoded);
            }
            for (int i = 0; i < batch.slots.length; i++) {
                Operation operation = batch.operations.get(i);
                entry.set(operation.key(), first + i, operation.kind(), operation.value());
                batch.memtableBytes[i] = apply(operation.index(), batch.slots[i], entry, logPosition);
            }
            snapshots.publish(first + batch.slots.length - 1);
            unfinished = false;
            return true;
        } finally {
            lock.unlock();
        }
    }

    static byte[] checkKey(byte[] key) {
        java.util.Objects.requireNonNull(key, "key");
        if (key.length < EntryLimits.KEY_BYTES_MIN || key.length > EntryLimits.KEY_BYTES_MAX) {
            throw new IllegalArgumentException("key: expected " + EntryLimits.KEY_BYTES_MIN + " to "
                    + EntryLimits.KEY_BYTES_MAX + " bytes, found " + key.length);
        }
        return key;
    }

    byte[] checkValue(byte[] value) {
        java.util.Objects.requireNonNull(value, "value");
        long limit = Math.min(options.valueBytesMax(), Math.max(1, options.memtableBytesMax() / 4));
        if (value.length > limit) {
            throw new IllegalArgumentException(
                    "value: expected at most " + limit + " bytes, the smaller of valueBytesMax ("
                            + options.valueBytesMax() + ") and a quarter of memtableBytesMax ("
                            + options.memtableBytesMax() + "), found " + value.length);
        }
        return value;
    }

    /** True when no route has changed since the slots were looked up, and all are loaded. */
    private boolean areWritableLocked(Batch batch) {
        requireFinishedLocked();
        gate.requireWritable();
        for (int i = 0; i < batch.slots.length; i++) {
            RoutedIndex index = batch.operations.get(i).index();
            index.requireOpen();
            if (index.route() != batch.routes[i] || !batch.slots[i].isLoaded()) {
                return false;
            }
        }
        return true;
    }

    /** The number after the visible one, if there are {@code count} of them. */
    private long firstSequenceLocked(int count) {
        long visible = snapshots.visible();
        if (visible > EntryLimits.SEQUENCE_MAX - count) {
            throw new StoreException.LimitReached("store " + directory + ": sequence number " + visible + " of "
                    + EntryLimits.SEQUENCE_MAX + " is used, " + count + " more asked for");
        }
        return visible + 1;
    }

    private void requireWritableLocked(RoutedIndex index) {
        requireFinishedLocked();
        gate.requireWritable();
        index.requireOpen();
    }

    /** Memory for everything, before anything is logged. */
    private void reserveLocked(Batch batch) {
        reservations++;
        for (int i = 0; i < batch.slots.length; i++) {
            Operation operation = batch.operations.get(i);
            batch.slots[i].reserveLocked(reservations, operation.key().length, operation.value().length);
        }
    }

    private void requireFinishedLocked() {
        if (unfinished) {
            gate.poison(new IllegalStateException("a write was ended by an error between log and memory"));
        }
    }

    private long logOne(RoutedIndex index, long sequence, byte kind, byte[] key, byte[] value) {
        encoder.reset();
        encoder.add(kind, index.indexId(), key, value);
        return append(sequence, 1, encoder);
    }

    /** A log that takes no more records makes a store that takes no more writes, those that need no log included. */
    private long append(long firstSequence, int operations, OperationsEncoder encoded) {
        unfinished = true;
        try {
            return log.append(firstSequence, operations, encoded.array(), encoded.length());
        } catch (StoreException.Poisoned | Error e) {
            gate.poison(e);
            throw e;
        } catch (RuntimeException e) {
            unfinished = false;
            throw e;
        }
    }

    /** From here on log and memory must agree: if memory can't take what is logged, only a reopen brings it back. */
    private long apply(RoutedIndex index, SegmentSlot slot, MemtableLayer.Entry next, long logPosition) {
        unfinished = true;
        try {
            return index.putLocked(slot, next, logPosition);
        } catch (RuntimeException | Error e) {
            gate.poison(e);
            throw new StoreException.Poisoned("store " + directory + ": a logged write could not be applied", e);
        }
    }

    /** A batch on its way. Belongs to the thread that commits it. */
    private static final class Batch {
        private final List<Operation> operations;
        private final OperationsEncoder encoded;
        private final Durability durability;
        private final Route[] routes;
        private final SegmentSlot[] slots;
        private final long[] memtableBytes;
        private long position;

        Batch(List<Operation> operations, OperationsEncoder encoded, Durability durability) {
            this.operations = operations;
            this.encoded = encoded;
            this.durability = durability;
            this.routes = new Route[operations.size()];
            this.slots = new SegmentSlot[operations.size()];
            this.memtableBytes = new long[operations.size()];
        }
    }

    /** References that keep segments from being evicted. */
    private static final class Leases implements AutoCloseable {
        private final List<SlotLease> held = new ArrayList<>();

        void add(Operation operation) {
            held.add(operation.index().lease(operation.key()));
        }

        @Override
        public void close() {
            held.forEach(SlotLease::close);
        }
    }
}
