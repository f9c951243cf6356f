package io.cleave.fuzz;

import io.cleave.Durability;
import io.cleave.SegmentIndex;
import io.cleave.SegmentStore;
import io.cleave.StoreOptions;
import io.cleave.WriteBatch;
import io.cleave.core.run.Compression;
import io.cleave.core.run.FilterKind;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Small stores that have everything in them: indexes, segments, deltas, tombstones, a log that was not flushed. */
final class SampleStore {
    static final Path ROOT = SimulatedStorage.DIRECTORY.resolve("store");
    static final int KEYS = 60;

    private static final StoreImage[] IMAGES = images();

    private SampleStore() {}

    /** One of each kind. */
    static StoreImage image(int number) {
        return IMAGES[number].copy();
    }

    static int count() {
        return IMAGES.length;
    }

    /** Sizes so small that little data reaches every mechanism, and nothing that waits or runs beside. */
    static StoreOptions.Builder options(Storage storage) {
        return StoreOptions.builder()
                .storage(storage)
                .maintenanceThreads(0)
                .syncIntervalMillis(0)
                .waitMillisMax(1)
                .memtableBytesMax(1 << 20)
                .segmentMemtableBytesMax(2 << 10)
                .memtableChunkBytes(512)
                .segmentEntriesMax(24)
                .blockBytes(128)
                .deltasMax(2)
                .valueBytesMax(64 << 10)
                .logFileBytes(4 << 10)
                .logBytesMax(16 << 10);
    }

    static byte[] key(int i) {
        return bytes("top-secret-%04d".formatted(i));
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<StoreOptions> variants() {
        List<StoreOptions> variants = new ArrayList<>();
        variants.add(options(null).build());
        variants.add(options(null)
                .compression(Compression.LZ4)
                .filter(FilterKind.BLOOM)
                .build());
        variants.add(options(null).filter(FilterKind.NONE).build());
        return variants;
    }

    private static StoreImage[] images() {
        List<StoreImage> images = new ArrayList<>();
        for (StoreOptions options : variants()) {
            SimulatedStorage killed = new SimulatedStorage(1);
            SegmentStore store =
                    SegmentStore.open(ROOT, options.toBuilder().storage(killed).build());
            fill(store);
            // What is copied is what a process that dies here would leave behind.
            images.add(StoreImage.of(killed, ROOT));
            store.close();
            images.add(StoreImage.of(killed, ROOT));
        }
        return images.toArray(StoreImage[]::new);
    }

    private static void fill(SegmentStore store) {
        SegmentIndex main = store.index("main");
        for (int i = 0; i < KEYS; i++) {
            main.put(key(i), bytes("top-secret-value " + i));
        }
        main.flush();
        store.awaitMaintenance();
        main.delete(key(3));
        main.put(key(4), bytes("newer"));
        main.flush();
        SegmentIndex other = store.index("other");
        other.put(bytes("k"), bytes("v"), Durability.DEVICE);
        store.index("dropped").put(bytes("x"), bytes("y"));
        store.dropIndex("dropped");
        try (WriteBatch batch = store.batch()) {
            batch.put(main, key(5), bytes("batch")).delete(other, bytes("k")).commit();
        }
        main.put(key(KEYS), bytes("in the log only"));
        store.sync();
    }
}
