package io.cleave;

import io.cleave.core.metrics.Latency;
import io.cleave.core.metrics.OperationCounter;
import io.cleave.core.metrics.OperationTotals;
import io.cleave.core.metrics.TimedOperation;
import io.cleave.core.segment.MemtableLayer;
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
import java.util.EnumMap;
import java.util.Map;

/** Counts background work of a store, and puts all figures together for who asks. Thread-safe. */
final class StoreMeters {
    private final StoreEngine engine;
    private final RunWorkCounters flushes = new RunWorkCounters();
    private final RunWorkCounters compactions = new RunWorkCounters();
    private final Map<SplitOutcome, RunWorkCounters> rewrites = new EnumMap<>(SplitOutcome.class);

    StoreMeters(StoreEngine engine) {
        this.engine = engine;
        for (SplitOutcome outcome : SplitOutcome.values()) {
            rewrites.put(outcome, new RunWorkCounters());
        }
    }

    RunWorkCounters flushes() {
        return flushes;
    }

    RunWorkCounters compactions() {
        return compactions;
    }

    RunWorkCounters rewrites(SplitOutcome outcome) {
        return rewrites.get(outcome);
    }

    StallStats stalls() {
        WritePacing pacing = engine.maintenance().pacing();
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
        engine.indexes().forEach(walk::add);
        StorageCounters storage = engine.storage().counters();
        return new StoreMetrics(
                engine.context().snapshots().visible(),
                operations(),
                readers(),
                walk.memtables(engine.budget().used(), engine.budget().limit()),
                walk.segments(),
                flushes.sum(),
                compactions.sum(),
                rewrites(),
                log(),
                stalls(),
                new StoreMetrics.Mappings(storage.mappings(), storage.mappedBytes()),
                engine.context().runs().stats(),
                engine.leaks().stats(),
                storage,
                maintenance());
    }

    private StoreMetrics.Operations operations() {
        OperationTotals totals = engine.operations().totals();
        return new StoreMetrics.Operations(
                new StoreMetrics.Gets(
                        totals.count(OperationCounter.GET_HIT),
                        totals.count(OperationCounter.GET_ABSENT),
                        totals.latency(TimedOperation.GET)),
                new StoreMetrics.Timed(totals.count(OperationCounter.PUT), totals.latency(TimedOperation.PUT)),
                new StoreMetrics.Timed(totals.count(OperationCounter.DELETE), totals.latency(TimedOperation.DELETE)),
                new StoreMetrics.Timed(totals.count(OperationCounter.BATCH), totals.latency(TimedOperation.BATCH)),
                totals.count(OperationCounter.BATCH_OPERATION),
                totals.count(OperationCounter.BYTES_PUT),
                new StoreMetrics.Cursors(
                        totals.count(OperationCounter.CURSOR),
                        new StoreMetrics.Timed(
                                totals.count(OperationCounter.SEEK), totals.latency(TimedOperation.SEEK)),
                        totals.count(OperationCounter.STEP)));
    }

    private StoreMetrics.Readers readers() {
        Snapshots.Readers found =
                engine.context().snapshots().readers(engine.storage().nanoTime());
        return new StoreMetrics.Readers(found.count(), found.behind(), found.oldestNanos());
    }

    private StoreMetrics.Rewrites rewrites() {
        return new StoreMetrics.Rewrites(
                rewrites(SplitOutcome.SPLIT).sum(),
                rewrites(SplitOutcome.MERGED).sum(),
                rewrites(SplitOutcome.COMPACTED).sum());
    }

    private StoreMetrics.Log log() {
        WriteAheadLog log = engine.log();
        Latency syncs = log.syncLatency();
        return new StoreMetrics.Log(
                log.bytesOnDisk(), log.files(), log.bytesAppended(), new StoreMetrics.Timed(syncs.samples(), syncs));
    }

    private StoreMetrics.Maintenance maintenance() {
        MaintenanceWorkers workers = engine.maintenance().workers();
        MaintenanceWorkers.Failure last = workers.lastFailure();
        String lastFailure = "";
        if (last != null) {
            SegmentPlace place = engine.place(last.key().indexId(), last.key().segmentId());
            lastFailure = last.key().kind() + " of index " + place.index() + ", segment " + place.segmentId() + ": "
                    + last.cause();
        }
        return new StoreMetrics.Maintenance(
                workers.queuedCount(),
                workers.failureCount(),
                lastFailure,
                engine.notices().failureCount());
    }

    /** A look at every segment. Segments that are not loaded are not loaded for this. Belongs to one thread. */
    private static final class SegmentWalk {
        private int memtables;
        private int sealed;
        private int sides;
        private int segments;
        private int loaded;
        private long runs;
        private long runBytes;
        private int indexes;

        void add(RoutedIndex index) {
            indexes++;
            Route route = index.route();
            for (int i = 0; i < route.size(); i++) {
                segments++;
                add(route.slot(i).side(), route.slot(i).view());
            }
        }

        private void add(MemtableLayer side, SegmentView view) {
            sides += side == null ? 0 : 1;
            if (view == null || !view.holder().tryAcquire()) {
                return;
            }
            try {
                loaded++;
                memtables += view.active().memtable().isEmpty() ? 0 : 1;
                sealed += view.sealed().size();
                runs += view.runCount();
                runBytes += view.runBytes();
            } finally {
                view.holder().release();
            }
        }

        StoreMetrics.Memtables memtables(long bytes, long bytesMax) {
            return new StoreMetrics.Memtables(bytes, bytesMax, memtables, sealed, sides);
        }

        StoreMetrics.Segments segments() {
            return new StoreMetrics.Segments(indexes, segments, loaded, runs, runBytes);
        }
    }
}
