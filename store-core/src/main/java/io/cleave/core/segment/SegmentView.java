package io.cleave.core.segment;

import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.entry.Lookup;
import io.cleave.core.memtable.Memtable;
import io.cleave.core.merge.MergeCursor;
import io.cleave.core.resource.Shared;
import io.cleave.core.run.Run;
import io.cleave.core.run.RunProperties;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything a segment consists of at one moment: the active memtable, sealed ones and runs, newest first; the last run is
 * the main run. Immutable but for what is written into the active memtable.
 *
 * <p>Ownership: holds a reference on each part and gives them back when its own last reference goes. A point read may use
 * it inside an epoch without a reference.
 */
public final class SegmentView {
    /** Heap that a writer takes for a key with a point index, the largest filter. */
    private static final long MEMTABLE_ENTRY_BYTES = 26;

    private final KeyBounds bounds;
    private final MemtableLayer active;
    private final MemtableLayer[] sealed;
    private final Shared<SharedRun>[] runs;
    /** Of the runs, whoever reads them. */
    private final RunGarbage garbage;

    private final Shared<SegmentView> holder;

    /** Takes a reference of its own on every part. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    SegmentView(KeyBounds bounds, MemtableLayer active, List<MemtableLayer> sealed, List<Shared<SharedRun>> runs) {
        this.bounds = bounds;
        this.active = active;
        this.sealed = sealed.toArray(new MemtableLayer[0]);
        this.runs = runs.toArray(new Shared[0]);
        this.garbage = garbage(Long.MAX_VALUE);
        active.shared().acquire();
        sealed.forEach(layer -> layer.shared().acquire());
        runs.forEach(Shared::acquire);
        this.holder = new Shared<>(this, this::releaseParts);
    }

    /** Keys of the segment. */
    public KeyBounds bounds() {
        return bounds;
    }

    /** The memtable that takes writes. */
    public MemtableLayer active() {
        return active;
    }

    /** Memtables that wait for a flush, newest first. */
    public List<MemtableLayer> sealed() {
        return List.of(sealed);
    }

    /** Runs, newest first. */
    public List<Shared<SharedRun>> runs() {
        return List.of(runs);
    }

    /** Number of runs. */
    public int runCount() {
        return runs.length;
    }

    /** The view's own reference count. */
    public Shared<SegmentView> holder() {
        return holder;
    }

    /** Bytes of all run files. */
    public long runBytes() {
        long bytes = 0;
        for (Shared<SharedRun> run : runs) {
            bytes += run.get().run().fileBytes();
        }
        return bytes;
    }

    /** Heap that a writer of one run of all this takes, at most; what keys in memory add to its index is not counted. */
    public long writerHeapBytes() {
        long inMemory = entries();
        long bytes = 0;
        for (Shared<SharedRun> shared : runs) {
            Run run = shared.get().run();
            inMemory -= run.properties().entries();
            bytes += run.writerHeapBytes();
        }
        return bytes + MEMTABLE_ENTRY_BYTES * inMemory;
    }

    /** Entries in memtables, all versions and tombstones counted. */
    public long memtableEntries() {
        long entries = active.memtable().entries();
        for (MemtableLayer layer : sealed) {
            entries += layer.memtable().entries();
        }
        return entries;
    }

    /** Entries in runs and memtables, all versions and tombstones counted. */
    public long entries() {
        long entries = memtableEntries();
        for (Shared<SharedRun> run : runs) {
            entries += run.get().run().properties().entries();
        }
        return entries;
    }

    /** Tombstones in memtables, every version counted. */
    public long memtableTombstones() {
        long tombstones = active.tombstones();
        for (MemtableLayer layer : sealed) {
            tombstones += layer.tombstones();
        }
        return tombstones;
    }

    /** What of the runs a merge would leave out if nobody read old versions. */
    public RunGarbage garbage() {
        return garbage;
    }

    /** What of the runs a merge would leave out while the oldest reader is at {@code oldestSnapshot}. */
    public RunGarbage garbage(long oldestSnapshot) {
        List<RunProperties> properties = new ArrayList<>();
        for (Shared<SharedRun> run : runs) {
            properties.add(run.get().run().properties());
        }
        return RunGarbage.of(properties, oldestSnapshot);
    }

    /** The same once the memtables are flushed: what they hold of tombstones that no reader is too old for. */
    RunGarbage garbageAfterFlush(long oldestSnapshot) {
        long tombstones = active.droppableTombstones(oldestSnapshot);
        for (MemtableLayer layer : sealed) {
            tombstones += layer.droppableTombstones(oldestSnapshot);
        }
        return garbage(oldestSnapshot).withTombstones(tombstones);
    }

    /** Bytes of entries in memtables. */
    public long memtableBytes() {
        long bytes = active.bytes();
        for (MemtableLayer layer : sealed) {
            bytes += layer.bytes();
        }
        return bytes;
    }

    /** True when some memtable holds an entry. */
    public boolean isDirty() {
        return sealed.length > 0 || !active.memtable().isEmpty();
    }

    /** Oldest log position that a memtable needs, or {@link MemtableLayer#NO_LOG}. */
    public long firstLogPosition() {
        long first = active.firstLogPosition();
        for (MemtableLayer layer : sealed) {
            first = Math.min(first, layer.firstLogPosition());
        }
        return first;
    }

    /**
     * Finds the newest version of a key that is not above {@code sequenceMax}; tombstones count as found.
     *
     * @param hash {@link io.cleave.core.bytes.KeyHash} of the key
     * @param prefix {@link io.cleave.core.bytes.KeyOrder#prefix} of the key
     */
    public boolean find(byte[] key, long hash, long prefix, long sequenceMax, Lookup out) {
        int length = key.length;
        if (active.memtable().find(key, length, hash, prefix, sequenceMax, out)) {
            return true;
        }
        for (MemtableLayer layer : sealed) {
            if (layer.memtable().find(key, length, hash, prefix, sequenceMax, out)) {
                return true;
            }
        }
        for (Shared<SharedRun> run : runs) {
            if (run.get().run().find(key, length, hash, prefix, sequenceMax, out)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Cursors over every part that is not empty now, newest first: what comes into the others later is newer than whoever
     * asks now may see. The caller holds a reference on the view as long as it uses them.
     */
    public List<EntryCursor> sources() {
        List<EntryCursor> sources = new ArrayList<>(2 + sealed.length + runs.length);
        addMemtable(sources, active.memtable());
        for (MemtableLayer layer : sealed) {
            addMemtable(sources, layer.memtable());
        }
        for (Shared<SharedRun> run : runs) {
            sources.add(run.get().run().cursor());
        }
        return sources;
    }

    /** All entries of the view, all versions, as one cursor. Memtables may reach beyond the bounds. */
    public EntryCursor cursor() {
        return MergeCursor.of(sources());
    }

    /** As {@link #cursor}, for one pass over a view whose active memtable is empty and stays so: that of an isolated segment. */
    EntryCursor isolatedCursor() {
        assert active.memtable().isEmpty() : "isolated with an active memtable";
        List<EntryCursor> sources = new ArrayList<>();
        for (MemtableLayer layer : sealed) {
            sources.add(layer.memtable().sealedCursor());
        }
        for (Shared<SharedRun> run : runs) {
            sources.add(run.get().run().cursor());
        }
        return MergeCursor.of(sources);
    }

    private static void addMemtable(List<EntryCursor> sources, Memtable memtable) {
        if (!memtable.isEmpty()) {
            sources.add(memtable.cursor());
        }
    }

    private void releaseParts() {
        active.shared().release();
        for (MemtableLayer layer : sealed) {
            layer.shared().release();
        }
        for (Shared<SharedRun> run : runs) {
            run.release();
        }
    }

    /** The runs themselves, newest first. The caller holds a reference on the view as long as it uses them. */
    public List<Run> openRuns() {
        List<Run> open = new ArrayList<>();
        for (Shared<SharedRun> run : runs) {
            open.add(run.get().run());
        }
        return open;
    }
}
