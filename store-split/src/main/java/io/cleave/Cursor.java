package io.cleave;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.merge.VisibleCursor;
import io.cleave.core.metrics.OperationCells;
import io.cleave.core.metrics.OperationCounter;
import io.cleave.core.metrics.TimedOperation;
import io.cleave.core.resource.UseGate;
import io.cleave.core.storage.MappingFault;
import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import io.cleave.route.RoutedIndex;
import io.cleave.route.SlotLease;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A position in a range of an index, at one moment in time: writes, flushes, compactions and splits that come later do not
 * show and never end it early.
 *
 * <p>Starts before the first entry. {@link #next} walks in the direction of the range, {@link #previous} the other way; both
 * return false past the end, and the opposite move leads back in. {@link #seek} goes to the first key not below a given one,
 * whatever the direction.
 *
 * <p>{@link #key} and {@link #value} give read-only buffers that are valid until the cursor moves or closes. That empties
 * them: an absolute or relative {@code get} on one that was kept throws, and what takes all that remains, such as a decoder,
 * finds nothing. To keep an entry, copy it: {@link #keyBytes}, {@link #valueBytes}. They are the same two objects each time,
 * until a longer key or value needs a larger one, so asking allocates nothing. They are big-endian; another order lasts for an entry.
 *
 * <p>Ownership: the caller closes it; while open it keeps old versions and files alive. Not thread-safe: one thread at a
 * time, but any thread may close it. After the store was closed every call but close throws
 * {@link StoreClosedException}, after the index was dropped {@link StoreException.NotFound}.
 */
public final class Cursor implements AutoCloseable {
    private enum Place {
        BEFORE_FIRST,
        ON_ENTRY,
        AFTER_LAST
    }

    /** What it promises about changes. */
    enum Consistency {
        SNAPSHOT,
        FAIL_FAST
    }

    /** As long as a cursor can be reached its index is, and so its store is in use. */
    private final SegmentIndex named;

    private final KeyRange range;
    private final StoreEngine engine;
    private final CursorHandle handle;
    private final UseGate gate;
    private final RoutedIndex index;
    private final KeyBounds bounds;
    private final boolean descending;
    private final long sequence;
    private final Consistency consistency;
    private final long version;

    /** Place in key order, whatever the direction. */
    private Place place;

    /** Who has taken the gate last. */
    private Thread user = Thread.currentThread();

    /** Reads the handle's lease. */
    private @Nullable VisibleCursor current;
    /** Keys that {@link #current} covers. */
    private @Nullable KeyBounds covered;
    /** How often {@link #current} was positioned, and over how many entries it stepped. */
    private long seeks;

    private long steps;

    private final EntryBuffer keyBuffer = new EntryBuffer(64);
    private final EntryBuffer valueBuffer = new EntryBuffer(256);
    /** The buffer holds the entry's key; else it is empty. Kept here, because each step looks at it, as is that of the value. */
    private boolean keyHandedOut;

    private boolean valueHandedOut;

    private Cursor(SegmentIndex named, KeyRange range, long sequence, Consistency consistency, long version) {
        this.named = named;
        this.range = range;
        this.engine = named.engine();
        this.index = named.routed();
        this.bounds = range.bounds();
        this.descending = range.isDescending();
        this.sequence = sequence;
        this.consistency = consistency;
        this.version = version;
        this.place = descending ? Place.AFTER_LAST : Place.BEFORE_FIRST;
        this.handle = new CursorHandle(this, engine.leaks(), engine.context().snapshots(), sequence);
        this.gate = handle.gate();
        engine.leaks().track(handle);
        engine.operations().own().count(OperationCounter.CURSOR, 1);
        if (engine.gate().isClosed()) {
            // The close may have looked for open handles before this one was there.
            close();
        }
    }

    /** A cursor at the newest visible moment. */
    static Cursor latest(SegmentIndex index, KeyRange range, Consistency consistency) {
        index.engine().gate().requireAccepting();
        // Read first: a write that comes between is seen as a change.
        long version = index.routed().version();
        long sequence = index.engine().context().snapshots().register();
        return new Cursor(index, range, sequence, consistency, version);
    }

    /** A cursor at a moment that a snapshot holds; null when that has been closed meanwhile, by its owner or by the store. */
    static @Nullable Cursor at(SegmentIndex index, KeyRange range, long sequence) {
        index.engine().gate().requireAccepting();
        boolean held = index.engine().context().snapshots().registerAt(sequence);
        return held ? new Cursor(index, range, sequence, Consistency.SNAPSHOT, 0) : null;
    }

    /** Moves to the next entry of the range, in its direction; false past the last. */
    public boolean next() {
        return step(!descending);
    }

    /** Moves to the entry before, against the direction of the range; false past the first. */
    public boolean previous() {
        return step(descending);
    }

    private boolean step(boolean up) {
        enter();
        try {
            check();
            return up ? moveUp() : moveDown();
        } catch (InternalError e) {
            throw MappingFault.of(index.directory(), e);
        } finally {
            exit();
        }
    }

    /** Moves to the first key of the range that is not below {@code key}, whatever the direction; false when there is none. */
    public boolean seek(byte[] key) {
        return seek(key, false);
    }

    /** Moves to the last key of the range that is below {@code key}, whatever the direction; false when there is none. */
    public boolean seekBelow(byte[] key) {
        return seek(key, true);
    }

    /** Moves to the last key of the range that is {@code key} or below it, whatever the direction; false when there is none. */
    public boolean seekAtOrBelow(byte[] key) {
        return seek(Arrays.copyOf(Objects.requireNonNull(key, "key"), key.length + 1), true);
    }

    private boolean seek(byte[] key, boolean below) {
        Objects.requireNonNull(key, "key");
        enter();
        try {
            check();
            OperationCells cells = engine.operations().own();
            long start = cells.begin();
            boolean found = below ? moveBelow(key) : moveTo(key);
            engine.operations().end(cells, TimedOperation.SEEK, index, start);
            return found;
        } catch (InternalError e) {
            throw MappingFault.of(index.directory(), e);
        } finally {
            exit();
        }
    }

    /** The key, read-only, from position 0 to its limit; empty once the cursor has moved or closed. */
    public ByteBuffer key() {
        enter();
        try {
            requireEntry();
            int length = current.keyLength();
            if (!keyHandedOut) {
                current.copyKey(keyBuffer.room(length));
                keyHandedOut = true;
            }
            return keyBuffer.show(length);
        } catch (InternalError e) {
            throw MappingFault.of(index.directory(), e);
        } finally {
            exit();
        }
    }

    /** The value, read-only, from position 0 to its limit; empty once the cursor has moved or closed. */
    public ByteBuffer value() {
        enter();
        try {
            requireEntry();
            int length = current.valueLength();
            if (!valueHandedOut) {
                current.copyValue(0, valueBuffer.room(length), 0, length);
                valueHandedOut = true;
            }
            return valueBuffer.show(length);
        } catch (InternalError e) {
            throw MappingFault.of(index.directory(), e);
        } finally {
            exit();
        }
    }

    /** A copy of the key. */
    public byte[] keyBytes() {
        enter();
        try {
            requireEntry();
            byte[] copy = new byte[current.keyLength()];
            current.copyKey(copy);
            return copy;
        } catch (InternalError e) {
            throw MappingFault.of(index.directory(), e);
        } finally {
            exit();
        }
    }

    /** A copy of the value. */
    public byte[] valueBytes() {
        enter();
        try {
            requireEntry();
            byte[] copy = new byte[current.valueLength()];
            current.copyValue(0, copy, 0, copy.length);
            return copy;
        } catch (InternalError e) {
            throw MappingFault.of(index.directory(), e);
        } finally {
            exit();
        }
    }

    /**
     * Copies a part of the value and nothing else of it: what there is of a large one to look at.
     *
     * @param from where in the value it begins
     * @param target gets the bytes from {@code at} on
     * @throws IndexOutOfBoundsException when the value or the target is shorter than that
     */
    public void copyValue(int from, byte[] target, int at, int length) {
        Objects.requireNonNull(target, "target");
        enter();
        try {
            requireEntry();
            Objects.checkFromIndexSize(from, length, current.valueLength());
            Objects.checkFromIndexSize(at, length, target.length);
            current.copyValue(from, target, at, length);
        } catch (InternalError e) {
            throw MappingFault.of(index.directory(), e);
        } finally {
            exit();
        }
    }

    /** Length of the value in bytes. */
    public int valueLength() {
        enter();
        try {
            requireEntry();
            return current.valueLength();
        } finally {
            exit();
        }
    }

    /**
     * Lets go of everything it holds. Idempotent. Any thread may close it: a call that another one is in the middle of goes on
     * to its end, and the cursor lets go then; that thread has its buffers emptied at its next call.
     */
    @Override
    public void close() {
        try {
            boolean here = gate.isUsedHere();
            if (here) {
                invalidateBuffers();
            }
            if (gate.close()) {
                giveBack(here);
            }
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private void giveBack(boolean here) {
        try {
            if (here) {
                release();
            }
        } finally {
            handle.release();
        }
    }

    private boolean moveTo(byte[] key) {
        invalidateBuffers();
        byte[] lower = bounds.lower();
        byte[] from = lower != null && KeyOrder.compare(key, lower) < 0 ? lower : key;
        if (bounds.isEmpty() || isBehind(from)) {
            return leave(Place.AFTER_LAST);
        }
        if (current == null || !covered.contains(from)) {
            cover(index.lease(from));
        }
        seeks++;
        return settleUp(current.seek(from, from.length));
    }

    private boolean moveBelow(byte[] key) {
        invalidateBuffers();
        byte[] to = isBehind(key) ? bounds.upper() : key;
        byte[] lower = bounds.lower();
        if (bounds.isEmpty() || to.length == 0 || (lower != null && KeyOrder.compare(to, lower) <= 0)) {
            return leave(Place.BEFORE_FIRST);
        }
        if (current == null || !covered.reachesBelow(to)) {
            cover(index.leaseBelow(to));
        }
        seeks++;
        return settleDown(current.seekBelow(to));
    }

    private boolean moveUp() {
        invalidateBuffers();
        if (place == Place.ON_ENTRY) {
            steps++;
            return settleUp(current.next());
        }
        if (place == Place.AFTER_LAST || bounds.isEmpty()) {
            return leave(Place.AFTER_LAST);
        }
        byte[] from = bounds.lower() == null ? CommitPath.NO_VALUE : bounds.lower();
        cover(index.lease(from));
        return settleUp(current.first());
    }

    private boolean moveDown() {
        invalidateBuffers();
        if (place == Place.ON_ENTRY) {
            steps++;
            return settleDown(current.previous());
        }
        if (place == Place.BEFORE_FIRST || bounds.isEmpty()) {
            return leave(Place.BEFORE_FIRST);
        }
        cover(index.leaseBelow(bounds.upper()));
        return settleDown(current.last());
    }

    /** Goes on to higher slots until there is an entry. */
    private boolean settleUp(boolean found) {
        boolean on = found;
        while (!on) {
            byte[] from = covered.upper();
            if (from == null || isBehind(from)) {
                return leave(Place.AFTER_LAST);
            }
            cover(index.lease(from));
            // A slot that was merged meanwhile begins below the place where the last one ended.
            on = current.seek(from, from.length);
        }
        place = Place.ON_ENTRY;
        return true;
    }

    /** Goes on to lower slots until there is an entry. */
    private boolean settleDown(boolean found) {
        boolean on = found;
        while (!on) {
            byte[] to = covered.lower();
            if (to == null || (bounds.lower() != null && KeyOrder.compare(to, bounds.lower()) <= 0)) {
                return leave(Place.BEFORE_FIRST);
            }
            cover(index.leaseBelow(to));
            on = current.seekBelow(to);
        }
        place = Place.ON_ENTRY;
        return true;
    }

    /** True for a key above the range. */
    private boolean isBehind(byte[] key) {
        return bounds.upper() != null && KeyOrder.compare(key, bounds.upper()) >= 0;
    }

    /** Reads a slot from now on, as far as it lies in the range. */
    private void cover(SlotLease next) {
        release();
        handle.lease(next);
        covered = next.bounds().intersect(bounds);
        current = new VisibleCursor(next.cursor(), sequence, covered);
    }

    private boolean leave(Place to) {
        invalidateBuffers();
        release();
        place = to;
        return false;
    }

    private void release() {
        long passed = 0;
        if (current != null) {
            passed = current.passed();
            current.close();
            current = null;
        }
        SlotLease lease = handle.lease();
        if (lease != null) {
            lease.count(seeks, steps, passed);
            OperationCells cells = engine.operations().own();
            cells.count(OperationCounter.SEEK, seeks);
            cells.count(OperationCounter.STEP, steps);
            seeks = 0;
            steps = 0;
            engine.maintenance().due().afterRead(index, lease.slot());
            handle.lease(null);
            lease.close();
        }
    }

    private void invalidateBuffers() {
        if (keyHandedOut || valueHandedOut) {
            keyBuffer.empty();
            valueBuffer.empty();
            keyHandedOut = false;
            valueHandedOut = false;
        }
    }

    /** Begins a call: from here to {@link #exit} nobody gives back what it holds. */
    private void enter() {
        Thread caller = Thread.currentThread();
        if (user != caller) {
            gate.take();
            user = caller;
        }
        gate.enter();
    }

    /** Ends a call. */
    private void exit() {
        try {
            if (gate.exit()) {
                handle.release();
            }
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private void check() {
        if (gate.isClosed() || engine.gate().isClosed() || index.isClosed()) {
            throw refusal();
        }
        if (consistency == Consistency.FAIL_FAST && index.version() != version) {
            throw new ConcurrentModificationException("index in " + index.directory() + " has changed");
        }
    }

    /** Why calls are refused; lets go at the end of this one. */
    private RuntimeException refusal() {
        invalidateBuffers();
        gate.shut();
        try {
            engine.gate().requireOpen();
            index.requireOpen();
        } catch (StoreClosedException | StoreException.NotFound e) {
            return e;
        }
        return new StoreClosedException("cursor is closed");
    }

    private void requireEntry() {
        check();
        if (place != Place.ON_ENTRY) {
            throw new IllegalStateException(
                    "cursor is not on an entry: the last move returned false, or there was none");
        }
    }

    /** Index, range, moment and place, for a log; of a cursor that another thread moves the place of some moment. */
    @Override
    public String toString() {
        return "Cursor[" + LogText.name(named.name()) + ", " + range + ", sequence " + sequence + ", "
                + (gate.isClosed() ? "closed" : place) + "]";
    }
}
