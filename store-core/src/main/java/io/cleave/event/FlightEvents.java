package io.cleave.event;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/**
 * The events as the flight recorder knows them. Not loaded where there is none. Their names are {@code io.cleave.} and the
 * name of the class without its ending.
 *
 * <p>Thread-safe: an event object belongs to the thread that made it.
 */
@SuppressWarnings("UnusedVariable") // The recorder reads the fields.
final class FlightEvents {
    /** Never begun: asked whether its kind is on, without an object for each question. */
    private static final SlowOperationEvent SLOW_OPERATION = new SlowOperationEvent();

    private FlightEvents() {}

    static StoreEvents.RunSpan flush() {
        FlushEvent event = new FlushEvent();
        if (!event.isEnabled()) {
            return StoreEvents.RunSpan.OFF;
        }
        event.begin();
        return event;
    }

    static StoreEvents.RunSpan compaction() {
        CompactionEvent event = new CompactionEvent();
        if (!event.isEnabled()) {
            return StoreEvents.RunSpan.OFF;
        }
        event.begin();
        return event;
    }

    static StoreEvents.RewriteSpan rewrite() {
        SplitEvent event = new SplitEvent();
        if (!event.isEnabled()) {
            return StoreEvents.RewriteSpan.OFF;
        }
        event.begin();
        return event;
    }

    static StoreEvents.StallSpan stall() {
        StallEvent event = new StallEvent();
        if (!event.isEnabled()) {
            return StoreEvents.StallSpan.OFF;
        }
        event.begin();
        return event;
    }

    static boolean slowOperationsOn() {
        return SLOW_OPERATION.isEnabled();
    }

    static StoreEvents.SlowSpan slowOperation() {
        if (!slowOperationsOn()) {
            return StoreEvents.SlowSpan.OFF;
        }
        SlowOperationEvent event = new SlowOperationEvent();
        event.begin();
        return event;
    }

    static StoreEvents.SyncSpan logSync() {
        LogSyncEvent event = new LogSyncEvent();
        if (!event.isEnabled()) {
            return StoreEvents.SyncSpan.OFF;
        }
        event.begin();
        return event;
    }

    static StoreEvents.TaskSpan task() {
        MaintenanceTaskEvent event = new MaintenanceTaskEvent();
        if (!event.isEnabled()) {
            return StoreEvents.TaskSpan.OFF;
        }
        event.begin();
        return event;
    }

    static void leak(String type, String where) {
        LeakEvent event = new LeakEvent();
        if (event.isEnabled()) {
            event.type = type;
            event.where = where;
            event.commit();
        }
    }

    /** What runs were read and written, and for which segment. */
    @Category("Cleave")
    @StackTrace(false)
    private abstract static class RunEvent extends Event {
        @Label("Store")
        @Description("Directory of the store")
        String store;

        @Label("Index")
        String index;

        @Label("Segment Id")
        long segmentId;

        @Label("Bytes In")
        @DataAmount
        long bytesIn;

        @Label("Entries In")
        long entriesIn;

        @Label("Bytes Out")
        @DataAmount
        long bytesOut;

        @Label("Entries Out")
        long entriesOut;

        final void fill(SegmentPlace place, RunTraffic traffic) {
            store = place.store();
            index = place.index();
            segmentId = place.segmentId();
            bytesIn = traffic.bytesIn();
            entriesIn = traffic.entriesIn();
            bytesOut = traffic.bytesOut();
            entriesOut = traffic.entriesOut();
        }
    }

    @Name("io.cleave.Flush")
    @Label("Flush")
    @Description("Memtables of a segment were written to a run")
    private static final class FlushEvent extends RunEvent implements StoreEvents.RunSpan {
        @Override
        public void commit(SegmentPlace place, RunTraffic traffic) {
            end();
            if (shouldCommit()) {
                fill(place, traffic);
                commit();
            }
        }
    }

    @Name("io.cleave.Compaction")
    @Label("Compaction")
    @Description("Runs of a segment were merged")
    private static final class CompactionEvent extends RunEvent implements StoreEvents.RunSpan {
        @Override
        public void commit(SegmentPlace place, RunTraffic traffic) {
            end();
            if (shouldCommit()) {
                fill(place, traffic);
                commit();
            }
        }
    }

    @Name("io.cleave.Split")
    @Label("Split")
    @Description("Segments were replaced by new ones: a split, a merge of neighbours, or a rewrite")
    private static final class SplitEvent extends RunEvent implements StoreEvents.RewriteSpan {
        @Label("Outcome")
        @Description("SPLIT, MERGED or COMPACTED")
        String outcome;

        @Label("New Segments")
        @Description("Their ids")
        String segments;

        @Override
        public void commit(SegmentPlace place, String newOutcome, String newSegments, RunTraffic traffic) {
            end();
            if (shouldCommit()) {
                fill(place, traffic);
                outcome = newOutcome;
                segments = newSegments;
                commit();
            }
        }
    }

    @Name("io.cleave.Stall")
    @Label("Stall")
    @Category("Cleave")
    @Description("A writer was held up")
    @StackTrace(false)
    private static final class StallEvent extends Event implements StoreEvents.StallSpan {
        @Label("Store")
        String store;

        @Label("Reason")
        String reason;

        @Override
        public void commit(String newStore, String newReason) {
            end();
            if (shouldCommit()) {
                store = newStore;
                reason = newReason;
                commit();
            }
        }
    }

    @Name("io.cleave.SlowOperation")
    @Label("Slow Operation")
    @Category("Cleave")
    @Description("An operation took longer than slowOperationMillis. While it is recorded every operation is timed")
    @Enabled(false)
    private static final class SlowOperationEvent extends Event implements StoreEvents.SlowSpan {
        @Label("Store")
        String store;

        @Label("Index")
        String index;

        @Label("Operation")
        @Description("GET, PUT, DELETE, BATCH or SEEK")
        String operation;

        @Override
        public void commit(SegmentPlace place, String newOperation) {
            end();
            if (shouldCommit()) {
                store = place.store();
                index = place.index();
                operation = newOperation;
                commit();
            }
        }
    }

    @Name("io.cleave.LogSync")
    @Label("Log Sync")
    @Category("Cleave")
    @Description("The log was made durable")
    @StackTrace(false)
    private static final class LogSyncEvent extends Event implements StoreEvents.SyncSpan {
        @Label("Store")
        String store;

        @Label("Bytes")
        @Description("Bytes of the log that were not durable before")
        @DataAmount
        long bytes;

        @Override
        public void commit(String newStore, long newBytes) {
            end();
            if (shouldCommit()) {
                store = newStore;
                bytes = newBytes;
                commit();
            }
        }
    }

    @Name("io.cleave.MaintenanceTask")
    @Label("Maintenance Task")
    @Category("Cleave")
    @Description("A background task ended")
    @StackTrace(false)
    private static final class MaintenanceTaskEvent extends Event implements StoreEvents.TaskSpan {
        @Label("Store")
        String store;

        @Label("Index")
        String index;

        @Label("Segment Id")
        long segmentId;

        @Label("Task")
        String task;

        @Label("Failure")
        @Description("What it threw, empty when it ended well")
        String failure;

        @Override
        public void commit(SegmentPlace place, String newTask, @Nullable Throwable thrown) {
            end();
            if (shouldCommit()) {
                store = place.store();
                index = place.index();
                segmentId = place.segmentId();
                task = newTask;
                failure = thrown == null ? "" : thrown.toString();
                commit();
            }
        }
    }

    @Name("io.cleave.Leak")
    @Label("Leak")
    @Category("Cleave")
    @Description("Something that must be closed was lost unclosed")
    @StackTrace(false)
    private static final class LeakEvent extends Event {
        @Label("Type")
        String type;

        @Label("Where")
        @Description("What is known of where it was opened")
        String where;
    }
}
