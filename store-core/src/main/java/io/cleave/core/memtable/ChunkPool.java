package io.cleave.core.memtable;

import io.cleave.core.storage.BufferRegion;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreClosedException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Off-heap chunks of a few sizes, recycled among memtables, and large regions of any size, which are not. Chunks of the full
 * size are the rule; smaller ones, each half as large as the next, are for memtables that begin.
 *
 * <p>A chunk that was taken before holds old bytes: the taker writes whatever it later reads.
 *
 * <p>Ownership: a region belongs to whoever took it until it is given back; {@link #close} frees the idle chunks, and
 * those still out are freed when they are given. Thread-safe; the monitor is a leaf lock, memory is allocated and freed
 * outside it.
 *
 * <p>Errors: {@code LimitReached} of the storage when there is no memory; {@link StoreClosedException} on taking from a
 * closed pool.
 */
public final class ChunkPool implements AutoCloseable {
    /** Bytes of a chunk unless told otherwise. */
    public static final int CHUNK_BYTES_DEFAULT = 64 << 10;

    /** Smallest chunk: a head node and a node of full height fit. */
    public static final int CHUNK_BYTES_MIN = 512;

    /** Largest chunk. */
    public static final int CHUNK_BYTES_MAX = 16 << 20;

    /** Sizes of chunks: the full one, its half, and so on. */
    private static final int SIZE_CLASSES = 5;

    /** Chunks are not made smaller than that for memtables that begin. */
    private static final int CHUNK_BYTES_SMALL_MIN = 4 << 10;

    private final Storage storage;
    private final int chunkBytes;
    private final long idleBytesMax;

    // Guarded by this.
    /** By {@link #sizeClass}. */
    private final List<ArrayDeque<BufferRegion>> idle = new ArrayList<>();

    private long bytesIdle;
    private long bytesInUse;
    private boolean closed;

    /**
     * @param storage where memory comes from
     * @param chunkBytes a power of two, {@value #CHUNK_BYTES_MIN} to {@value #CHUNK_BYTES_MAX}
     * @param idleBytesMax most bytes kept for later; what is given above it is freed
     */
    public ChunkPool(Storage storage, int chunkBytes, long idleBytesMax) {
        if (Integer.bitCount(chunkBytes) != 1 || chunkBytes < CHUNK_BYTES_MIN || chunkBytes > CHUNK_BYTES_MAX) {
            throw new IllegalArgumentException("chunk bytes must be a power of two from " + CHUNK_BYTES_MIN + " to "
                    + CHUNK_BYTES_MAX + ": " + chunkBytes);
        }
        if (idleBytesMax < 0) {
            throw new IllegalArgumentException("idle bytes must not be negative: " + idleBytesMax);
        }
        this.storage = storage;
        this.chunkBytes = chunkBytes;
        this.idleBytesMax = idleBytesMax;
        for (int i = 0; i < SIZE_CLASSES; i++) {
            idle.add(new ArrayDeque<>());
        }
    }

    /** Bytes of a chunk of full size. */
    public int chunkBytes() {
        return chunkBytes;
    }

    /** Bytes of the chunk that a memtable takes after {@code taken} others, for something of {@code length} bytes. */
    int chunkBytes(int taken, int length) {
        int sizeClass = Math.max(0, SIZE_CLASSES - 1 - taken);
        while (sizeClass > 0 && bytesOf(sizeClass) < length) {
            sizeClass--;
        }
        return bytesOf(sizeClass);
    }

    /** A chunk of full size; its bytes are arbitrary. */
    public BufferRegion take() {
        return take(chunkBytes);
    }

    /** A chunk of a size that {@link #chunkBytes(int, int)} names; its bytes are arbitrary. */
    BufferRegion take(int bytes) {
        synchronized (this) {
            requireOpen();
            BufferRegion recycled = idle.get(sizeClass(bytes)).pollLast();
            if (recycled != null) {
                bytesIdle -= bytes;
                bytesInUse += bytes;
                return recycled;
            }
        }
        return allocate(bytes);
    }

    /** Returns a chunk. */
    public void give(BufferRegion chunk) {
        int sizeClass = sizeClass(chunk.length());
        synchronized (this) {
            bytesInUse -= chunk.length();
            assert bytesInUse >= 0 : "a chunk was given twice";
            if (!closed && bytesIdle + chunk.length() <= idleBytesMax) {
                idle.get(sizeClass).addLast(chunk);
                bytesIdle += chunk.length();
                return;
            }
        }
        chunk.close();
    }

    /** A region of its own for something that no chunk can hold. */
    public BufferRegion takeLarge(int bytes) {
        synchronized (this) {
            requireOpen();
        }
        return allocate(bytes);
    }

    /** Returns a region of {@link #takeLarge}; it is freed at once. */
    public void giveLarge(BufferRegion large) {
        synchronized (this) {
            bytesInUse -= large.length();
            assert bytesInUse >= 0 : "a large region was given twice";
        }
        large.close();
    }

    /** Bytes taken and not yet given. */
    public synchronized long bytesInUse() {
        return bytesInUse;
    }

    /** Bytes kept for later. */
    public synchronized long bytesIdle() {
        return bytesIdle;
    }

    /** Frees the idle chunks; idempotent. */
    @Override
    public void close() {
        List<BufferRegion> freed = new ArrayList<>();
        synchronized (this) {
            closed = true;
            for (ArrayDeque<BufferRegion> ofSize : idle) {
                freed.addAll(ofSize);
                ofSize.clear();
            }
            bytesIdle = 0;
        }
        freed.forEach(BufferRegion::close);
    }

    /** Bytes of chunks of a class; pools of small chunks have fewer sizes. */
    private int bytesOf(int sizeClass) {
        return Math.max(Math.min(chunkBytes, CHUNK_BYTES_SMALL_MIN), chunkBytes >> sizeClass);
    }

    private int sizeClass(long bytes) {
        int sizeClass = 0;
        while (bytesOf(sizeClass) != bytes) {
            sizeClass++;
            assert sizeClass < SIZE_CLASSES : bytes + " bytes are no size of a chunk";
        }
        return sizeClass;
    }

    private BufferRegion allocate(int bytes) {
        BufferRegion region = storage.allocate(bytes);
        synchronized (this) {
            bytesInUse += bytes;
        }
        return region;
    }

    private void requireOpen() {
        assert Thread.holdsLock(this);
        if (closed) {
            throw new StoreClosedException("the chunk pool is closed");
        }
    }
}
