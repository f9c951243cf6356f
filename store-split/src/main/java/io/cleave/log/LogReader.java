package io.cleave.log;

import io.cleave.core.storage.HeapRoom;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageFile;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Reads the records of one log file through a window of the heap. The window grows only for a record whose header
 * checksum holds and that fits the file.
 *
 * <p>Owned and closed by its opener; belongs to one thread. Errors: what {@link StorageFile#read} throws; {@code
 * Corrupt} for a record that is whole but means nothing.
 */
final class LogReader implements AutoCloseable {
    /** What stands at an offset. */
    enum Found {
        /** A whole record. */
        RECORD,
        /** A zero length word, or no room for a record. */
        END,
        /** Something else. */
        DAMAGE
    }

    private static final int WINDOW_BYTES = 128 << 10;

    private static final byte[] NO_BYTES = {};

    private final Path path;
    private final StorageFile file;
    private final long base;
    private final long seed;

    private byte[] window = new byte[WINDOW_BYTES];
    private long windowAt;
    private int windowLength;
    /** Index of the last record found in the window. */
    private int recordAt;

    private long recordOffset;

    LogReader(Storage storage, Path path, long base, long seed) {
        this.path = path;
        this.file = storage.openForReading(path);
        this.base = base;
        this.seed = seed;
    }

    /** Looks at an offset for a record that ends at or below {@code limit}. */
    Found look(long offset, long limit) {
        if (limit - offset < LogRecordFormat.HEADER_BYTES || !load(offset, LogRecordFormat.HEADER_BYTES)) {
            return Found.END;
        }
        int at = (int) (offset - windowAt);
        int length = LogRecordFormat.length(window, at);
        if (length == 0) {
            return Found.END;
        }
        int bodyLength = length - LogRecordFormat.HEADER_BYTES;
        if (bodyLength < 0
                || bodyLength > LogRecordFormat.BODY_BYTES_MAX
                || LogRecordFormat.bytesOf(bodyLength) > limit - offset
                || !LogRecordFormat.headerIsWhole(window, at, seed, offset)
                || !load(offset, length)) {
            return Found.DAMAGE;
        }
        at = (int) (offset - windowAt);
        int bodyAt = at + LogRecordFormat.HEADER_BYTES;
        if (LogRecordFormat.bodyCrc(window, at) != LogRecordFormat.bodyCrc(seed, offset, window, bodyAt, bodyLength)) {
            return Found.DAMAGE;
        }
        recordAt = at;
        recordOffset = offset;
        return Found.RECORD;
    }

    /** The record that the last look found; valid until the next look. */
    LogRecord record() {
        int code = LogRecordFormat.kindCode(window, recordAt);
        LogRecordKind kind = LogRecordKind.of(code);
        if (kind == null) {
            throw corrupt(LogRecordFormat.SEQUENCE_AND_KIND_OFFSET, "record kind", "1 to 3", code);
        }
        LogRecord record = new LogRecord(path, recordOffset, base, kind, window, recordAt);
        boolean data = kind == LogRecordKind.DATA;
        if (data ? record.operations() < 1 : record.operations() != 0 || record.bodyLength() != 0) {
            throw corrupt(
                    LogRecordFormat.OPERATIONS_OFFSET,
                    "operations of " + kind,
                    data ? "1 or more" : 0,
                    record.operations());
        }
        return record;
    }

    /** Finds the first whole record at or after {@code offset} in steps of 8 bytes; returns its offset, or -1. */
    long search(long offset, long limit) {
        for (long at = skipZeros(offset, limit); at >= 0; at = skipZeros(at + LogRecordFormat.ALIGNMENT, limit)) {
            if (look(at, limit) == Found.RECORD) {
                return at;
            }
        }
        return -1;
    }

    /**
     * The first place at or after {@code offset}, in steps of 8 bytes, where a length stands that is not zero and a header has room;
     * -1 when there is none. Most of a file that was never written to, or was made longer by somebody, are zeros.
     */
    private long skipZeros(long offset, long limit) {
        long at = offset;
        while (limit - at >= LogRecordFormat.HEADER_BYTES && load(at, LogRecordFormat.HEADER_BYTES)) {
            long end = Math.min(windowLength, limit - windowAt) - LogRecordFormat.HEADER_BYTES;
            int place = (int) (at - windowAt);
            while (place <= end) {
                if (LogRecordFormat.length(window, place) != 0) {
                    return windowAt + place;
                }
                place += LogRecordFormat.ALIGNMENT;
            }
            at = windowAt + place;
        }
        return -1;
    }

    /** Offset after the record that the last look found. */
    long recordEnd() {
        return recordOffset
                + LogRecordFormat.bytesOf(LogRecordFormat.length(window, recordAt) - LogRecordFormat.HEADER_BYTES);
    }

    /** The mark in the record that the last look found. */
    long recordSynced() {
        return LogRecordFormat.synced(window, recordAt);
    }

    private StoreException.Corrupt corrupt(int field, String what, Object expected, Object found) {
        return new StoreException.Corrupt(path, recordOffset + field, what, expected, found);
    }

    /** Brings bytes into the window; false when the file ends before. */
    private boolean load(long offset, int length) {
        if (offset >= windowAt && offset - windowAt + length <= windowLength) {
            return true;
        }
        if (length > window.length) {
            window = largeWindow(offset, length);
        } else if (window.length > WINDOW_BYTES && length <= WINDOW_BYTES) {
            window = new byte[WINDOW_BYTES];
        }
        windowAt = offset;
        windowLength = 0;
        while (windowLength < window.length) {
            int read = file.read(offset + windowLength, window, windowLength, window.length - windowLength);
            if (read <= 0) {
                break;
            }
            windowLength += read;
        }
        if (windowLength < window.length) {
            Arrays.fill(window, windowLength, window.length, (byte) 0);
        }
        return windowLength >= length;
    }

    /** For one record. The old window goes first: it may be as large. */
    private byte[] largeWindow(long offset, int length) {
        window = NO_BYTES;
        windowLength = 0;
        return HeapRoom.array(path + " at offset " + offset + ": a log record", length);
    }

    @Override
    public void close() {
        file.close();
    }
}
