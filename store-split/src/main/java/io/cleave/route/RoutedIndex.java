package io.cleave.route;

import io.cleave.catalog.StoredOptions;
import io.cleave.core.bytes.KeyHash;
import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.Lookup;
import io.cleave.core.parts.PartId;
import io.cleave.core.parts.Parts;
import io.cleave.core.registry.SegmentIdAllocator;
import io.cleave.core.registry.SegmentRegistry;
import io.cleave.core.registry.SegmentRegistryAccess;
import io.cleave.core.registry.SegmentRegistryStatus;
import io.cleave.core.resource.Epoch;
import io.cleave.core.resource.LockRank;
import io.cleave.core.resource.RankedLock;
import io.cleave.core.segment.MemtableLayer;
import io.cleave.core.segment.Segment;
import io.cleave.core.segment.SegmentContext;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.segment.SegmentView;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/**
 * One index: its key map, its registry of segments, and the route that readers and writers take to them.
 *
 * <p>Ownership: closes its registry. Thread-safe; methods ending in {@code Locked} require the commit lock, {@link #publish}
 * requires the key map lock.
 */
public final class RoutedIndex implements AutoCloseable {
    /** What {@link #find} found. */
    public enum Found {
        /** The lookup is filled; the entry may be a tombstone. */
        ENTRY,
        /** No entry at or below the sequence number. */
        NOTHING,
        /** The segment has to be loaded first, outside the epoch. */
        NOT_LOADED
    }

    /** Reads at the newest visible sequence number. */
    public static final long LATEST = Long.MAX_VALUE;

    private final SegmentContext context;
    private final String name;
    private final int indexId;
    private final Path directory;
    private final SegmentRegistry registry;
    private final RetryPolicy retry;
    private final int holdersMax;
    private final BiConsumer<RoutedIndex, SegmentSlot> loads;
    private final RankedLock keyMapLock;

    /** How what is written from now on is kept. */
    private volatile StoredOptions options;

    /** Replaced under the key map lock and the commit lock. */
    private volatile Route route;

    /** Counts writes. Written under the commit lock. */
    private final AtomicLong version = new AtomicLong();

    private volatile boolean closed;

    /** Set before it is closed. */
    private volatile boolean dropped;

    private RoutedIndex(SegmentContext shared, IndexPlace place, SegmentIdAllocator allocator) {
        this.options = place.options();
        this.context = shared.withRuns(() -> options.run());
        this.name = place.name();
        this.indexId = place.indexId();
        this.directory = place.directory();
        this.retry = place.retry();
        this.holdersMax = place.holdersMax();
        this.loads = place.loads();
        this.keyMapLock = new RankedLock(LockRank.KEY_MAP, place.indexId());
        this.registry = new SegmentRegistry(
                new IndexSegments(context, place.indexId(), place.directory()),
                allocator,
                place.handlersMax(),
                () -> retry.attempt("segment of " + directory).tryBackOff());
    }

    /** Creates a new index with one empty segment, durable but for the name of its directory. */
    public static RoutedIndex create(SegmentContext context, IndexPlace place) {
        context.storage().createDirectory(place.directory());
        RoutedIndex index = new RoutedIndex(context, place, allocator(context, place));
        try (SegmentRegistryAccess first = index.registry.createSegment()) {
            KeyMap map = KeyMap.of(place.indexId(), first.segment().id());
            index.persist(map);
            index.route = Route.of(map);
            index.route.slot(0).remember(first.segment());
            return index;
        } catch (RuntimeException | Error e) {
            index.closeAfter(e);
            throw e;
        }
    }

    /**
     * Opens an existing index. Loads no segment, and leaves what a crash left in its directory to {@link #deleteOrphans}.
     *
     * @throws StoreException.Corrupt for what is damaged, missing or of another age than the store
     */
    public static RoutedIndex open(SegmentContext context, IndexPlace place) {
        KeyMap map = IndexDirectory.read(context.storage(), context.parts(), place.indexId(), place.directory());
        RoutedIndex index = new RoutedIndex(context, place, allocator(context, place));
        index.route = Route.of(map);
        return index;
    }

    /** The key map of an index, whose segments have directories and ids that were handed out. Changes nothing. */
    public static KeyMap readChecked(Storage storage, Parts parts, int indexId, Path directory) {
        return IndexDirectory.read(storage, parts, indexId, directory);
    }

    /** Reads and checks the key map of an index, and compares its age. */
    public static KeyMap readKeyMap(Parts parts, int indexId, Path directory) {
        return IndexDirectory.readKeyMap(parts, indexId, directory);
    }

    /** Requires of the segments that a recovery has loaded that the log leads up to what they hold. */
    public void requireInLog() {
        Route current = route;
        for (int i = 0; i < current.size(); i++) {
            Segment segment = current.slot(i).segment();
            if (segment != null) {
                segment.requireInLog();
            }
        }
    }

    /**
     * Deletes what a crash left: segment directories that the key map does not name and whose ids were handed out, and runs that
     * nothing names of the segments that the replay has loaded; the others' go when they are loaded. Once all comparisons of an
     * open have ended, before anybody else sees the index.
     */
    public void deleteOrphans() {
        Route current = route;
        IndexDirectory.deleteOrphans(context, current.map(), directory);
        for (int i = 0; i < current.size(); i++) {
            SegmentSlot slot = current.slot(i);
            SegmentView view = slot.view();
            if (view != null) {
                SegmentDirectory.deleteOrphans(context.storage(), segmentDirectory(slot.segmentId()), view);
            }
        }
    }

    /** Adds its parts to those that a ledger tells of. */
    public void addParts(Set<PartId> named) {
        named.add(PartId.keyMap(indexId));
        named.add(PartId.segmentIds(indexId));
        Route current = route;
        for (int i = 0; i < current.size(); i++) {
            named.add(PartId.manifest(indexId, current.slot(i).segmentId()));
        }
    }

    /** Its name in the catalog. */
    public String name() {
        return name;
    }

    /** Calls for every slot of the route as it is now. */
    public void forEachSlot(Consumer<SegmentSlot> action) {
        Route now = route;
        for (int i = 0; i < now.size(); i++) {
            action.accept(now.slot(i));
        }
    }

    /** Its id. */
    public int indexId() {
        return indexId;
    }

    /** Its directory. */
    public Path directory() {
        return directory;
    }

    /** The current route. */
    public Route route() {
        return route;
    }

    /** Its registry. */
    public SegmentRegistry registry() {
        return registry;
    }

    /** How what it writes from now on is kept. */
    public StoredOptions options() {
        return options;
    }

    /** Keeps what is written from now on in another way. Requires that the catalog says so already. */
    public void alter(StoredOptions next) {
        options = next;
    }

    /** What its segments share with all others of the store; the format of new runs is its own. */
    public SegmentContext context() {
        return context;
    }

    /** Guards the replacement of the key map. */
    public RankedLock keyMapLock() {
        return keyMapLock;
    }

    /** Changes with each write, and with nothing else: background work changes no entry. */
    public long version() {
        return version.getAcquire();
    }

    /**
     * Finds the newest version of a key at or below a sequence number. Requires an epoch, which must last until the value
     * was copied.
     */
    public Found find(byte[] key, long sequence, Lookup out) {
        long hash = KeyHash.of(key, key.length);
        long prefix = KeyOrder.prefix(key, key.length);
        SegmentSlot slot = route.find(key, prefix);
        // The side memtable is read first: whatever is written there later is newer than this read.
        MemtableLayer side = slot.side();
        SegmentView view = slot.view();
        if (view == null) {
            return Found.NOT_LOADED;
        }
        // Visible is read after the view: parts of the view that can be compacted hold nothing newer.
        long sequenceMax = sequence == LATEST ? context.snapshots().visible() : sequence;
        if (side != null && side.memtable().find(key, key.length, hash, prefix, sequenceMax, out)) {
            return Found.ENTRY;
        }
        return view.find(key, hash, prefix, sequenceMax, out) ? Found.ENTRY : Found.NOTHING;
    }

    /** The slot of a key, its segment loaded at the moment of return. */
    public SegmentSlot loadedSlot(byte[] key) {
        long prefix = KeyOrder.prefix(key, key.length);
        SegmentSlot slot = route.find(key, prefix);
        while (!slot.isLoaded()) {
            load(slot);
            slot = route.find(key, prefix);
        }
        return slot;
    }

    /** Adds an entry to a writable slot; returns the bytes of the memtable it went to. Requires the commit lock. */
    public long putLocked(SegmentSlot slot, MemtableLayer.Entry entry, long logPosition) {
        version.setRelease(version.getPlain() + 1);
        return slot.putLocked(entry, logPosition);
    }

    /**
     * Loads the segment of a slot, waiting while it is busy. A slot that has left the route meanwhile is left alone.
     *
     * @return the segment, or null when the slot is out of date
     * @throws StoreException.Busy when it stayed busy up to the deadline
     */
    public Segment load(SegmentSlot slot) {
        RetryPolicy.Attempt attempt = retry.attempt("segment " + segmentDirectory(slot.segmentId()));
        while (true) {
            try (SegmentRegistryAccess access = registry.getSegment(slot.segmentId())) {
                if (access.status() == SegmentRegistryStatus.OK) {
                    boolean other = slot.segment() != access.segment();
                    slot.remember(access.segment());
                    if (other) {
                        loads.accept(this, slot);
                    }
                    return access.segment();
                }
                if (access.status() == SegmentRegistryStatus.NOT_FOUND && isCurrent(slot)) {
                    throw IndexDirectory.missingSegment(
                            context.parts(), indexId, slot.segmentId(), segmentDirectory(slot.segmentId()));
                }
                if (access.status() == SegmentRegistryStatus.CLOSED || access.status() == SegmentRegistryStatus.ERROR) {
                    throw refusal();
                }
            }
            if (!isCurrent(slot)) {
                return null;
            }
            // BUSY: somebody maintains it. Reads and writes do not need the handler, only the segment.
            Segment loaded = registry.loadedSegment(slot.segmentId());
            if (loaded != null) {
                slot.remember(loaded);
                return loaded;
            }
            attempt.backOff();
        }
    }

    /** References on everything in the slot that holds {@code key}, its segment loaded if need be. */
    public SlotLease lease(byte[] key) {
        return lease(current -> current.position(key, KeyOrder.prefix(key, key.length)));
    }

    /** The same for the slot that holds the largest keys below {@code upper}, the last one for null. */
    public SlotLease leaseBelow(byte[] upper) {
        return lease(current -> {
            if (upper == null) {
                return current.size() - 1;
            }
            int position = current.position(upper, KeyOrder.prefix(upper, upper.length));
            byte[] lower = current.slot(position).bounds().lower();
            boolean startsThere = lower != null && KeyOrder.compare(lower, upper) == 0;
            return startsThere ? position - 1 : position;
        });
    }

    private SlotLease lease(ToIntFunction<Route> position) {
        while (true) {
            requireOpen();
            Route current = route;
            SegmentSlot slot = current.slot(position.applyAsInt(current));
            Epoch.Slot epoch = Epoch.enter();
            try {
                SlotLease lease = SlotLease.tryAcquire(slot);
                if (lease != null) {
                    lease.requireAtMost(holdersMax);
                    return lease;
                }
            } finally {
                epoch.exit();
            }
            load(slot);
        }
    }

    /** Replaces the key map file. Requires the key map lock. */
    public void publish(KeyMap next) {
        assert keyMapLock.isHeld();
        persist(next);
    }

    /** Shows a new route. Requires the key map lock and the commit lock. */
    public void replaceRouteLocked(Route next) {
        assert keyMapLock.isHeld() && context.commitLock().isHeld();
        route = next;
    }

    /**
     * Deletes a segment that has left the route, waiting while somebody holds its handler. When it stays held the directory is
     * an orphan, which the next open deletes.
     */
    public void deleteSegment(long segmentId) {
        RetryPolicy.Attempt attempt = retry.attempt("segment " + segmentDirectory(segmentId));
        SegmentRegistryStatus status = SegmentRegistryStatus.BUSY;
        while (status == SegmentRegistryStatus.BUSY) {
            try (SegmentRegistryAccess answer = registry.deleteSegment(segmentId)) {
                status = answer.status();
            }
            if (status == SegmentRegistryStatus.BUSY && !attempt.tryBackOff()) {
                return;
            }
        }
    }

    /** Directory of a segment. */
    public Path segmentDirectory(long segmentId) {
        return directory.resolve(SegmentDirectory.name(segmentId));
    }

    /** Oldest log position that some memtable of this index needs, or {@link MemtableLayer#NO_LOG}. */
    public long firstLogPositionLocked() {
        assert context.commitLock().isHeld();
        long first = MemtableLayer.NO_LOG;
        Route current = route;
        for (int i = 0; i < current.size(); i++) {
            MemtableLayer side = current.slot(i).side();
            if (side != null) {
                first = Math.min(first, side.firstLogPosition());
            }
            SegmentView view = current.slot(i).view();
            if (view != null) {
                first = Math.min(first, view.firstLogPosition());
            }
        }
        return first;
    }

    /** Refuses further use: with {@code NotFound} when it was dropped, as closed when the store was closed. */
    public void requireOpen() {
        if (closed) {
            throw refusal();
        }
    }

    /** What further use is refused with. */
    public RuntimeException refusal() {
        return dropped
                ? new StoreException.NotFound("index \"" + name + "\" in " + directory + " was dropped")
                : new StoreClosedException("index \"" + name + "\" in " + directory + " is closed");
    }

    /** True once it was closed. */
    public boolean isClosed() {
        return closed;
    }

    @Override
    public void close() {
        closed = true;
        registry.close();
    }

    /** Closes it when no catalog names it any more and its directory is about to be deleted. */
    public void closeDropped() {
        dropped = true;
        closed = true;
        registry.closeDropped();
    }

    /** Closes it because of a failure, which stays the one that is told. */
    public void closeAfter(Throwable failure) {
        try {
            close();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    private boolean isCurrent(SegmentSlot slot) {
        return route.positionOf(slot.segmentId()) >= 0;
    }

    private void persist(KeyMap map) {
        IndexDirectory.publish(context, map, directory);
    }

    private static SegmentIdAllocator allocator(SegmentContext context, IndexPlace place) {
        return new SegmentIdAllocator(context.storage(), context.parts(), place.indexId(), place.directory());
    }
}
