package io.cleave.log;

import io.cleave.core.bytes.Varint;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.EntryLimits;
import io.cleave.error.StoreException;
import java.util.Arrays;

/**
 * Collects the operations of one record in a heap buffer that is used again. Format: docs/format/log.md, "Operation".
 *
 * <p>Belongs to one thread at a time: the commit path. An operation that is refused leaves the encoder as it was.
 */
public final class OperationsEncoder {
    private static final int CAPACITY_FIRST = 4096;

    /** A buffer above this is given up by {@link #reset}, so that one large value does not stay for ever. */
    private static final int CAPACITY_KEPT_MAX = 4 << 20;

    /** Kind, index, key length, value length. */
    private static final int OVERHEAD_MAX = 1 + 3 * Varint.INT_BYTES_MAX;

    private final int bytesMax;

    private byte[] bytes = new byte[CAPACITY_FIRST];
    private int length;
    private int operations;

    /** An empty encoder. */
    public OperationsEncoder() {
        this(LogRecordFormat.BODY_BYTES_MAX);
    }

    OperationsEncoder(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** Forgets all operations. */
    public void reset() {
        if (bytes.length > CAPACITY_KEPT_MAX) {
            bytes = new byte[CAPACITY_FIRST];
        }
        length = 0;
        operations = 0;
    }

    /**
     * Adds a put.
     *
     * @throws StoreException.LimitReached when the record would grow beyond its limit
     */
    public void put(int indexId, byte[] key, byte[] value) {
        add(EntryKind.PUT, indexId, key, value);
    }

    /**
     * Adds an operation of a kind; a delete's value is empty. One way for both, see {@link EntryKind#tombstones}: the value of
     * a delete is written, too, but not counted.
     *
     * @throws StoreException.LimitReached when the record would grow beyond its limit
     */
    public void add(byte kind, int indexId, byte[] key, byte[] value) {
        if (value.length > EntryLimits.VALUE_BYTES_MAX) {
            throw new StoreException.LimitReached(
                    "value: expected at most " + EntryLimits.VALUE_BYTES_MAX + " bytes, found " + value.length);
        }
        start(kind, indexId, key, value.length);
        int valueAt = Varint.putInt(bytes, length, value.length);
        System.arraycopy(value, 0, bytes, valueAt, value.length);
        length += (valueAt + value.length - length) * (1 - EntryKind.tombstones(kind));
    }

    /**
     * Adds a delete.
     *
     * @throws StoreException.LimitReached when the record would grow beyond its limit
     */
    public void delete(int indexId, byte[] key) {
        start(EntryKind.TOMBSTONE, indexId, key, 0);
    }

    /** How many operations there are. */
    public int operations() {
        return operations;
    }

    /** The buffer; its first {@link #length} bytes are the body of the record. Valid until the next change. */
    public byte[] array() {
        return bytes;
    }

    /** Bytes of the body. */
    public int length() {
        return length;
    }

    private void start(byte kind, int indexId, byte[] key, int valueLength) {
        if (indexId < 0) {
            throw new IllegalArgumentException("index id: expected 0 or more, found " + indexId);
        }
        if (key.length < EntryLimits.KEY_BYTES_MIN || key.length > EntryLimits.KEY_BYTES_MAX) {
            throw new IllegalArgumentException("key: expected " + EntryLimits.KEY_BYTES_MIN + " to "
                    + EntryLimits.KEY_BYTES_MAX + " bytes, found " + key.length);
        }
        reserve((long) OVERHEAD_MAX + key.length + valueLength);
        bytes[length++] = kind;
        length = Varint.putInt(bytes, length, indexId);
        length = Varint.putInt(bytes, length, key.length);
        System.arraycopy(key, 0, bytes, length, key.length);
        length += key.length;
        operations++;
    }

    private void reserve(long more) {
        long needed = Math.addExact((long) length, more);
        if (needed <= bytes.length) {
            return;
        }
        if (needed > bytesMax) {
            throw new StoreException.LimitReached(
                    "operations of one batch: expected at most " + bytesMax + " bytes, asked for " + needed);
        }
        long doubled = Math.min(2L * bytes.length, bytesMax);
        bytes = Arrays.copyOf(bytes, (int) Math.max(needed, doubled));
    }
}
