package io.cleave.split;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.merge.RetainingCursor;
import io.cleave.core.registry.SegmentRegistryAccess;
import io.cleave.core.registry.SegmentRegistryStatus;
import io.cleave.core.segment.IteratorIsolation;
import io.cleave.core.segment.MemtableLayer;
import io.cleave.core.segment.Segment;
import io.cleave.core.segment.SegmentBuilder;
import io.cleave.core.segment.SegmentContext;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.segment.SegmentIterator;
import io.cleave.core.segment.SegmentState;
import io.cleave.core.segment.SegmentView;
import io.cleave.core.segment.SharedRun;
import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import io.cleave.event.RunTraffic;
import io.cleave.route.KeyMap;
import io.cleave.route.KeyMapFormat;
import io.cleave.route.Route;
import io.cleave.route.RoutedIndex;
import io.cleave.route.SegmentSlot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * One rewrite of adjacent segments into new ones, in the steps of docs/protocol/split.md. Made for one call of {@link
 * #run}; belongs to the maintenance thread that runs it.
 *
 * <p>Errors: before S4 everything is undone and the cause thrown. A key map whose publish failed is {@code Poisoned}: the old
 * segments stay in use, the new ones stay on disk, and the next open decides by the key map it finds.
 */
final class SegmentRewrite {
    /** Says, once the segments are locked, whether they still should be rewritten. */
    interface Eligibility {
        boolean holds(List<Segment> segments);
    }

    /** Says, at the first version of a key, whether the next new segment begins there. */
    interface Cut {
        /** @param entryBytes what the entry would add to {@code current} */
        boolean beginsNext(SegmentBuilder current, long entryBytes);

        /** Says, after the last key, whether another new segment, still empty, takes what comes above. */
        default boolean endsWithEmpty(SegmentBuilder last) {
            return false;
        }
    }

    private final RoutedIndex index;
    private final SegmentContext context;
    private final List<SegmentSlot> slots;
    private final Consumer<SplitStep> steps;

    private final List<SegmentRegistryAccess> accesses = new ArrayList<>();
    private final List<Segment> segments = new ArrayList<>();
    private final List<SegmentIterator> iterators = new ArrayList<>();
    private final List<SegmentBuilder> builders = new ArrayList<>();
    private final List<byte[]> lowers = new ArrayList<>();
    private final List<Segment> children = new ArrayList<>();
    /** Everything up to here is in the isolated segments, everything later in the side memtables. */
    private long isolatedSequence;

    private RunTraffic traffic = RunTraffic.NONE;

    /** All came from runs, whose sizes are known. What memtables take is more than what they hold, by how much nobody knows. */
    private boolean measured;

    private boolean diverted;
    /** The key map file names the new segments. */
    private boolean published;

    SegmentRewrite(RoutedIndex index, List<SegmentSlot> slots, Consumer<SplitStep> steps) {
        this.index = index;
        this.context = index.context();
        this.slots = slots;
        this.steps = steps;
    }

    /** The isolated segments' iterators, for a plan that needs their sizes. Valid from S2 to S5. */
    List<SegmentIterator> iterators() {
        return iterators;
    }

    /** Ids of the segments that are to be replaced, in key order. */
    List<Long> oldIds() {
        return slots.stream().map(SegmentSlot::segmentId).toList();
    }

    /** Ids of the new segments, in key order. Valid after {@link #run}. */
    List<Long> newIds() {
        return children.stream().map(Segment::id).toList();
    }

    /** What was read and written. Valid after {@link #run}. */
    RunTraffic traffic() {
        return traffic;
    }

    /**
     * Runs all steps.
     *
     * @return the number of new segments, 0 when not eligible, -1 when busy
     */
    int run(Eligibility eligibility, Cut cut) {
        try {
            SegmentRegistryStatus status = lockHandlers();
            if (status != SegmentRegistryStatus.OK) {
                return status == SegmentRegistryStatus.BUSY ? -1 : 0;
            }
            if (!isStillRouted() || !eligibility.holds(segments)) {
                return 0;
            }
            steps.accept(SplitStep.S1_LOCKED);
            isolate();
            steps.accept(SplitStep.S2_ISOLATED);
            prepare(cut);
            steps.accept(SplitStep.S3_PREPARED);
            apply();
        } catch (RuntimeException | Error e) {
            throw afterFailure(e);
        } finally {
            releaseLocks();
        }
        steps.accept(SplitStep.S5_APPLIED);
        if (children.size() == 1 && measured) {
            // However large it is: only new entries can make it divisible.
            children.get(0).settle();
        }
        slots.forEach(slot -> index.deleteSegment(slot.segmentId()));
        index.registry().trim();
        steps.accept(SplitStep.S6_DELETED);
        return children.size();
    }

    /** S1. Loads each segment through its slot first, so that readers find it there while its handler is locked. */
    private SegmentRegistryStatus lockHandlers() {
        List<SegmentSlot> byId = new ArrayList<>(slots);
        byId.sort((a, b) -> Long.compare(a.segmentId(), b.segmentId()));
        for (SegmentSlot slot : byId) {
            if (index.load(slot) == null) {
                return SegmentRegistryStatus.NOT_FOUND;
            }
            SegmentRegistryAccess access = index.registry().getSegment(slot.segmentId());
            accesses.add(access);
            if (access.status() != SegmentRegistryStatus.OK) {
                return access.status();
            }
            SegmentRegistryStatus locked = access.lock();
            if (locked != SegmentRegistryStatus.OK) {
                return locked;
            }
            slot.remember(access.segment());
        }
        slots.forEach(slot -> segments.add(slot.segment()));
        return SegmentRegistryStatus.OK;
    }

    private boolean isStillRouted() {
        Route route = index.route();
        int position = route.positionOf(slots.get(0).segmentId());
        if (position < 0 || position + slots.size() > route.size()) {
            return false;
        }
        for (int i = 0; i < slots.size(); i++) {
            if (route.slot(position + i) != slots.get(i)) {
                return false;
            }
        }
        return segments.stream().allMatch(segment -> segment.state() == SegmentState.OPEN);
    }

    /** S2. One moment for all segments, so that one sequence number tells what is where. */
    private void isolate() {
        context.commitLock().lock();
        try {
            for (SegmentSlot slot : slots) {
                slot.divertLocked(new MemtableLayer(context.newMemtable()));
            }
            diverted = true;
            isolatedSequence = context.snapshots().visible();
        } finally {
            context.commitLock().unlock();
        }
        List<Segment> byId = new ArrayList<>(segments);
        byId.sort((a, b) -> Long.compare(a.id(), b.id()));
        List<SegmentIterator> opened = new ArrayList<>();
        for (Segment segment : byId) {
            opened.add(segment.openIterator(IteratorIsolation.FULL_ISOLATION));
            iterators.add(opened.get(opened.size() - 1));
        }
        iterators.clear();
        for (Segment segment : segments) {
            iterators.add(opened.get(byId.indexOf(segment)));
        }
    }

    /** S3. */
    private void prepare(Cut cut) {
        measured =
                iterators.stream().allMatch(iterator -> iterator.view().sealed().isEmpty());
        beginChild(slots.get(0).bounds().lower());
        for (SegmentIterator iterator : iterators) {
            try (RetainingCursor source = iterator.retained()) {
                copy(source, iterator.view().bounds(), cut);
            } catch (IllegalArgumentException e) {
                throw SharedRun.disorder(iterator.view().openRuns(), e);
            }
        }
        SegmentBuilder highest = builders.get(builders.size() - 1);
        if (highest.entries() > 0 && cut.endsWithEmpty(highest)) {
            beginChild(KeyOrder.successor(highest.largestKey()));
        }
        finishChild(slots.get(slots.size() - 1).bounds().upper());
        traffic = countTraffic();
    }

    private RunTraffic countTraffic() {
        long bytesIn = 0;
        long entriesIn = 0;
        for (SegmentIterator iterator : iterators) {
            SegmentView view = iterator.view();
            bytesIn += view.runBytes() + view.memtableBytes();
            entriesIn += view.entries();
        }
        long bytesOut = 0;
        long entriesOut = 0;
        for (Segment child : children) {
            bytesOut += child.view().runBytes();
            entriesOut += child.view().entries();
        }
        return new RunTraffic(bytesIn, entriesIn, bytesOut, entriesOut);
    }

    private void copy(RetainingCursor source, KeyBounds bounds, Cut cut) {
        for (boolean on = source.start(bounds.lower()); on && source.isBelow(bounds.upper()); on = source.next()) {
            SegmentBuilder current = builders.get(builders.size() - 1);
            long entryBytes = (long) source.entry().keyLength() + source.entry().valueLength();
            if (source.startsKey() && current.entries() > 0 && cut.beginsNext(current, entryBytes)) {
                beginChild(Arrays.copyOf(source.entry().key(), source.entry().keyLength()));
                current = builders.get(builders.size() - 1);
            }
            current.append(source);
        }
    }

    /** Each is finished before the next begins: what they take together is descriptors of locks and mappings, no heap. */
    private void beginChild(byte[] lower) {
        if (!builders.isEmpty()) {
            KeyMapFormat.requireRoom(index.directory(), index.route().map(), lower, builders.size());
            finishChild(lower);
        }
        long id = index.registry().allocateSegmentId();
        builders.add(new SegmentBuilder(context, index.indexId(), id, index.segmentDirectory(id)));
        lowers.add(lower);
    }

    private void finishChild(byte[] upper) {
        SegmentBuilder last = builders.get(builders.size() - 1);
        byte[] lower = lowers.get(lowers.size() - 1);
        children.add(last.finish(new KeyBounds(lower, upper), isolatedSequence));
    }

    /** S4. Key map on disk, then, in one moment for writers, the route and the side memtables. */
    private void apply() {
        context.logBarrier().accept(isolatedSequence);
        index.keyMapLock().lock();
        try {
            Route route = index.route();
            int position = route.positionOf(slots.get(0).segmentId());
            List<KeyMap.Range> ranges = new ArrayList<>();
            List<SegmentSlot> replacement = new ArrayList<>();
            for (int i = 0; i < children.size(); i++) {
                byte[] lower = lowers.get(i) == null ? new byte[0] : lowers.get(i);
                ranges.add(new KeyMap.Range(lower, children.get(i).id()));
                SegmentSlot slot =
                        new SegmentSlot(children.get(i).id(), children.get(i).bounds());
                slot.remember(children.get(i));
                replacement.add(slot);
            }
            KeyMap next = route.map().replace(position, slots.size(), ranges);
            index.publish(next);
            published = true;
            steps.accept(SplitStep.S4_PUBLISHED);
            children.forEach(this::register);
            show(route.replace(next, position, slots.size(), replacement));
        } finally {
            index.keyMapLock().unlock();
        }
    }

    private void register(Segment child) {
        SegmentRegistryAccess access = index.registry().register(child);
        accesses.add(access);
        if (access.status() != SegmentRegistryStatus.OK) {
            throw new StoreClosedException("index in " + index.directory() + " was closed while it was being split");
        }
    }

    private void show(Route next) {
        List<MemtableLayer> sides = new ArrayList<>();
        slots.forEach(slot -> sides.add(slot.side()));
        context.commitLock().lock();
        try {
            adoptLocked(sides);
            index.replaceRouteLocked(next);
        } finally {
            context.commitLock().unlock();
        }
        // Old slots keep pointing at the side memtables for readers that are still on the old route; what keeps the
        // memory
        // alive for them is their epoch.
        sides.forEach(side -> side.shared().release());
    }

    /** Hands each side memtable to the new segments that it may hold keys of. */
    private void adoptLocked(List<MemtableLayer> sides) {
        List<List<MemtableLayer>> adopted = new ArrayList<>();
        children.forEach(child -> adopted.add(new ArrayList<>()));
        for (MemtableLayer side : sides) {
            int owners = 0;
            for (int i = 0; i < children.size(); i++) {
                if (side.memtable().reaches(children.get(i).bounds())) {
                    adopted.get(i).add(side);
                    owners++;
                }
            }
            side.divideAmong(Math.max(1, owners));
        }
        for (int i = 0; i < children.size(); i++) {
            if (!adopted.get(i).isEmpty()) {
                children.get(i).adoptLocked(adopted.get(i));
            }
        }
    }

    /** Puts things back as far as it is known what is durable, and says what to throw. */
    private RuntimeException afterFailure(Throwable cause) {
        if (published || cause instanceof StoreException.Poisoned) {
            // Old or new key map may be the durable one: the new segments stay on disk, out of use.
            children.forEach(Segment::close);
            children.clear();
        }
        undo();
        if (cause instanceof Error error) {
            throw error;
        }
        if (cause instanceof StoreClosedException closed) {
            return closed;
        }
        if (published) {
            return new StoreException.Poisoned(
                    "key map of " + index.directory() + " was replaced, but not what is in memory", cause);
        }
        return (RuntimeException) cause;
    }

    /** Nothing durable names the new segments: they go, and the old ones take back what was written meanwhile. */
    private void undo() {
        try {
            children.forEach(child -> quietly(() -> {
                child.close();
                SegmentDirectory.delete(context.storage(), child.directory());
            }));
            builders.forEach(builder -> quietly(builder::close));
        } finally {
            if (diverted) {
                resume();
            }
        }
    }

    private static void quietly(Runnable cleanUp) {
        try {
            cleanUp.run();
        } catch (StoreException e) {
            // The directory is an orphan that the next open deletes.
            System.getLogger(SegmentRewrite.class.getName())
                    .log(System.Logger.Level.WARNING, "unfinished segment could not be deleted", e);
        }
    }

    private void resume() {
        List<MemtableLayer> sides = new ArrayList<>();
        context.commitLock().lock();
        try {
            for (int i = 0; i < slots.size(); i++) {
                MemtableLayer side = slots.get(i).side();
                sides.add(side);
                List<MemtableLayer> written = side.memtable().isEmpty() ? List.of() : List.of(side);
                if (segments.get(i).state() == SegmentState.ISOLATED) {
                    segments.get(i).resumeLocked(written);
                } else {
                    segments.get(i).adoptLocked(written);
                }
                slots.get(i).divertLocked(null);
            }
        } finally {
            context.commitLock().unlock();
        }
        sides.forEach(side -> side.shared().release());
    }

    private void releaseLocks() {
        iterators.forEach(SegmentIterator::close);
        for (int i = accesses.size() - 1; i >= 0; i--) {
            accesses.get(i).close();
        }
    }
}
