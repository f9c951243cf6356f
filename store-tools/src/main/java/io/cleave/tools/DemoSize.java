package io.cleave.tools;

import io.cleave.StoreOptions;

/**
 * How large a demo is.
 *
 * @param module the only module that is loaded, null for all
 * @param segmentBytesMax size above which segments split, so that dozens of splits happen
 * @param memtableBytesMax memory of all memtables
 * @param acknowledged how many writes the second process acknowledges before it is killed, about
 * @param lookups random lookups that are timed
 */
record DemoSize(String module, long segmentBytesMax, long memtableBytesMax, int acknowledged, int lookups) {
    static final DemoSize SMALL = new DemoSize("java.base", 1 << 20, 16 << 20, 60_000, 200_000);
    static final DemoSize FULL = new DemoSize(null, 8 << 20, 64 << 20, 300_000, 1_000_000);

    /** Options of the main store. */
    StoreOptions options() {
        return StoreOptions.builder()
                .segmentBytesMax(segmentBytesMax)
                .memtableBytesMax(memtableBytesMax)
                .segmentMemtableBytesMax(segmentBytesMax / 2)
                .build();
    }
}
