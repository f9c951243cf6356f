package io.cleave.core.memtable;

import io.cleave.core.storage.BufferRegion;
import io.cleave.error.StoreException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The memory of one memtable: chunks addressed by int references, and large regions addressed by number. A reference is
 * the number of a chunk in the high bits and an offset in it, divided by 8, in the low ones; it is never negative, and
 * 0 is none.
 *
 * <p>Ownership: takes from the pool and accounts to the budget; {@link #free} gives everything back, once.
 *
 * <p>Thread-safety: one writer at a time, any number of readers. A reader may resolve every reference that it read with
 * acquire from memory where the writer put it with release: the chunk was entered in the table before. Tables are
 * replaced when they are full and never shrink, so an older table resolves every older reference.
 *
 * <p>Errors: {@code LimitReached} when memory or references run out; nothing has changed then.
 */
final class Arena {
    private static final ByteBuffer[] NO_BUFFERS = {};
    private static final BufferRegion[] NO_REGIONS = {};
    private static final int ALIGNMENT_SHIFT = 3;
    private static final int ALIGNMENT = 1 << ALIGNMENT_SHIFT;

    private final ChunkPool pool;
    private final MemoryBudget budget;
    private final int chunkBytes;
    private final int offsetBits;
    private final int offsetMask;

    // Written by the writer, read by all.
    private volatile ByteBuffer[] buffers = NO_BUFFERS;
    private volatile BufferRegion[] regions = NO_REGIONS;
    private volatile BufferRegion[] larges = NO_REGIONS;
    private volatile long bytes;
    private volatile boolean freed;

    // The writer's.
    private int chunkCount;
    private int largeCount;
    /** Where the last chunk is free from. */
    private int tail;
    /** Where the last chunk ends; 0 before there is one. */
    private int tailEnd;
    /** Taken by {@link #reserve} and not used yet, in the order of use. */
    private final List<BufferRegion> ahead = new ArrayList<>();

    private final List<BufferRegion> largesAhead = new ArrayList<>();
    /** For whom was reserved last, how many of those ahead are spoken for, and what is free in the last of them. */
    private long reservedFor;

    private int aheadUsed;
    private int aheadFree;

    Arena(ChunkPool pool, MemoryBudget budget) {
        this.pool = pool;
        this.budget = budget;
        chunkBytes = pool.chunkBytes();
        offsetBits = Integer.numberOfTrailingZeros(chunkBytes) - ALIGNMENT_SHIFT;
        offsetMask = (1 << offsetBits) - 1;
    }

    /** The chunk that holds a node. */
    ByteBuffer buffer(int reference) {
        return buffers[reference >>> offsetBits];
    }

    /** Offset of a node's base in its chunk. */
    int base(int reference) {
        return (reference & offsetMask) << ALIGNMENT_SHIFT;
    }

    /** The chunk that holds a node, as a region. */
    BufferRegion region(int reference) {
        return regions[reference >>> offsetBits];
    }

    /** A large region by number. */
    BufferRegion large(int number) {
        return larges[number];
    }

    /** Bytes taken from the pool. */
    long bytes() {
        return bytes;
    }

    /** Most bytes that one node may take in a chunk: at most a quarter of each chunk is left unused. */
    int nodeBytesMax() {
        return chunkBytes / 4;
    }

    /**
     * Takes room for {@code before} + {@code after} bytes in one chunk.
     *
     * @param before bytes below the base, a multiple of 8
     * @param after bytes from the base on
     * @return reference of the base
     */
    int allocate(int before, int after) {
        int length = (before + after + ALIGNMENT - 1) & -ALIGNMENT;
        if (tailEnd - tail < length) {
            addChunk(length);
        }
        int base = tail + before;
        tail += length;
        return ((chunkCount - 1) << offsetBits) | (base >>> ALIGNMENT_SHIFT);
    }

    /**
     * Sees to it that so many more bytes can be allocated without a failure, however they are divided, in nodes of at most half
     * of a chunk.
     *
     * @param commit for whom; reservations of one commit add up, those of an earlier one are void
     * @throws StoreException.LimitReached when there is no memory; nothing has changed then
     */
    void reserve(long commit, int length) {
        if (commit != reservedFor) {
            beginReservations(commit);
        }
        if (aheadFree < length) {
            reserveChunk(length);
        }
        aheadFree -= length;
    }

    /** The same for a large region of that length. */
    void reserveLarge(int length) {
        requireNotFreed();
        largesAhead.add(pool.takeLarge(length));
        account(length);
    }

    private void beginReservations(long commit) {
        reservedFor = commit;
        aheadUsed = 0;
        aheadFree = tailEnd - tail;
        // What was reserved for a commit that did not come about.
        while (!largesAhead.isEmpty()) {
            BufferRegion large = largesAhead.remove(largesAhead.size() - 1);
            account((int) -large.length());
            pool.giveLarge(large);
        }
    }

    private void reserveChunk(int length) {
        requireNotFreed();
        if (aheadUsed == ahead.size() || ahead.get(aheadUsed).length() < length) {
            BufferRegion chunk = pool.take(pool.chunkBytes(chunkCount + aheadUsed, length));
            ahead.add(aheadUsed, chunk);
            account((int) chunk.length());
        }
        aheadFree = (int) ahead.get(aheadUsed).length();
        aheadUsed++;
    }

    /** The first of those ahead in which so much fits, or a new one; counted already. */
    private BufferRegion nextChunk(int length) {
        while (!ahead.isEmpty()) {
            BufferRegion chunk = ahead.remove(0);
            aheadUsed = Math.max(0, aheadUsed - 1);
            if (chunk.length() >= length) {
                return chunk;
            }
            account((int) -chunk.length());
            pool.give(chunk);
        }
        BufferRegion chunk = pool.take(pool.chunkBytes(chunkCount, length));
        account((int) chunk.length());
        return chunk;
    }

    private BufferRegion reservedLarge(int length) {
        for (int i = 0; i < largesAhead.size(); i++) {
            if (largesAhead.get(i).length() == length) {
                return largesAhead.remove(i);
            }
        }
        return null;
    }

    /** Takes a large region and returns its number. */
    int allocateLarge(int length) {
        requireNotFreed();
        BufferRegion[] table = larges;
        if (largeCount == table.length) {
            table = Arrays.copyOf(table, Math.max(4, largeCount * 2));
        }
        BufferRegion large = reservedLarge(length);
        if (large == null) {
            large = pool.takeLarge(length);
            account(length);
        }
        table[largeCount] = large;
        larges = table;
        return largeCount++;
    }

    /** Gives everything back; idempotent. Requires: no reader and no writer is left. */
    void free() {
        if (freed) {
            return;
        }
        freed = true;
        BufferRegion[] chunks = regions;
        BufferRegion[] ownRegions = larges;
        buffers = NO_BUFFERS;
        regions = NO_REGIONS;
        larges = NO_REGIONS;
        tail = 0;
        tailEnd = 0;
        for (int i = 0; i < chunkCount; i++) {
            pool.give(chunks[i]);
        }
        for (int i = 0; i < largeCount; i++) {
            pool.giveLarge(ownRegions[i]);
        }
        ahead.forEach(pool::give);
        ahead.clear();
        largesAhead.forEach(pool::giveLarge);
        largesAhead.clear();
        chunkCount = 0;
        largeCount = 0;
        budget.release(bytes);
        bytes = 0;
    }

    /** The first chunks are small: a store of very many segments has a memtable of few entries for each. */
    private void addChunk(int length) {
        requireNotFreed();
        if (chunkCount == 1 << (Integer.SIZE - 1 - offsetBits)) {
            throw new StoreException.LimitReached("a memtable holds at most " + chunkCount + " chunks of " + chunkBytes
                    + " bytes; one more was asked for");
        }
        ByteBuffer[] bufferTable = buffers;
        BufferRegion[] regionTable = regions;
        if (chunkCount == bufferTable.length) {
            int room = Math.max(4, chunkCount * 2);
            bufferTable = Arrays.copyOf(bufferTable, room);
            regionTable = Arrays.copyOf(regionTable, room);
        }
        BufferRegion chunk = nextChunk(length);
        bufferTable[chunkCount] = chunk.bytes();
        regionTable[chunkCount] = chunk;
        buffers = bufferTable;
        regions = regionTable;
        chunkCount++;
        tail = 0;
        tailEnd = (int) chunk.length();
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    private void account(int taken) {
        bytes += taken;
        if (taken >= 0) {
            budget.reserve(taken);
        } else {
            budget.release(-taken);
        }
    }

    private void requireNotFreed() {
        if (freed) {
            throw new IllegalStateException("the memtable is freed");
        }
    }
}
