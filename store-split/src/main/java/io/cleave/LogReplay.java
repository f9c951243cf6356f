package io.cleave;

import io.cleave.catalog.StoreCatalog;
import io.cleave.catalog.StoreLayout;
import io.cleave.core.parts.LogEnd;
import io.cleave.core.segment.LogCoverage;
import io.cleave.core.segment.MemtableLayer;
import io.cleave.core.segment.Segment;
import io.cleave.error.StoreException;
import io.cleave.log.LogRecord;
import io.cleave.log.OperationsDecoder;
import io.cleave.log.ReplaySink;
import io.cleave.route.Route;
import io.cleave.route.RoutedIndex;
import io.cleave.route.SegmentSlot;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Replays the log into memtables, and looks whether segments hold more than it: then it has lost its end. Belongs to the opening thread.
 * Source: docs/protocol.
 */
final class LogReplay implements ReplaySink {
    private final StoreContext shared;
    /** As it was found. */
    private final StoreCatalog catalog;

    private final StoreMaintenance maintenance;
    private final IdleSegments idle;
    private final MemtableLayer.Entry entry = new MemtableLayer.Entry();
    /** Directories of the segments whose manifests say that they hold what is in the log. */
    private final Set<Path> relied = new LinkedHashSet<>();
    /** Why the last put found no memory. */
    private StoreException.LimitReached refused;

    private boolean compared;

    /**
     * Into the open indexes of {@code shared}.
     *
     * @param catalog tells of which ids there were indexes
     * @param maintenance makes room in memory
     * @param idle makes room for files
     */
    LogReplay(StoreContext shared, StoreCatalog catalog, StoreMaintenance maintenance, IdleSegments idle) {
        this.shared = shared;
        this.catalog = catalog;
        this.maintenance = maintenance;
        this.idle = idle;
    }

    /**
     * Makes durable what was published before: a process that died between rename and force of the directory has left versions
     * that can be read and that a power cut takes back. Before the log is released, which the older versions need.
     */
    void forceWhatWasReliedOn() {
        shared.indexes().all().forEach(index -> shared.storage().forceDirectory(index.directory()));
        relied.forEach(shared.storage()::forceDirectory);
    }

    /** Replays one record: every operation that its segment does not have in its runs goes to the segment's memtable. */
    @Override
    public void record(LogRecord record) {
        if (shared.runtime().budget().exceeded()) {
            // Of the records before: the bytes of a large one are given up by now, and need not lie beside those of a
            // flush.
            maintenance.flushLargestNow();
        }
        OperationsDecoder operations = record.decoder();
        while (operations.next()) {
            replay(record, operations);
        }
        shared.context().snapshots().publish(record.lastSequence());
    }

    /** The ledger is compared with the log. */
    @Override
    public void read(LogEnd end) {
        shared.context().parts().logEnded(shared.directory().resolve(StoreLayout.LOG_NAME), end);
    }

    /** A segment that holds more than the log proves that the log has lost its end: what is left of that must stay. */
    @Override
    public void ended() {
        compareManifests();
    }

    /**
     * Compares every manifest with its line and with the end of the log. One that can't be read, or is of another age, is told
     * when its segment is loaded.
     */
    private void compareManifests() {
        compared = true;
        for (RoutedIndex index : shared.indexes().all()) {
            Route route = index.route();
            for (int i = 0; i < route.size(); i++) {
                long segmentId = route.slot(i).segmentId();
                LogCoverage.require(shared.context(), index.indexId(), segmentId, index.segmentDirectory(segmentId));
            }
        }
    }

    private void replay(LogRecord record, OperationsDecoder operation) {
        RoutedIndex index = shared.indexes().byId(operation.indexId());
        if (index == null) {
            boolean dropped = operation.indexId() < catalog.nextIndexId();
            if (!dropped) {
                throw new StoreException.Corrupt(
                        record.file(),
                        record.offset(),
                        "index id",
                        "below " + catalog.nextIndexId(),
                        operation.indexId());
            }
            return;
        }
        byte[] key = operation.key();
        SegmentSlot slot = loadedSlot(index, key);
        Segment segment = slot.segment();
        if (operation.sequence() <= segment.flushedSequence()) {
            relied.add(segment.directory());
            return;
        }
        entry.set(key, operation.sequence(), operation.kind(), CommitPath.NO_VALUE)
                .setValue(operation.valueBytes(), operation.valueFrom(), operation.valueLength());
        if (!tryPut(index, slot, operation, record.position())) {
            maintenance.flushLargestNow();
            index.load(slot);
            if (!tryPut(index, slot, operation, record.position())) {
                throw refused;
            }
        }
    }

    /** Puts the entry; false when there is no memory for it. */
    private boolean tryPut(RoutedIndex index, SegmentSlot slot, OperationsDecoder operation, long position) {
        shared.context().commitLock().lock();
        try {
            slot.reserveLocked(operation.sequence(), operation.keyLength(), operation.valueLength());
            index.putLocked(slot, entry, position);
            return true;
        } catch (StoreException.LimitReached e) {
            refused = e;
            return false;
        } finally {
            shared.context().commitLock().unlock();
        }
    }

    /** As {@link #compareManifests}, unless that was done before the log went on or the store had a clean end. */
    void compareWhatIsLeft() {
        if (!compared && !shared.context().parts().endedCleanly()) {
            compareManifests();
        }
    }

    /** What was replayed so far is flushed and closed when its segments take all the descriptors or mappings there are. */
    private SegmentSlot loadedSlot(RoutedIndex index, byte[] key) {
        try {
            return index.loadedSlot(key);
        } catch (StoreException.LimitReached e) {
            for (RoutedIndex each : shared.indexes().all()) {
                each.forEachSlot(slot -> {
                    if (slot.isDirty()) {
                        maintenance.maintain(each, slot, SegmentWork.FLUSH);
                    }
                });
            }
            if (!idle.close()) {
                throw e;
            }
            return index.loadedSlot(key);
        }
    }
}
