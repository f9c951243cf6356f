package io.cleave.log;

import io.cleave.core.bytes.Checksum;
import io.cleave.core.entry.EntryLimits;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The header of a log record. Authority: docs/format/log.md, "Record". Stateless, thread-safe, allocates nothing. */
final class LogRecordFormat {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    static final int LENGTH_OFFSET = 0;
    static final int BODY_CRC_OFFSET = LENGTH_OFFSET + Integer.BYTES;
    /** Sequence number in the low 56 bits, kind in the high 8. */
    static final int SEQUENCE_AND_KIND_OFFSET = BODY_CRC_OFFSET + Integer.BYTES;

    static final int SYNCED_OFFSET = SEQUENCE_AND_KIND_OFFSET + Long.BYTES;
    static final int OPERATIONS_OFFSET = SYNCED_OFFSET + Long.BYTES;
    static final int HEADER_CRC_OFFSET = OPERATIONS_OFFSET + Integer.BYTES;
    static final int HEADER_BYTES = HEADER_CRC_OFFSET + Integer.BYTES;

    static final int ALIGNMENT = Long.BYTES;

    /** Longest body: a value of the greatest length with key and neighbours. */
    static final int BODY_BYTES_MAX = EntryLimits.VALUE_BYTES_MAX + (1 << 27);

    private static final int KIND_SHIFT = 56;

    private LogRecordFormat() {}

    /** Bytes a record takes in its file. */
    static long bytesOf(int bodyLength) {
        return ((long) HEADER_BYTES + bodyLength + ALIGNMENT - 1) & -ALIGNMENT;
    }

    static long sequenceAndKind(long sequence, LogRecordKind kind) {
        return sequence | (long) kind.code() << KIND_SHIFT;
    }

    /** Writes all but the checksums and the mark. */
    static void encode(byte[] target, int length, long sequenceAndKind, int operations) {
        INT.set(target, LENGTH_OFFSET, length);
        LONG.set(target, SEQUENCE_AND_KIND_OFFSET, sequenceAndKind);
        INT.set(target, OPERATIONS_OFFSET, operations);
    }

    /** Writes mark and checksums; the last step. */
    static void seal(byte[] target, long synced, int bodyCrc, long seed, long offset) {
        LONG.set(target, SYNCED_OFFSET, synced);
        INT.set(target, BODY_CRC_OFFSET, bodyCrc);
        INT.set(target, HEADER_CRC_OFFSET, Checksum.at(seed, offset, target, 0, HEADER_CRC_OFFSET));
    }

    /** Checksum of a body whose record stands at {@code offset}. */
    static int bodyCrc(long seed, long offset, byte[] bytes, int from, int length) {
        return Checksum.at(seed, offset + HEADER_BYTES, bytes, from, length);
    }

    static boolean headerIsWhole(byte[] source, int at, long seed, long offset) {
        return (int) INT.get(source, at + HEADER_CRC_OFFSET)
                == Checksum.at(seed, offset, source, at, HEADER_CRC_OFFSET);
    }

    /** Length of header and body, without the padding. */
    static int length(byte[] source, int at) {
        return (int) INT.get(source, at + LENGTH_OFFSET);
    }

    static int bodyCrc(byte[] source, int at) {
        return (int) INT.get(source, at + BODY_CRC_OFFSET);
    }

    static long sequence(byte[] source, int at) {
        return (long) LONG.get(source, at + SEQUENCE_AND_KIND_OFFSET) & EntryLimits.SEQUENCE_MAX;
    }

    static int kindCode(byte[] source, int at) {
        return (int) ((long) LONG.get(source, at + SEQUENCE_AND_KIND_OFFSET) >>> KIND_SHIFT);
    }

    static long synced(byte[] source, int at) {
        return (long) LONG.get(source, at + SYNCED_OFFSET);
    }

    static int operations(byte[] source, int at) {
        return (int) INT.get(source, at + OPERATIONS_OFFSET);
    }
}
