package io.cleave.log;

import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.EntryLimits;
import io.cleave.error.StoreException;
import java.util.Arrays;

/**
 * Steps through the operations of a replayed record. Starts before the first.
 *
 * <p>Belongs to one thread; valid as long as its record. Errors: {@code Corrupt} naming the record when the body is not
 * what {@link OperationsEncoder} writes.
 */
public final class OperationsDecoder {
    private final LogRecord record;
    private final byte[] bytes;
    private final int from;
    private final int end;

    private int at;
    private int done;
    private byte kind;
    private int indexId;
    private int keyAt;
    private int keyLength;
    private int valueAt;
    private int valueLength;

    OperationsDecoder(LogRecord record, byte[] bytes, int from, int length) {
        this.record = record;
        this.bytes = bytes;
        this.from = from;
        this.end = from + length;
        this.at = from;
    }

    /** Moves to the next operation; false after the last. */
    public boolean next() {
        if (done == record.operations()) {
            if (at != end) {
                throw corrupt("bytes after the last operation", 0, end - at);
            }
            return false;
        }
        if (at == end) {
            throw corrupt("operations", record.operations(), done);
        }
        kind = bytes[at++];
        if (!EntryKind.isKnown(kind)) {
            throw corrupt("operation kind", "1 or 2", kind);
        }
        indexId = number("index id", 0, Integer.MAX_VALUE);
        keyLength = number("key length", EntryLimits.KEY_BYTES_MIN, EntryLimits.KEY_BYTES_MAX);
        keyAt = skip("key", keyLength);
        valueLength = kind == EntryKind.PUT ? number("value length", 0, EntryLimits.VALUE_BYTES_MAX) : 0;
        valueAt = skip("value", valueLength);
        done++;
        return true;
    }

    /** Sequence number of the operation. */
    public long sequence() {
        assert done > 0 : "next() has not been called";
        return record.firstSequence() + done - 1;
    }

    /** {@link EntryKind} of the operation. */
    public byte kind() {
        return kind;
    }

    /** The index it belongs to. */
    public int indexId() {
        return indexId;
    }

    /** A copy of the key. */
    public byte[] key() {
        return Arrays.copyOfRange(bytes, keyAt, keyAt + keyLength);
    }

    /** Length of the key. */
    public int keyLength() {
        return keyLength;
    }

    /** A copy of the value; empty for a tombstone. */
    public byte[] value() {
        return Arrays.copyOfRange(bytes, valueAt, valueAt + valueLength);
    }

    /** What the value is a part of: stays as it is as long as the record is valid. */
    public byte[] valueBytes() {
        return bytes;
    }

    /** Where the value begins in {@link #valueBytes}. */
    public int valueFrom() {
        return valueAt;
    }

    /** Length of the value; 0 for a tombstone. */
    public int valueLength() {
        return valueLength;
    }

    private int skip(String what, int length) {
        if (length > end - at) {
            throw corrupt("bytes of a " + what, length, end - at);
        }
        int start = at;
        at += length;
        return start;
    }

    private int number(String what, int min, int max) {
        long value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            if (at == end) {
                throw corrupt(what, "a varint", "the end of the body");
            }
            byte next = bytes[at++];
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                if (value < min || value > max) {
                    throw corrupt(what, min + " to " + max, value);
                }
                return (int) value;
            }
        }
        throw corrupt(what, "a varint of at most 5 bytes", "a longer one");
    }

    private StoreException.Corrupt corrupt(String what, Object expected, Object found) {
        long offset = record.offset() + LogRecordFormat.HEADER_BYTES + (at - from);
        return new StoreException.Corrupt(record.file(), offset, what, expected, found);
    }
}
