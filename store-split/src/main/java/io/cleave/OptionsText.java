package io.cleave;

import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Options as a line of a log. Stateless, thread-safe. */
final class OptionsText {
    private OptionsText() {}

    /** Every option with the value that holds: a default that depends on others is worked out. */
    static String of(StoreOptions options) {
        StringJoiner text = new StringJoiner(", ", "StoreOptions[", "]");
        text.add("createIfMissing=" + options.createIfMissing());
        text.add("upgrade=" + options.upgrade());
        text.add("durability=" + options.durability());
        text.add("syncIntervalMillis=" + options.syncIntervalMillis());
        text.add("memtableBytesMax=" + options.memtableBytesMax());
        text.add("segmentMemtableBytesMax=" + options.segmentMemtableBytesMax());
        text.add("memtableChunkBytes=" + options.memtableChunkBytes());
        text.add("segmentBytesMax=" + options.segmentBytesMax());
        text.add("segmentEntriesMax=" + options.segmentEntriesMax());
        text.add("openSegmentsMax=" + options.openSegmentsMax());
        text.add("blockBytes=" + options.blockBytes());
        text.add("compression=" + options.compression());
        text.add("filter=" + options.filter());
        text.add("deltasMax=" + options.deltasMax());
        text.add("mainShare=" + options.mainShare());
        text.add("logFileBytes=" + options.logFileBytes());
        text.add("logBytesMax=" + options.logBytesMax());
        text.add("maintenanceThreads=" + options.maintenanceThreads());
        text.add("valueBytesMax=" + options.valueBytesMax());
        text.add("waitMillisMax=" + options.waitMillisMax());
        text.add("slowOperationMillis=" + options.slowOperationMillis());
        text.add("leakDetection=" + options.leakDetection());
        text.add("limits=" + options.limits());
        text.add("mapper=" + options.mapper());
        text.add("runtime=" + (options.runtime() == null ? "own" : options.runtime()));
        text.add("listener=" + type(options.listener()));
        return text.toString();
    }

    /** A listener is the program's: what its own text does is not known. */
    private static String type(@Nullable Object object) {
        return object == null ? "none" : object.getClass().getName();
    }
}
