package io.cleave.event;

import org.jspecify.annotations.Nullable;

/**
 * Where the events of all stores of the process go: to the flight recorder, if there is one and it records that kind. A span
 * is begun before the work and committed after it, by the same thread; one that is never committed leaves no trace.
 *
 * <p>Thread-safe. A span belongs to the thread that began it.
 */
public final class StoreEvents {
    /** A program of named modules may run without it, and so may a trimmed runtime. */
    private static final boolean PRESENT =
            ModuleLayer.boot().findModule("jdk.jfr").isPresent();

    private StoreEvents() {}

    /** A flush or compaction under way. */
    @FunctionalInterface
    public interface RunSpan {
        /** Nobody records it. */
        RunSpan OFF = (place, traffic) -> {};

        /** Ends and records it. */
        void commit(SegmentPlace place, RunTraffic traffic);
    }

    /** A split, merge or rewrite of segments under way. */
    @FunctionalInterface
    public interface RewriteSpan {
        /** Nobody records it. */
        RewriteSpan OFF = (place, outcome, segments, traffic) -> {};

        /**
         * Ends and records it.
         *
         * @param place the first of the old segments
         * @param outcome SPLIT, MERGED or COMPACTED
         * @param segments ids of the new segments, with commas between
         * @param traffic what was read and written
         */
        void commit(SegmentPlace place, String outcome, String segments, RunTraffic traffic);
    }

    /** A writer being held up. */
    @FunctionalInterface
    public interface StallSpan {
        /** Nobody records it. */
        StallSpan OFF = (store, reason) -> {};

        /** Ends and records it. */
        void commit(String store, String reason);
    }

    /** An operation that may turn out to be slow. */
    @FunctionalInterface
    public interface SlowSpan {
        /** Nobody records it. */
        SlowSpan OFF = (place, operation) -> {};

        /** Ends and records it. */
        void commit(SegmentPlace place, String operation);
    }

    /** A sync of the log under way. */
    @FunctionalInterface
    public interface SyncSpan {
        /** Nobody records it. */
        SyncSpan OFF = (store, bytes) -> {};

        /** Ends and records it. {@code bytes} are those of the log that it made durable. */
        void commit(String store, long bytes);
    }

    /** A background task under way. */
    @FunctionalInterface
    public interface TaskSpan {
        /** Nobody records it. */
        TaskSpan OFF = (place, task, failure) -> {};

        /** Ends and records it. {@code failure} is null when it ended well. */
        void commit(SegmentPlace place, String task, @Nullable Throwable failure);
    }

    /** A flush begins. */
    public static RunSpan flush() {
        return PRESENT ? FlightEvents.flush() : RunSpan.OFF;
    }

    /** A compaction begins. */
    public static RunSpan compaction() {
        return PRESENT ? FlightEvents.compaction() : RunSpan.OFF;
    }

    /** A split, merge or rewrite begins. */
    public static RewriteSpan rewrite() {
        return PRESENT ? FlightEvents.rewrite() : RewriteSpan.OFF;
    }

    /** A writer is held up from now on. */
    public static StallSpan stall() {
        return PRESENT ? FlightEvents.stall() : StallSpan.OFF;
    }

    /** True while somebody records slow operations, for which every operation must be timed. */
    public static boolean slowOperationsOn() {
        return PRESENT && FlightEvents.slowOperationsOn();
    }

    /** An operation begins. */
    public static SlowSpan slowOperation() {
        return PRESENT ? FlightEvents.slowOperation() : SlowSpan.OFF;
    }

    /** A sync of the log begins. */
    public static SyncSpan logSync() {
        return PRESENT ? FlightEvents.logSync() : SyncSpan.OFF;
    }

    /** A background task begins. */
    public static TaskSpan task() {
        return PRESENT ? FlightEvents.task() : TaskSpan.OFF;
    }

    /**
     * Something that must be closed was lost unclosed.
     *
     * @param type what it was
     * @param where what is known of where it was opened
     */
    public static void leak(String type, String where) {
        if (PRESENT) {
            FlightEvents.leak(type, where);
        }
    }
}
