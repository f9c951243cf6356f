package io.cleave;

import io.cleave.core.metrics.Latency;
import io.cleave.core.metrics.OperationCounter;
import io.cleave.core.metrics.OperationTotals;
import io.cleave.core.metrics.TimedOperation;
import io.cleave.core.segment.SegmentView;
import io.cleave.core.segment.Snapshots;
import io.cleave.core.storage.StorageCounters;
import io.cleave.event.SegmentPlace;
import io.cleave.log.WriteAheadLog;
import io.cleave.maintenance.MaintenanceWorkers;
import io.cleave.maintenance.StallReason;
import io.cleave.maintenance.WritePacing;
import io.cleave.route.Route;
import io.cleave.route.RoutedIndex;
import io.cleave.split.SplitOutcome;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Puts all figures of a store together for who asks. Thread-safe. */
final class StoreMeters {
    private final StoreContext shared;
    private final StoreMaintenance maintenance;
    private final IndexSet indexSet;
    private final StoreLeaks leaks;

    StoreMeters(StoreContext shared, StoreMaintenance maintenance, IndexSet indexSet, StoreLeaks leaks) {
        this.shared = shared;
        this.maintenance = maintenance;
        this.indexSet = indexSet;
        this.leaks = leaks;
    }

    StallStats stalls() {
        WritePacing pacing = maintenance.pacing();
        return new StallStats(
                pacing.count(StallReason.MEMORY_SLOWDOWN),
                pacing.nanos(StallReason.MEMORY_SLOWDOWN),
                pacing.count(StallReason.MEMORY_STOP),
                pacing.nanos(StallReason.MEMORY_STOP),
                pacing.count(StallReason.DELTAS_SLOWDOWN),
                pacing.nanos(StallReason.DELTAS_SLOWDOWN));
    }

    /** Everything as it is now, read figure by figure. */
    StoreMetrics read() {
        SegmentWalk walk = new SegmentWalk();
        Map<Integer, String> names = new HashMap<>();
        indexSet.catalog().indexes().forEach((name, id) -> names.put(id, name));
        for (RoutedIndex index : shared.indexes().all()) {
            String name = names.get(index.indexId());
            if (name != null) {
                walk.add(name, index);
            }
        }
        StorageCounters storage = shared.storage().counters();
        return new StoreMetrics(
                shared.context().snapshots().visible(),
                operations(),
                readers(),
                walk.memtables(
                        shared.runtime().budget().used(),
                        shared.runtime().budget().limit()),
                walk.segments(),
                walk.byIndex(),
                shared.work().flushes().sum(),
                shared.work().compactions().sum(),
                rewrites(),
                log(),
                stalls(),
                new StoreMetrics.Mappings(storage.mappings(), storage.mappedBytes()),
                shared.context().runs().stats(),
                leaks.stats(),
                storage,
                maintenance());
    }

    private StoreMetrics.Operations operations() {
        OperationTotals totals = shared.operations().totals();
        return new StoreMetrics.Operations(
                new StoreMetrics.Gets(
                        totals.count(OperationCounter.GET_HIT),
                        totals.count(OperationCounter.GET_ABSENT),
                        totals.latency(TimedOperation.GET),
                        shared.operations().lately(totals, TimedOperation.GET)),
                timed(totals, OperationCounter.PUT, TimedOperation.PUT),
                timed(totals, OperationCounter.DELETE, TimedOperation.DELETE),
                timed(totals, OperationCounter.BATCH, TimedOperation.BATCH),
                totals.count(OperationCounter.BATCH_OPERATION),
                totals.count(OperationCounter.BYTES_PUT),
                new StoreMetrics.Cursors(
                        totals.count(OperationCounter.CURSOR),
                        timed(totals, OperationCounter.SEEK, TimedOperation.SEEK),
                        totals.count(OperationCounter.STEP)));
    }

    private StoreMetrics.Timed timed(OperationTotals totals, OperationCounter counter, TimedOperation operation) {
        return new StoreMetrics.Timed(
                totals.count(counter),
                totals.latency(operation),
                shared.operations().lately(totals, operation));
    }

    private StoreMetrics.Readers readers() {
        Snapshots.Readers found =
                shared.context().snapshots().readers(shared.storage().nanoTime());
        return new StoreMetrics.Readers(found.count(), found.behind(), found.oldestNanos());
    }

    private StoreMetrics.Rewrites rewrites() {
        return new StoreMetrics.Rewrites(
                shared.work().rewrites(SplitOutcome.SPLIT).sum(),
                shared.work().rewrites(SplitOutcome.MERGED).sum(),
                shared.work().rewrites(SplitOutcome.COMPACTED).sum());
    }

    private StoreMetrics.Log log() {
        WriteAheadLog log = shared.log().writer();
        Latency syncs = log.syncLatency();
        return new StoreMetrics.Log(
                log.bytesOnDisk(),
                log.files(),
                log.bytesAppended(),
                new StoreMetrics.Timed(syncs.samples(), syncs, log.recentSyncLatency()));
    }

    private StoreMetrics.Maintenance maintenance() {
        MaintenanceWorkers workers = maintenance.workers();
        MaintenanceWorkers.Failure last = workers.lastFailure();
        String lastFailure = "";
        if (last != null) {
            SegmentPlace place =
                    shared.indexes().place(last.key().indexId(), last.key().segmentId());
            lastFailure = last.key().kind() + " of index " + place.index() + ", segment " + place.segmentId() + ": "
                    + last.cause();
        }
        return new StoreMetrics.Maintenance(
                workers.queuedCount(),
                workers.failureCount(),
                lastFailure,
                shared.notices().failureCount());
    }

    /** A look at every segment. Segments that are not loaded are not loaded for this. Belongs to one thread. */
    private static final class SegmentWalk {
        private final SortedMap<String, StoreMetrics.Index> indexes = new TreeMap<>();
        private int memtables;
        private int sealed;
        private int sides;

        void add(String name, RoutedIndex index) {
            Route route = index.route();
            StoreMetrics.Index sum = new StoreMetrics.Index(0, 0, 0, 0, 0, 0);
            for (int i = 0; i < route.size(); i++) {
                sides += route.slot(i).side() == null ? 0 : 1;
                sum = with(sum, route.slot(i).view());
            }
            indexes.put(name, sum);
        }

        private StoreMetrics.Index with(StoreMetrics.Index sum, SegmentView view) {
            if (view == null || !view.holder().tryAcquire()) {
                return sum.with(new StoreMetrics.Index(1, 0, 0, 0, 0, 0));
            }
            try {
                memtables += view.active().memtable().isEmpty() ? 0 : 1;
                sealed += view.sealed().size();
                return sum.with(new StoreMetrics.Index(
                        1, 1, view.entries(), view.runCount(), view.runBytes(), view.memtableBytes()));
            } finally {
                view.holder().release();
            }
        }

        SortedMap<String, StoreMetrics.Index> byIndex() {
            return indexes;
        }

        StoreMetrics.Memtables memtables(long bytes, long bytesMax) {
            return new StoreMetrics.Memtables(bytes, bytesMax, memtables, sealed, sides);
        }

        StoreMetrics.Segments segments() {
            StoreMetrics.Index all = indexes.values().stream()
                    .reduce(new StoreMetrics.Index(0, 0, 0, 0, 0, 0), StoreMetrics.Index::with);
            return new StoreMetrics.Segments(indexes.size(), all.segments(), all.loaded(), all.runs(), all.runBytes());
        }
    }
}
