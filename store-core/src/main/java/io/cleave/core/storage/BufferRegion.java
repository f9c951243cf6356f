package io.cleave.core.storage;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A {@link Region} over one JDK buffer, up to 2 GiB. Also the memory of memtables: writes are not synchronized, their
 * visibility is the caller's business.
 */
public final class BufferRegion extends Region {
    /** Up to here a loop over words beats the JDK's copy, which has to leave compiled code. */
    private static final int SHORT_MAX = 64;

    private final ByteBuffer bytes;
    private final AtomicReference<Runnable> release;
    /** Null where the bytes can't leave memory. */
    private final ColdPages coldPages;

    /**
     * @param bytes direct buffer; its whole capacity becomes the region
     * @param release run once when the region closes
     */
    public BufferRegion(ByteBuffer bytes, Runnable release) {
        this(bytes, null, release);
    }

    /** A mapped file; {@code coldPages} is closed by {@code release}. */
    BufferRegion(ByteBuffer bytes, ColdPages coldPages, Runnable release) {
        this.bytes = bytes.duplicate().clear().order(ByteOrder.LITTLE_ENDIAN);
        this.coldPages = coldPages;
        this.release = new AtomicReference<>(release);
    }

    /** The bytes themselves, little-endian, for absolute access only: the instance is shared. */
    public ByteBuffer bytes() {
        return bytes;
    }

    @Override
    public long length() {
        return bytes.capacity();
    }

    @Override
    public byte getByte(long offset) {
        return bytes.get((int) offset);
    }

    @Override
    public int getUnsignedShort(long offset) {
        return bytes.getShort((int) offset) & 0xFFFF;
    }

    @Override
    public int getInt(long offset) {
        return bytes.getInt((int) offset);
    }

    @Override
    public long getLong(long offset) {
        return bytes.getLong((int) offset);
    }

    @Override
    public void copyTo(long offset, byte[] target, int at, int length) {
        bytes.get((int) offset, target, at, length);
    }

    @Override
    public void copyShort(long offset, byte[] target, int length) {
        int from = (int) offset;
        if (length > SHORT_MAX) {
            bytes.get(from, target, 0, length);
            return;
        }
        int at = 0;
        for (; at + Long.BYTES <= length; at += Long.BYTES) {
            HeapBytes.putLongLittleEndian(target, at, bytes.getLong(from + at));
        }
        if (at < length) {
            long rest = bytes.getLong(from + at);
            for (; at < length; at++, rest >>>= Byte.SIZE) {
                target[at] = (byte) rest;
            }
        }
    }

    @Override
    public int compare(long offset, int length, byte[] key, int keyLength) {
        int common = Math.min(length, keyLength);
        int from = (int) offset;
        int at = 0;
        for (; at + Long.BYTES <= common; at += Long.BYTES) {
            long mine = Long.reverseBytes(bytes.getLong(from + at));
            long other = HeapBytes.longBigEndian(key, at);
            if (mine != other) {
                return Long.compareUnsigned(mine, other);
            }
        }
        for (; at < common; at++) {
            int difference = (bytes.get(from + at) & 0xFF) - (key[at] & 0xFF);
            if (difference != 0) {
                return difference;
            }
        }
        return length - keyLength;
    }

    @Override
    public boolean equal(long offset, byte[] key, int length) {
        int from = (int) offset;
        int at = 0;
        for (; at + Long.BYTES <= length; at += Long.BYTES) {
            if (bytes.getLong(from + at) != HeapBytes.longLittleEndian(key, at)) {
                return false;
            }
        }
        for (; at < length; at++) {
            if (bytes.get(from + at) != key[at]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void warm(long offset, long length) {
        if (coldPages != null) {
            coldPages.read(offset, length);
        }
    }

    @Override
    public void close() {
        release.getAndSet(BufferRegion::alreadyClosed).run();
    }

    private static void alreadyClosed() {}
}
