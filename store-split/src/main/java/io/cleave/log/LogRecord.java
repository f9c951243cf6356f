package io.cleave.log;

import java.nio.file.Path;

/**
 * One record of a log as a reader finds it. A view: its bytes are valid until the call that it was handed to returns.
 *
 * <p>Belongs to the thread it was handed to.
 */
public final class LogRecord {
    private final Path file;
    private final long offset;
    private final long position;
    private final LogRecordKind kind;
    private final long firstSequence;
    private final int operations;
    private final long synced;
    private final byte[] bytes;
    private final int bodyAt;
    private final int bodyLength;

    /** The record whose checked header starts at {@code at} of {@code bytes}, with its body behind it. */
    LogRecord(Path file, long offset, long base, LogRecordKind kind, byte[] bytes, int at) {
        this.file = file;
        this.offset = offset;
        this.position = base + offset;
        this.kind = kind;
        this.firstSequence = LogRecordFormat.sequence(bytes, at);
        this.operations = LogRecordFormat.operations(bytes, at);
        this.synced = LogRecordFormat.synced(bytes, at);
        this.bytes = bytes;
        this.bodyAt = at + LogRecordFormat.HEADER_BYTES;
        this.bodyLength = LogRecordFormat.length(bytes, at) - LogRecordFormat.HEADER_BYTES;
    }

    /** The file it stands in. */
    public Path file() {
        return file;
    }

    /** Byte offset in the file. */
    public long offset() {
        return offset;
    }

    /** Position of its first byte in the log. */
    public long position() {
        return position;
    }

    /** Position after it: what {@link WriteAheadLog#append} returned. */
    public long endPosition() {
        return position + LogRecordFormat.bytesOf(bodyLength);
    }

    /** What it is for. */
    public LogRecordKind kind() {
        return kind;
    }

    /** Sequence number of its first operation; for other kinds than DATA the last one used before. */
    public long firstSequence() {
        return firstSequence;
    }

    /** Sequence number of its last operation; for other kinds than DATA the same as {@link #firstSequence}. */
    public long lastSequence() {
        return firstSequence + Math.max(0, operations - 1);
    }

    /** How many operations it holds. */
    public int operations() {
        return operations;
    }

    /** How far the log was durable when it was appended. */
    public long synced() {
        return synced;
    }

    /** Length of the body in bytes. */
    public int bodyLength() {
        return bodyLength;
    }

    /** A copy of the body. */
    public byte[] copyBody() {
        byte[] copy = new byte[bodyLength];
        System.arraycopy(bytes, bodyAt, copy, 0, bodyLength);
        return copy;
    }

    /** The operations, from the first on. Valid as long as the record. */
    public OperationsDecoder decoder() {
        return new OperationsDecoder(this, bytes, bodyAt, bodyLength);
    }
}
