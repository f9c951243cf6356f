package io.cleave;

import io.cleave.core.run.Compression;
import io.cleave.core.run.FilterKind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The option sets of the model test: small enough everywhere that a few hundred writes reach every mechanism. */
final class OptionSets {
    /**
     * One of them.
     *
     * @param name what it is about
     * @param options without a storage
     * @param onRealFiles whether it runs on a real directory, where nothing can crash
     */
    record OptionSet(String name, StoreOptions options, boolean onRealFiles) {
        @Override
        public String toString() {
            return name;
        }
    }

    private final List<OptionSet> sets = new ArrayList<>();

    private OptionSets() {}

    static List<OptionSet> all() {
        OptionSets all = new OptionSets();
        all.shapes();
        all.threads();
        all.memory();
        all.realFiles();
        return all.sets;
    }

    private static StoreOptions.Builder small() {
        return StoreOptions.builder()
                .maintenanceThreads(0)
                .syncIntervalMillis(0)
                .memtableBytesMax(16 << 20)
                .segmentMemtableBytesMax(4 << 10)
                .memtableChunkBytes(512)
                .segmentEntriesMax(120)
                .blockBytes(256)
                .logFileBytes(16 << 10)
                .logBytesMax(128 << 10);
    }

    private void add(String name, Consumer<StoreOptions.Builder> change) {
        StoreOptions.Builder builder = small();
        change.accept(builder);
        sets.add(new OptionSet(name, builder.build(), false));
    }

    private void shapes() {
        add("tiny blocks", b -> b.blockBytes(64));
        add("tiny blocks, LZ4", b -> b.blockBytes(64).compression(Compression.LZ4));
        add("LZ4, 1 KiB blocks", b -> b.blockBytes(1 << 10).compression(Compression.LZ4));
        add("bloom filter", b -> b.filter(FilterKind.BLOOM));
        add("bloom filter, LZ4", b -> b.filter(FilterKind.BLOOM).compression(Compression.LZ4));
        add("no filter", b -> b.filter(FilterKind.NONE));
        add(
                "no filter, LZ4",
                b -> b.filter(FilterKind.NONE).compression(Compression.LZ4).blockBytes(128));
        add("split at 20 entries", b -> b.segmentEntriesMax(20));
        add("split at 20 entries, bloom", b -> b.segmentEntriesMax(20).filter(FilterKind.BLOOM));
        add("split at 4 entries", b -> b.segmentEntriesMax(4));
        add("split at 2 KiB", b -> b.segmentEntriesMax(1 << 20).segmentBytesMax(2 << 10));
        add("never split", b -> b.segmentEntriesMax(1 << 30).segmentBytesMax(1 << 30));
        add("one open segment", b -> b.openSegmentsMax(1).segmentEntriesMax(60));
        add("two open segments, LZ4", b -> b.openSegmentsMax(2).compression(Compression.LZ4));
        add("one delta", b -> b.deltasMax(1));
        add("two deltas", b -> b.deltasMax(2));
        add("four deltas, main share 1", b -> b.deltasMax(4).mainShare(1));
        add("many deltas, main share 0.01", b -> b.deltasMax(20).mainShare(0.01));
        add("many deltas, main share 1", b -> b.deltasMax(30).mainShare(1).segmentMemtableBytesMax(1 << 10));
        // Deltas that are merged among themselves above a main run that stays.
        add(
                "partial merges",
                b -> b.deltasMax(2)
                        .mainShare(1)
                        .segmentMemtableBytesMax(1 << 10)
                        .segmentEntriesMax(1 << 30));
        add(
                "partial merges, split at 400, LZ4",
                b -> b.deltasMax(2)
                        .mainShare(1)
                        .segmentMemtableBytesMax(1 << 10)
                        .segmentEntriesMax(400)
                        .compression(Compression.LZ4));
        add("device durability", b -> b.durability(Durability.DEVICE));
        add("memory durability", b -> b.durability(Durability.MEMORY));
        add("log files of 4 KiB", b -> b.logFileBytes(4 << 10).logBytesMax(8 << 10));
        add(
                "log of 16 KiB, large memtables",
                b -> b.logFileBytes(4 << 10)
                        .logBytesMax(16 << 10)
                        .segmentMemtableBytesMax(1 << 20)
                        .segmentEntriesMax(1 << 20));
        add("memtables of 1 KiB", b -> b.segmentMemtableBytesMax(1 << 10));
        add("large memtables", b -> b.segmentMemtableBytesMax(1 << 20).segmentEntriesMax(1 << 20));
    }

    private void threads() {
        for (int threads : new int[] {1, 2, 4}) {
            add(threads + " threads", b -> b.maintenanceThreads(threads));
            add(
                    threads + " threads, split at 20",
                    b -> b.maintenanceThreads(threads).segmentEntriesMax(20));
        }
        add(
                "2 threads, one open segment",
                b -> b.maintenanceThreads(2).openSegmentsMax(1).segmentEntriesMax(60));
        add("2 threads, memory durability", b -> b.maintenanceThreads(2).durability(Durability.MEMORY));
        add(
                "2 threads, device durability, sync interval",
                b -> b.maintenanceThreads(2).durability(Durability.DEVICE).syncIntervalMillis(1));
        add(
                "4 threads, small log, LZ4",
                b -> b.maintenanceThreads(4)
                        .logFileBytes(4 << 10)
                        .logBytesMax(8 << 10)
                        .compression(Compression.LZ4));
    }

    private void memory() {
        add("memtables of 256 KiB together", b -> b.memtableBytesMax(256 << 10).segmentMemtableBytesMax(64 << 10));
        add(
                "memtables of 256 KiB together, 1 thread",
                b -> b.memtableBytesMax(256 << 10)
                        .segmentMemtableBytesMax(64 << 10)
                        .maintenanceThreads(1));
    }

    private void realFiles() {
        StoreOptions.Builder builder = small();
        sets.add(new OptionSet("real files", builder.build(), true));
        sets.add(new OptionSet(
                "real files, 2 threads, LZ4",
                small().maintenanceThreads(2)
                        .compression(Compression.LZ4)
                        .syncIntervalMillis(10)
                        .build(),
                true));
        sets.add(new OptionSet(
                "real files, bloom, one open segment",
                small().filter(FilterKind.BLOOM).openSegmentsMax(1).build(),
                true));
    }
}
