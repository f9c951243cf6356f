package io.cleave.core.memtable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The newest version of each key of a memtable, by the key's hash.
 *
 * <p>Shape: an extendible hash table. A directory on the heap, indexed by the hash's first bits, names segments in the
 * {@link Arena}; a segment that fills up is replaced by two, each for one more bit. In a segment are buckets of 64
 * bytes, chosen by the hash's last bits:
 *
 * <table>
 *   <caption>Bucket</caption>
 *   <tr><th>offset</th><th>bytes</th><th>field</th></tr>
 *   <tr><td>0</td><td>20</td><td>a tag for each place: 16 hash bits, never 0; 0 when the place is empty</td></tr>
 *   <tr><td>20</td><td>4</td><td>not 0 when a key that belongs here stands in a later bucket</td></tr>
 *   <tr><td>24</td><td>40</td><td>a node reference for each place; the sign bit says that the key belongs in an
 *     earlier bucket</td></tr>
 * </table>
 *
 * <p>Tags hold those bits that decide the next splits. So a split looks at few nodes: those that stand outside of their
 * bucket, and all when tags run out of bits.
 *
 * <p>The first segment of a memtable is small and is replaced by larger ones. A segment in the directory never loses an
 * entry and one that was replaced never changes until it is used for another. Then a reader may still look at it; it
 * finds nothing wrong there, only perhaps not its key. So a reader that finds nothing looks again when the directory
 * names another segment by then. An entry of the directory is never what it was before: it gets deeper or larger.
 *
 * <p>Thread-safety: one writer at a time, readers take no lock. A node is written before its reference, a reference
 * before its tag, a segment before its entry in the directory; tags, changed references and directory are written with
 * release and read with acquire.
 *
 * <p>Errors: {@code LimitReached} from {@link #makeRoom}; the table then holds what it did.
 */
final class KeyTable {
    private static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORTS =
            MethodHandles.byteBufferViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(long[].class);

    private static final int BUCKET_BYTES_LOG = 6;
    private static final int PLACES = 10;
    private static final int PLACES_OF_WORD = 4;
    private static final int PLACES_OF_WORD_LOG = 2;
    private static final int LAST_WORD_OFFSET = 2 * Long.BYTES;
    private static final int REFERENCES_OFFSET = 3 * Long.BYTES;
    private static final int REFERENCE_BYTES_OF_TAG_BYTE = Integer.BYTES / Short.BYTES;
    private static final long LOW_LANES = 0x0001_0001_0001_0001L;
    private static final long LANE_MASK = 0x7FFF_7FFF_7FFF_7FFFL;
    private static final long LAST_WORD_LANES = 0x8000_8000L;
    private static final long OVERFLOWN = 1L << Integer.SIZE;
    private static final int DISPLACED = Integer.MIN_VALUE;

    /** Tags are taken anew from the keys every so many splits; 6 of their bits are left by then. */
    private static final int SPLITS_OF_TAG = 10;

    /** Buckets of a first segment and how it grows, as powers of two. */
    private static final int FIRST_LOG = 1;

    private static final int GROWTH_LOG = 2;
    private static final int BUCKETS_LOG_MAX = 5;

    /** At most an eighth of a chunk is a segment. */
    private static final int CHUNK_SHARE_LOG = 3;

    /** Of 32 places so many may be taken before a segment is replaced. */
    private static final int FILL_OF_32 = 27;

    /** The directory is this long for each key at most, unless it is small: then too many keys have one hash. */
    private static final int DIRECTORY_PER_KEY_MAX = 4;

    private static final int DIRECTORY_MIN = 64;

    private static final int BUCKETS_LOG_SHIFT = Integer.SIZE;
    private static final int DEPTH_SHIFT = Integer.SIZE + Byte.SIZE;
    private static final int KEY_ROOM = 64;

    private final Arena arena;
    private final Nodes nodes;
    private final int bucketsLogMax;

    /** Reference, size and depth of each segment; replaced by one twice as long. Entries: release, acquire. */
    private volatile long[] directory = {NodeLayout.NONE};

    // The writer's.
    /** Entries of each segment, at the first place that the directory names it. */
    private int[] counts = {0};

    /** Segments of the largest size that the directory does not name. */
    private final int[] spares = new int[3];

    private int spareCount;
    private byte[] key = new byte[KEY_ROOM];

    KeyTable(Arena arena, Nodes nodes, int chunkBytes) {
        this.arena = arena;
        this.nodes = nodes;
        int chunkLog = Integer.numberOfTrailingZeros(chunkBytes);
        bucketsLogMax = Math.min(BUCKETS_LOG_MAX, chunkLog - CHUNK_SHARE_LOG - BUCKET_BYTES_LOG);
    }

    /** The newest version of a key, or 0. */
    int find(byte[] target, int targetLength, long hash, long prefix) {
        long entry = entry(hash);
        while (true) {
            int node = (int) probe(entry, target, targetLength, hash, prefix);
            if (node != NodeLayout.NONE) {
                return node;
            }
            // What was read in the segment, before: had it been used for another, the directory says so.
            VarHandle.acquireFence();
            long now = entry(hash);
            if (now == entry) {
                return NodeLayout.NONE;
            }
            entry = now;
        }
    }

    /** The newest version of a key and, in the high half, its place for {@link #replace}; 0 when there is none. */
    long place(byte[] target, int targetLength, long hash, long prefix) {
        return probe(entry(hash), target, targetLength, hash, prefix);
    }

    /** Puts a newer version in the place of the newest. */
    void replace(long hash, long place, int node) {
        ByteBuffer chunk = arena.buffer((int) entry(hash));
        int at = (int) (place >>> Integer.SIZE);
        INTS.setRelease(chunk, at, node | (chunk.getInt(at) & DISPLACED));
    }

    /**
     * Makes room for one more key.
     *
     * @param keys how many there may be in the table
     * @return false when there is none to be had: too many keys have the same hash
     */
    boolean makeRoom(long hash, long keys) {
        long entry = entry(hash);
        if (entry == NodeLayout.NONE) {
            int log = Math.min(FIRST_LOG, bucketsLogMax);
            ENTRY.setRelease(directory, 0, entry(newSegment(log), log, 0));
            return true;
        }
        while (counts[firstIndex(hash, entry)] >= ((PLACES << bucketsLog(entry)) * FILL_OF_32) >>> 5) {
            if (bucketsLog(entry) < bucketsLogMax) {
                enlarge(entry);
            } else if (!split(hash, entry, keys)) {
                return false;
            }
            entry = entry(hash);
        }
        return true;
    }

    /** Adds the first version of a key, for which there is room. */
    void add(long hash, int node) {
        long entry = entry(hash);
        int log = bucketsLog(entry);
        enter((int) entry, log, home(hash, log), tag(hash, depth(entry)), node);
        counts[firstIndex(hash, entry)]++;
    }

    /** Forgets all keys. Requires: no reader and no writer is left. */
    void clear() {
        directory = new long[] {NodeLayout.NONE};
        counts = new int[] {0};
        spareCount = 0;
    }

    /** Looks for a key in the segment of a directory entry. */
    private long probe(long entry, byte[] target, int targetLength, long hash, long prefix) {
        if (entry == NodeLayout.NONE) {
            return NodeLayout.NONE;
        }
        ByteBuffer chunk = arena.buffer((int) entry);
        int segment = arena.base((int) entry);
        int mask = (1 << bucketsLog(entry)) - 1;
        long lanes = tag(hash, depth(entry)) * LOW_LANES;
        for (int bucket = (int) hash & mask, last = bucket + mask; bucket <= last; bucket++) {
            int at = segment + ((bucket & mask) << BUCKET_BYTES_LOG);
            for (int word = 0; word < LAST_WORD_OFFSET; word += Long.BYTES) {
                long places = equal((long) LONGS.getAcquire(chunk, at + word), lanes);
                if (places != 0) {
                    int first = at + REFERENCES_OFFSET + word * REFERENCE_BYTES_OF_TAG_BYTE;
                    long found = candidate(chunk, first, places, target, targetLength, prefix);
                    if (found != NodeLayout.NONE) {
                        return found;
                    }
                }
            }
            long tags = (long) LONGS.getAcquire(chunk, at + LAST_WORD_OFFSET);
            long places = equal(tags, lanes) & LAST_WORD_LANES;
            int first = at + REFERENCES_OFFSET + LAST_WORD_OFFSET * REFERENCE_BYTES_OF_TAG_BYTE;
            long found = candidate(chunk, first, places, target, targetLength, prefix);
            if (found != NodeLayout.NONE || (tags & OVERFLOWN) == 0) {
                return found;
            }
        }
        return NodeLayout.NONE;
    }

    /** The first in a mask of places whose node has the key: where its reference stands, and the reference; or 0. */
    private long candidate(ByteBuffer chunk, int first, long places, byte[] target, int targetLength, long prefix) {
        for (long left = places; left != 0; left &= left - 1) {
            int at = first + (Long.numberOfTrailingZeros(left) >>> 4) * Integer.BYTES;
            int node = (int) INTS.getAcquire(chunk, at) & ~DISPLACED;
            if (nodes.hasKey(node, target, targetLength, prefix)) {
                return ((long) at << Integer.SIZE) | node;
            }
        }
        return NodeLayout.NONE;
    }

    /** Enters a node in a segment that has an empty place; readers may be there. */
    private void enter(int segment, int log, int home, long tag, int node) {
        ByteBuffer chunk = arena.buffer(segment);
        int base = arena.base(segment);
        int mask = (1 << log) - 1;
        for (int bucket = home; ; bucket++) {
            assert bucket - home <= mask : "no empty place";
            int at = base + ((bucket & mask) << BUCKET_BYTES_LOG);
            int place = emptyPlace(chunk, at);
            if (place < PLACES) {
                int reference = bucket == home ? node : node | DISPLACED;
                chunk.putInt(at + REFERENCES_OFFSET + place * Integer.BYTES, reference);
                int word = at + (place >>> PLACES_OF_WORD_LOG) * Long.BYTES;
                int shift = (place & (PLACES_OF_WORD - 1)) * Short.SIZE;
                LONGS.setRelease(chunk, word, chunk.getLong(word) | tag << shift);
                return;
            }
            long tags = chunk.getLong(at + LAST_WORD_OFFSET);
            LONGS.setRelease(chunk, at + LAST_WORD_OFFSET, tags | OVERFLOWN);
        }
    }

    private static int emptyPlace(ByteBuffer chunk, int bucket) {
        for (int word = 0; word < LAST_WORD_OFFSET; word += Long.BYTES) {
            long empty = equal(chunk.getLong(bucket + word), 0);
            if (empty != 0) {
                return word / Short.BYTES + (Long.numberOfTrailingZeros(empty) >>> 4);
            }
        }
        long empty = equal(chunk.getLong(bucket + LAST_WORD_OFFSET), 0) & LAST_WORD_LANES;
        return empty == 0 ? PLACES : LAST_WORD_OFFSET / Short.BYTES + (Long.numberOfTrailingZeros(empty) >>> 4);
    }

    /** Replaces the only segment there is by a larger one. */
    private void enlarge(long entry) {
        int log = Math.min(bucketsLog(entry) + GROWTH_LOG, bucketsLogMax);
        int larger = newSegment(log);
        distribute(entry, larger, larger, log);
        ENTRY.setRelease(directory, 0, entry(larger, log, 0));
    }

    /** Replaces a full segment of the largest size by two; false when the directory would become too long for that. */
    private boolean split(long hash, long entry, long keys) {
        int depth = depth(entry);
        if (1 << depth == directory.length && !doubleDirectory(keys)) {
            return false;
        }
        while (spareCount < 2) {
            spares[spareCount] = newSegment(bucketsLogMax);
            spareCount++;
        }
        int lower = spares[--spareCount];
        int upper = spares[--spareCount];
        clearTags(lower, bucketsLogMax);
        clearTags(upper, bucketsLogMax);
        int first = firstIndex(hash, entry);
        int half = directory.length >>> (depth + 1);
        int lowerCount = base(depth) == base(depth + 1)
                ? divide(entry, lower, upper)
                : distribute(entry, lower, upper, bucketsLogMax);
        counts[first + half] = counts[first] - lowerCount;
        counts[first] = lowerCount;
        for (int i = 0; i < half; i++) {
            ENTRY.setRelease(directory, first + i, entry(lower, bucketsLogMax, depth + 1));
            ENTRY.setRelease(directory, first + half + i, entry(upper, bucketsLogMax, depth + 1));
        }
        spares[spareCount] = (int) entry;
        spareCount++;
        // Whoever reads what the spare is used for next finds that the directory has changed.
        VarHandle.fullFence();
        return true;
    }

    private boolean doubleDirectory(long keys) {
        long[] old = directory;
        if (old.length >= Math.max(DIRECTORY_MIN, keys * DIRECTORY_PER_KEY_MAX)) {
            return false;
        }
        long[] doubled = new long[old.length * 2];
        int[] doubledCounts = new int[old.length * 2];
        for (int i = 0; i < old.length; i++) {
            doubled[2 * i] = old[i];
            doubled[2 * i + 1] = old[i];
            doubledCounts[2 * i] = counts[i];
        }
        counts = doubledCounts;
        directory = doubled;
        return true;
    }

    /** Enters all nodes of a segment in two of the same size, by their tags; returns how many went to the lower. */
    private int divide(long entry, int lower, int upper) {
        ByteBuffer chunk = arena.buffer((int) entry);
        int base = arena.base((int) entry);
        int depth = depth(entry);
        int bitShift = Short.SIZE - 1 - (depth - base(depth));
        int lowerCount = 0;
        for (int bucket = 0; bucket < 1 << bucketsLogMax; bucket++) {
            int offset = bucket << BUCKET_BYTES_LOG;
            lowerCount += divideBucket(chunk, base + offset, bitShift, offset, lower, upper);
        }
        return lowerCount;
    }

    /** Enters the nodes of one bucket in two segments; returns how many went to the lower. */
    private int divideBucket(ByteBuffer chunk, int from, int bitShift, int offset, int lower, int upper) {
        ByteBuffer lowerChunk = arena.buffer(lower);
        ByteBuffer upperChunk = arena.buffer(upper);
        int lowerAt = arena.base(lower) + offset;
        int upperAt = arena.base(upper) + offset;
        int lowerFree = emptyPlace(lowerChunk, lowerAt);
        int upperFree = emptyPlace(upperChunk, upperAt);
        int lowerCount = 0;
        for (int place = 0; place < PLACES; place++) {
            int tag = chunk.getShort(from + place * Short.BYTES) & 0xFFFF;
            if (tag == 0) {
                break;
            }
            int reference = chunk.getInt(from + REFERENCES_OFFSET + place * Integer.BYTES);
            int bit = tag >>> bitShift & 1;
            lowerCount += 1 - bit;
            int free = bit == 0 ? lowerFree : upperFree;
            if (reference < 0 || free == PLACES) {
                int node = reference & ~DISPLACED;
                int home = reference < 0 ? home(hash(node), bucketsLogMax) : offset >>> BUCKET_BYTES_LOG;
                enter(bit == 0 ? lower : upper, bucketsLogMax, home, tag, node);
                lowerFree = emptyPlace(lowerChunk, lowerAt);
                upperFree = emptyPlace(upperChunk, upperAt);
                continue;
            }
            // The node stands where it belongs: its bucket stays the same. As everywhere, the reference comes first: a
            // reader may be left here from when the segment was in use before.
            ByteBuffer target = bit == 0 ? lowerChunk : upperChunk;
            int to = bit == 0 ? lowerAt : upperAt;
            target.putInt(to + REFERENCES_OFFSET + free * Integer.BYTES, reference);
            SHORTS.setRelease(target, to + free * Short.BYTES, (short) tag);
            lowerFree += 1 - bit;
            upperFree += bit;
        }
        return lowerCount;
    }

    /** Enters all nodes of a segment in two others, which may be the same; returns how many went to the lower. */
    private int distribute(long entry, int lower, int upper, int log) {
        ByteBuffer chunk = arena.buffer((int) entry);
        int at = arena.base((int) entry);
        int depth = depth(entry);
        int newDepth = lower == upper ? depth : depth + 1;
        int bitShift = Long.SIZE - 1 - depth;
        int lowerCount = 0;
        for (int bucket = 0; bucket < 1 << bucketsLog(entry); bucket++, at += 1 << BUCKET_BYTES_LOG) {
            for (int place = 0; place < PLACES; place++) {
                if (chunk.getShort(at + place * Short.BYTES) == 0) {
                    break;
                }
                int node = chunk.getInt(at + REFERENCES_OFFSET + place * Integer.BYTES) & ~DISPLACED;
                long hash = hash(node);
                boolean isUpper = (hash >>> bitShift & 1) != 0;
                enter(isUpper ? upper : lower, log, home(hash, log), tag(hash, newDepth), node);
                lowerCount += isUpper ? 0 : 1;
            }
        }
        return lowerCount;
    }

    private long hash(int node) {
        if (key.length < nodes.keyLengthMax()) {
            key = new byte[nodes.keyLengthMax()];
        }
        return nodes.hash(node, key);
    }

    /** Most bytes that {@link #makeRoom} takes. */
    int roomBytesMax() {
        return 2 << (bucketsLogMax + BUCKET_BYTES_LOG);
    }

    private int newSegment(int log) {
        int segment = arena.allocate(0, 1 << (log + BUCKET_BYTES_LOG));
        clearTags(segment, log);
        return segment;
    }

    private void clearTags(int segment, int log) {
        ByteBuffer chunk = arena.buffer(segment);
        int at = arena.base(segment);
        for (int end = at + (1 << (log + BUCKET_BYTES_LOG)); at < end; at += 1 << BUCKET_BYTES_LOG) {
            chunk.putLong(at, 0);
            chunk.putLong(at + Long.BYTES, 0);
            chunk.putLong(at + LAST_WORD_OFFSET, 0);
        }
    }

    private long entry(long hash) {
        long[] entries = directory;
        return (long) ENTRY.getAcquire(entries, index(hash, entries.length));
    }

    /** The lowest index at which the directory names the segment of an entry. */
    private int firstIndex(long hash, long entry) {
        int length = directory.length;
        return index(hash, length) & -(length >>> depth(entry));
    }

    /** The hash's first bits, as many as the length of the directory asks for. */
    private static int index(long hash, int length) {
        // Two shifts, because one by 64 would be none.
        return (int) (hash >>> 1 >>> (Long.SIZE - 1 - Integer.numberOfTrailingZeros(length)));
    }

    private static long entry(int segment, int log, int depth) {
        return segment | (long) log << BUCKETS_LOG_SHIFT | (long) depth << DEPTH_SHIFT;
    }

    private static int bucketsLog(long entry) {
        return (byte) (entry >>> BUCKETS_LOG_SHIFT);
    }

    private static int depth(long entry) {
        return (int) (entry >>> DEPTH_SHIFT);
    }

    /** The bucket where a key belongs: the hash's last bits. */
    private static int home(long hash, int log) {
        return (int) hash & ((1 << log) - 1);
    }

    /** First hash bit, from the highest, that the tags of a segment hold. */
    private static int base(int depth) {
        return depth - depth % SPLITS_OF_TAG;
    }

    /** 16 hash bits from the base on; never 0. */
    private static long tag(long hash, int depth) {
        long tag = hash << base(depth) >>> (Long.SIZE - Short.SIZE);
        return tag == 0 ? 1 : tag;
    }

    /** The high bit of each 16 that are equal in both, exactly. */
    private static long equal(long tags, long lanes) {
        long different = tags ^ lanes;
        return ~(((different & LANE_MASK) + LANE_MASK) | different | LANE_MASK);
    }
}
