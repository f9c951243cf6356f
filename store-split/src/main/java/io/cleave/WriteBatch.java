package io.cleave;

import io.cleave.core.entry.EntryKind;
import io.cleave.core.metrics.OperationCells;
import io.cleave.core.metrics.OperationCounter;
import io.cleave.core.metrics.TimedOperation;
import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import io.cleave.log.OperationsEncoder;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Writes to any indexes of a store that take effect together or not at all, for readers and across a crash. Later operations
 * on a key win over earlier ones.
 *
 * <p>Ownership: keys and values are copied when they are added. Committing ends the batch; one that is not committed leaves
 * no trace; one that was neither committed nor closed counts as forgotten, see {@link LeakDetection}. An operation that is
 * refused leaves the batch as it was: smaller ones may follow, and what is in it can be committed. Not thread-safe: one
 * thread at a time.
 */
public final class WriteBatch implements AutoCloseable {
    private static final int ENTRY_OVERHEAD_BYTES = 64;

    private final SegmentStore store;
    private final StoreEngine engine;
    private final BatchHandle handle;
    private final List<CommitPath.Operation> operations = new ArrayList<>();
    private final OperationsEncoder encoder = new OperationsEncoder();
    private long bytes;
    private boolean ended;

    WriteBatch(SegmentStore store) {
        this.store = store;
        this.engine = store.engine();
        this.handle = new BatchHandle(this, engine.leaks());
        engine.leaks().track(handle);
    }

    /**
     * Sets the value of a key.
     *
     * @throws StoreException.LimitReached when the batch would be larger than half of the memory of memtables
     */
    public WriteBatch put(SegmentIndex index, byte[] key, byte[] value) {
        check(index, key);
        engine.commits().checkValue(value);
        long bytesAfter = bytesWith((long) key.length + value.length);
        add(new CommitPath.Operation(index.routed(), EntryKind.PUT, key.clone(), value.clone()), bytesAfter);
        return this;
    }

    /**
     * Removes a key.
     *
     * @throws StoreException.LimitReached when the batch would be larger than half of the memory of memtables
     */
    public WriteBatch delete(SegmentIndex index, byte[] key) {
        check(index, key);
        long bytesAfter = bytesWith(key.length);
        add(
                new CommitPath.Operation(index.routed(), EntryKind.TOMBSTONE, key.clone(), CommitPath.NO_VALUE),
                bytesAfter);
        return this;
    }

    /** Adds all of an operation or, whatever is thrown on the way, nothing. */
    private void add(CommitPath.Operation operation, long bytesAfter) {
        operations.add(operation);
        boolean isEncoded = false;
        try {
            int indexId = operation.index().indexId();
            if (operation.kind() == EntryKind.PUT) {
                encoder.put(indexId, operation.key(), operation.value());
            } else {
                encoder.delete(indexId, operation.key());
            }
            isEncoded = true;
        } finally {
            if (!isEncoded) {
                operations.remove(operations.size() - 1);
            }
        }
        bytes = bytesAfter;
    }

    /** Number of operations so far. */
    public int size() {
        return operations.size();
    }

    /** Writes everything with the durability of the options. */
    public void commit() {
        commit(engine.options().durability());
    }

    /** Writes everything; it survives what {@code durability} says once this returns. */
    public void commit(Durability durability) {
        try {
            Objects.requireNonNull(durability, "durability");
            requireOpen();
            if (!operations.isEmpty()) {
                write(durability);
            }
            close();
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    private void write(Durability durability) {
        OperationCells cells = engine.operations().own();
        long start = cells.beginTimed();
        engine.commits().write(operations, encoder, durability);
        cells.count(OperationCounter.BATCH, 1);
        cells.count(OperationCounter.BATCH_OPERATION, operations.size());
        cells.count(OperationCounter.BYTES_PUT, bytes - (long) ENTRY_OVERHEAD_BYTES * operations.size());
        engine.operations().end(cells, TimedOperation.BATCH, null, start);
    }

    /** Forgets everything that was not committed. Idempotent. */
    @Override
    public void close() {
        try {
            if (!ended) {
                ended = true;
                engine.leaks().untrack(handle);
            }
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private void check(SegmentIndex index, byte[] key) {
        Objects.requireNonNull(index, "index");
        requireOpen();
        index.requireSameStore(engine);
        CommitPath.checkKey(key);
    }

    /**
     * Bytes with one more operation; nothing is counted yet. A batch lies in memory twice, here and in memtables; half of
     * their budget is the most that can be written at once.
     */
    private long bytesWith(long more) {
        long limit = engine.options().memtableBytesMax() / 2;
        long bytesAfter = bytes + more + ENTRY_OVERHEAD_BYTES;
        if (bytesAfter > limit) {
            throw new StoreException.LimitReached(
                    "batch: expected at most " + limit + " bytes (half of memtableBytesMax), found " + bytesAfter
                            + " with one more than " + operations.size() + " operations");
        }
        return bytesAfter;
    }

    private void requireOpen() {
        engine.gate().requireOpen();
        if (ended) {
            throw new StoreClosedException("batch was committed or closed");
        }
    }

    /** Operations, bytes, store and state, for a log. */
    @Override
    public String toString() {
        return "WriteBatch[" + operations.size() + " operations, " + bytes + " bytes, of " + store
                + (ended ? ", ended]" : "]");
    }
}
