package io.cleave.look;

import io.cleave.catalog.StoreCatalog;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.memtable.ChunkPool;
import io.cleave.core.memtable.MemoryBudget;
import io.cleave.core.memtable.Memtable;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import io.cleave.log.LogRecord;
import io.cleave.log.LogRecordKind;
import io.cleave.log.OperationsDecoder;
import io.cleave.log.ReplaySink;

/**
 * What the log holds of a cut and its runs do not, in memory. Where there is not enough, the rest is only counted, to say how
 * much it would take. Belongs to one thread until the replay has ended; the creator closes it.
 */
final class LogTail implements ReplaySink, AutoCloseable {
    private static final byte[] NO_VALUE = {};

    /** Memory of an entry beside its key and value: node, key table, order. */
    private static final int ENTRY_OVERHEAD_BYTES = 64;

    /** What the process needs besides. */
    private static final long BASE_BYTES = 32L << 20;

    private final IndexCut cut;
    private final StoreCatalog catalog;
    private final ChunkPool pool;
    private final Memtable memtable;
    private long neededBytes;
    private StoreException.LimitReached full;

    LogTail(Storage storage, IndexCut cut, StoreCatalog catalog) {
        this.cut = cut;
        this.catalog = catalog;
        this.pool = new ChunkPool(storage, ChunkPool.CHUNK_BYTES_DEFAULT, 0);
        this.memtable = new Memtable(pool, new MemoryBudget(Long.MAX_VALUE));
    }

    @Override
    public void record(LogRecord record) {
        if (record.kind() != LogRecordKind.DATA) {
            return;
        }
        OperationsDecoder operation = record.decoder();
        while (operation.next()) {
            int index = operation.indexId();
            if (index >= catalog.nextIndexId() && !catalog.indexes().containsValue(index)) {
                throw new StoreException.Corrupt(
                        record.file(), record.offset(), "index id", "below " + catalog.nextIndexId(), index);
            }
            if (index == cut.indexId()) {
                take(operation);
            }
        }
    }

    private void take(OperationsDecoder operation) {
        byte[] key = operation.key();
        if (!cut.bounds().contains(key) || operation.sequence() <= cut.flushedSequence(key)) {
            return;
        }
        byte[] value = operation.kind() == EntryKind.PUT ? operation.value() : NO_VALUE;
        neededBytes += ENTRY_OVERHEAD_BYTES + key.length + value.length;
        if (full == null) {
            try {
                memtable.put(key, key.length, operation.sequence(), operation.kind(), value, value.length);
            } catch (StoreException.LimitReached e) {
                full = e;
            }
        }
    }

    /** After the replay: what was taken. */
    Memtable memtable() {
        if (full != null) {
            long megabytes = (neededBytes + BASE_BYTES) / (1 << 20) + 1;
            StoreException.LimitReached refusal =
                    new StoreException.LimitReached(cut.directory() + ": the log holds about " + neededBytes
                            + " bytes of it that are not in runs, more than this process has memory for: start it with -Xmx"
                            + megabytes + "m, and a -XX:MaxDirectMemorySize as large if there is one ("
                            + full.getMessage() + ")");
            refusal.addSuppressed(full);
            throw refusal;
        }
        return memtable;
    }

    @Override
    public void close() {
        memtable.free();
        pool.close();
    }
}
