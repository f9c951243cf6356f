package io.cleave.core.segment;

import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.memtable.ChunkPool;
import io.cleave.core.memtable.MemoryBudget;
import io.cleave.core.merge.VisibleCursor;
import io.cleave.core.parts.Parts;
import io.cleave.core.resource.Epoch;
import io.cleave.core.resource.LockRank;
import io.cleave.core.resource.MappedResources;
import io.cleave.core.resource.RankedLock;
import io.cleave.core.run.Compression;
import io.cleave.core.run.FilterKind;
import io.cleave.core.run.RunOptions;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/** What a store gives its segments, without the store: memory, commit lock, sequence numbers. Keys and values are text. */
public final class SegmentFixture implements AutoCloseable {
    public static final StoreIdentity STORE = new StoreIdentity(0x0123_4567_89AB_CDEFL, 0x1122_3344_5566_7788L);
    public static final int INDEX_ID = 3;

    private final ChunkPool pool;
    private final MemoryBudget budget = new MemoryBudget(1L << 30);
    private final SegmentContext context;
    private final AtomicLong logBarrier = new AtomicLong();
    private final MemtableLayer.Entry entry = new MemtableLayer.Entry();
    private long sequence;

    /** Small blocks, so that runs have several; no delta is merged before there are 4. */
    public SegmentFixture(Storage storage) {
        this(storage, new SegmentOptions(new RunOptions(Compression.NONE, 256, FilterKind.POINT_INDEX), 4, 1));
    }

    public SegmentFixture(Storage storage, SegmentOptions options) {
        pool = new ChunkPool(storage, ChunkPool.CHUNK_BYTES_MIN, 0);
        context = new SegmentContext(
                storage,
                STORE,
                parts(storage),
                () -> options,
                pool,
                budget,
                new MappedResources<>(storage, 0, Runnable::run, () -> false),
                new RankedLock(LockRank.COMMIT),
                new Snapshots(),
                upTo -> logBarrier.accumulateAndGet(upTo, Math::max));
    }

    /** The parts of a store in which everything has been compared. */
    public static Parts parts(Storage storage) {
        Parts parts = Parts.of(storage, SimulatedStorage.DIRECTORY, STORE, null);
        parts.settle();
        return parts;
    }

    public SegmentContext context() {
        return context;
    }

    /** The largest sequence number for which the log was asked to be durable. */
    public long logBarrier() {
        return logBarrier.get();
    }

    /** Bytes that memtables hold. */
    public long memoryInUse() {
        Epoch.reclaim();
        return pool.bytesInUse();
    }

    public static Path directory(long id) {
        return SimulatedStorage.DIRECTORY.resolve(SegmentDirectory.name(id));
    }

    public Segment create(long id, KeyBounds bounds) {
        try (SegmentBuilder builder = new SegmentBuilder(context, INDEX_ID, id, directory(id))) {
            return builder.finish(bounds, context.snapshots().visible());
        }
    }

    public Segment create(long id) {
        return create(id, KeyBounds.ALL);
    }

    public Segment open(long id) {
        return Segment.tryOpen(context, INDEX_ID, id, directory(id));
    }

    /** Runs that the manifest of a segment names. */
    public int liveRuns(long id) {
        Segment segment = open(id);
        int runs = segment.view().runCount();
        segment.close();
        Epoch.reclaim();
        return runs;
    }

    /** The sequence numbers go on after this one. */
    public void startAt(long newSequence) {
        sequence = newSequence;
        context.snapshots().publish(newSequence);
    }

    public void put(Segment segment, String key, String value) {
        write(segment, key, EntryKind.PUT, value);
    }

    public void delete(Segment segment, String key) {
        write(segment, key, EntryKind.TOMBSTONE, "");
    }

    private void write(Segment segment, String key, byte kind, String value) {
        context.commitLock().lock();
        try {
            long next = sequence + 1;
            segment.putLocked(entry.set(bytes(key), next, kind, bytes(value)), next);
            sequence = next;
            context.snapshots().publish(next);
        } finally {
            context.commitLock().unlock();
        }
    }

    /** A side memtable as the index layer has one while a segment is isolated; the caller releases it. */
    public MemtableLayer layer(String key, String value) {
        MemtableLayer layer = new MemtableLayer(context.newMemtable());
        context.commitLock().lock();
        try {
            sequence++;
            layer.put(new MemtableLayer.Entry().set(bytes(key), sequence, EntryKind.PUT, bytes(value)), sequence);
            context.snapshots().publish(sequence);
        } finally {
            context.commitLock().unlock();
        }
        return layer;
    }

    /** Everything live at the newest sequence number. */
    public TreeMap<String, String> scan(Segment segment) {
        return scan(segment.view(), context.snapshots().visible());
    }

    public static TreeMap<String, String> scan(SegmentView view, long upTo) {
        view.holder().acquire();
        try (VisibleCursor cursor = new VisibleCursor(view.cursor(), upTo, view.bounds())) {
            TreeMap<String, String> entries = new TreeMap<>();
            for (boolean on = cursor.first(); on; on = cursor.next()) {
                byte[] value = new byte[cursor.valueLength()];
                cursor.copyValue(0, value, 0, value.length);
                entries.put(text(Arrays.copyOf(cursor.key(), cursor.keyLength())), text(value));
            }
            return entries;
        } finally {
            view.holder().release();
        }
    }

    /** Runs {@code body} under the commit lock. */
    public void locked(Runnable body) {
        context.commitLock().lock();
        try {
            body.run();
        } finally {
            context.commitLock().unlock();
        }
    }

    public static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    public static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() {
        Epoch.reclaim();
        pool.close();
    }
}
