package io.cleave.core.memtable;

import io.cleave.core.storage.BufferRegion;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreClosedException;
import java.util.ArrayDeque;

/**
 * Off-heap chunks of one size, recycled among memtables, and large regions of any size, which are not.
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

    private final Storage storage;
    private final int chunkBytes;
    private final long idleBytesMax;

    // Guarded by this.
    private final ArrayDeque<BufferRegion> idle = new ArrayDeque<>();
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
    }

    /** Bytes of every chunk. */
    public int chunkBytes() {
        return chunkBytes;
    }

    /** A chunk; its bytes are arbitrary. */
    public BufferRegion take() {
        synchronized (this) {
            requireOpen();
            BufferRegion recycled = idle.pollLast();
            if (recycled != null) {
                bytesInUse += chunkBytes;
                return recycled;
            }
        }
        return allocate(chunkBytes);
    }

    /** Returns a chunk. */
    public void give(BufferRegion chunk) {
        assert chunk.length() == chunkBytes : chunk.length();
        synchronized (this) {
            bytesInUse -= chunkBytes;
            assert bytesInUse >= 0 : "a chunk was given twice";
            if (!closed && (idle.size() + 1L) * chunkBytes <= idleBytesMax) {
                idle.addLast(chunk);
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
        return (long) idle.size() * chunkBytes;
    }

    /** Frees the idle chunks; idempotent. */
    @Override
    public void close() {
        BufferRegion[] freed;
        synchronized (this) {
            closed = true;
            freed = idle.toArray(new BufferRegion[0]);
            idle.clear();
        }
        for (BufferRegion chunk : freed) {
            chunk.close();
        }
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
