package io.cleave.split;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.catalog.StoredOptions;
import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.Lookup;
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
import io.cleave.core.segment.MemtableLayer;
import io.cleave.core.segment.SegmentContext;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.segment.SegmentOptions;
import io.cleave.core.segment.Snapshots;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.route.IndexPlace;
import io.cleave.route.RetryPolicy;
import io.cleave.route.Route;
import io.cleave.route.RoutedIndex;
import io.cleave.route.SegmentSlot;
import io.cleave.route.SlotLease;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** One index without its store: what the commit path and recovery do is done here by hand. */
final class SplitFixture implements AutoCloseable {
    private static final StoreIdentity STORE = new StoreIdentity(1, 2);
    static final Path DIRECTORY = SimulatedStorage.DIRECTORY.resolve("index-00001");
    private static final int HANDLERS_MAX = 64;

    private final ChunkPool pool;
    private final SegmentContext context;
    private final RoutedIndex index;
    private final MemtableLayer.Entry entry = new MemtableLayer.Entry();
    /** What was acknowledged, by sequence number; a null value is a deletion. It plays the log, too. */
    private final List<Write> history;

    /** One acknowledged write. */
    record Write(long sequence, String key, String value) {}

    private SplitFixture(Storage storage, List<Write> history, boolean create, int handlersMax) {
        this.history = history;
        pool = new ChunkPool(storage, ChunkPool.CHUNK_BYTES_MIN, 0);
        SegmentOptions options =
                new SegmentOptions(new RunOptions(Compression.NONE, 256, FilterKind.POINT_INDEX), 4, 1);
        context = new SegmentContext(
                storage,
                STORE,
                parts(storage),
                () -> options,
                pool,
                new MemoryBudget(1L << 30),
                new MappedResources<>(storage, 0, Runnable::run, () -> false),
                new RankedLock(LockRank.COMMIT),
                new Snapshots(),
                upTo -> {});
        context.snapshots().publish(history.size());
        IndexPlace place = new IndexPlace(
                "test", 1, DIRECTORY, StoredOptions.of(options.run()), handlersMax, new RetryPolicy(storage, 0));
        index = create ? RoutedIndex.create(context, place) : RoutedIndex.open(context, place);
        if (create) {
            storage.forceDirectory(DIRECTORY.getParent());
        } else {
            index.deleteOrphans();
        }
    }

    private static Parts parts(Storage storage) {
        Parts parts = Parts.of(storage, DIRECTORY, STORE, null);
        parts.settle();
        return parts;
    }

    static SplitFixture create(Storage storage) {
        return new SplitFixture(storage, new ArrayList<>(), true, HANDLERS_MAX);
    }

    static SplitFixture create(Storage storage, int handlersMax) {
        return new SplitFixture(storage, new ArrayList<>(), true, handlersMax);
    }

    /** Opens what another one left, and replays what its runs do not hold. */
    SplitFixture reopen(Storage storage) {
        SplitFixture next = new SplitFixture(storage, new ArrayList<>(history), false, HANDLERS_MAX);
        for (Write write : next.history) {
            SegmentSlot slot = next.index.loadedSlot(bytes(write.key));
            if (write.sequence > slot.segment().flushedSequence()) {
                next.apply(slot, write);
            }
        }
        return next;
    }

    RoutedIndex index() {
        return index;
    }

    SegmentContext context() {
        return context;
    }

    void put(String key, String value) {
        write(key, value);
    }

    void delete(String key) {
        write(key, null);
    }

    private void write(String key, String value) {
        SegmentSlot slot = index.loadedSlot(bytes(key));
        Write write = new Write(history.size() + 1, key, value);
        apply(slot, write);
        history.add(write);
    }

    private void apply(SegmentSlot slot, Write write) {
        context.commitLock().lock();
        try {
            byte[] key = bytes(write.key);
            assertTrue(isWritableLocked(index, slot, key), "slot of " + write.key + " is not writable");
            SplitConcurrency.apply(index, slot, write, entry);
            if (write.sequence > context.snapshots().visible()) {
                context.snapshots().publish(write.sequence);
            }
        } finally {
            context.commitLock().unlock();
        }
    }

    /** A write to a slot that is writable. Requires the commit lock. */
    void acknowledgeLocked(SegmentSlot slot, String key, String value) {
        Write write = new Write(history.size() + 1, key, value);
        SplitConcurrency.apply(index, slot, write, entry);
        history.add(write);
        context.snapshots().publish(write.sequence);
    }

    /** Puts {@code k000} to {@code k(count-1)}, in an order that is not theirs. */
    void fill(int count) {
        for (int i = 0; i < count; i++) {
            put(String.format("k%03d", i * 7 % count), "value-" + i);
        }
    }

    SegmentSlot slot(int position) {
        SegmentSlot slot = index.route().slot(position);
        index.load(slot);
        return slot;
    }

    void flushAll() {
        for (int i = 0; i < index.route().size(); i++) {
            slot(i).segment().flush();
        }
    }

    SplitOutcome split(Consumer<SplitStep> steps) {
        return new SegmentSplitter(new SplitLimits(1 << 20, 1 << 20), steps).split(index, slot(0));
    }

    /** What all acknowledged writes up to a sequence number make. */
    TreeMap<String, String> model(long upTo) {
        TreeMap<String, String> model = new TreeMap<>();
        for (Write write : history) {
            if (write.sequence <= upTo && write.value == null) {
                model.remove(write.key);
            } else if (write.sequence <= upTo) {
                model.put(write.key, write.value);
            }
        }
        return model;
    }

    /** Scans slot by slot, as a cursor does. */
    TreeMap<String, String> scan(long upTo) {
        TreeMap<String, String> found = new TreeMap<>();
        byte[] from = new byte[0];
        while (from != null) {
            try (SlotLease lease = index.lease(from)) {
                // A slot that was merged meanwhile begins before the place where the last one ended.
                byte[] start = from;
                scan(lease, upTo).forEach((key, value) -> {
                    if (KeyOrder.compare(bytes(key), start) >= 0) {
                        String before = found.put(key, value);
                        assertEquals(null, before, key + " is there twice");
                    }
                });
                from = lease.bounds().upper();
            }
        }
        return found;
    }

    static Map<String, String> scan(SlotLease lease, long upTo) {
        TreeMap<String, String> found = new TreeMap<>();
        try (VisibleCursor cursor = new VisibleCursor(lease.cursor(), upTo, lease.bounds())) {
            for (boolean on = cursor.first(); on; on = cursor.next()) {
                byte[] value = new byte[cursor.valueLength()];
                cursor.copyValue(0, value, 0, value.length);
                found.put(text(Arrays.copyOf(cursor.key(), cursor.keyLength())), text(value));
            }
        }
        return found;
    }

    /** A point read. */
    String get(String key) {
        while (true) {
            Epoch.Slot epoch = Epoch.enter();
            try {
                Lookup lookup = new Lookup();
                RoutedIndex.Found found = index.find(bytes(key), RoutedIndex.LATEST, lookup);
                if (found == RoutedIndex.Found.NOTHING
                        || (found == RoutedIndex.Found.ENTRY && lookup.kind() == EntryKind.TOMBSTONE)) {
                    return null;
                }
                if (found == RoutedIndex.Found.ENTRY) {
                    byte[] value = new byte[lookup.valueLength()];
                    lookup.copyValue(value, 0, value.length);
                    return text(value);
                }
            } finally {
                epoch.exit();
            }
            index.loadedSlot(bytes(key));
        }
    }

    /** Scans, gets and the key map agree with what was acknowledged, and nothing but what the map names is on disk. */
    void check(String where) {
        TreeMap<String, String> model = model(Long.MAX_VALUE);
        assertEquals(model, scan(context.snapshots().visible()), where);
        for (Write write : history) {
            assertEquals(model.get(write.key), get(write.key), where + ": " + write.key);
        }
        Route route = index.route();
        assertEquals(
                RoutedIndex.readKeyMap(context.parts(), 1, DIRECTORY).ranges().stream()
                        .map(range -> range.segmentId())
                        .toList(),
                route.map().ranges().stream().map(range -> range.segmentId()).toList(),
                where);
        for (int i = 1; i < route.size(); i++) {
            assertTrue(
                    KeyOrder.compare(
                                    route.slot(i - 1).bounds().upper(),
                                    route.slot(i).bounds().lower())
                            == 0,
                    where);
        }
    }

    /** Ids of the segment directories. */
    List<Long> directories() {
        return context.storage().list(DIRECTORY).stream()
                .map(SegmentDirectory::parse)
                .filter(id -> id.isPresent())
                .map(id -> id.getAsLong())
                .toList();
    }

    List<Long> mapped() {
        return index.route().map().ranges().stream()
                .map(range -> range.segmentId())
                .sorted()
                .toList();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() {
        index.close();
        Epoch.reclaim();
        assertEquals(0, pool.bytesInUse(), "memtables that nobody gave back");
        pool.close();
    }

    /** True when a slot belongs to the current route and its segment is loaded. Requires the commit lock to stay true. */
    static boolean isWritableLocked(RoutedIndex index, SegmentSlot slot, byte[] key) {
        return slot.isLoaded() && index.route().find(key, KeyOrder.prefix(key, key.length)) == slot;
    }
}
