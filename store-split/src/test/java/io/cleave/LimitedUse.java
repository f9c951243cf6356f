package io.cleave;

import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Uses a store in every way while something has run out, and says whether what it was told is true: a step succeeds or throws a
 * {@link StoreException} that names the limit; what was acknowledged is there once the limit is lifted. Not thread-safe.
 */
final class LimitedUse {
    private static final int KEYS = 40;

    private final Path directory;
    private final StoreOptions.Builder options;
    private final Map<String, Integer> acknowledged = new TreeMap<>();
    /** Keys whose last write was refused: it may have been done or not. */
    private final Set<String> unknown = new HashSet<>();

    private int version;
    private long steps;
    private long refusals;

    LimitedUse(Path directory, StoreOptions.Builder options) {
        this.directory = directory;
        this.options = options;
    }

    static StoreOptions.Builder options() {
        return StoreOptions.builder()
                .maintenanceThreads(1)
                .syncIntervalMillis(0)
                .memtableBytesMax(1 << 20)
                .segmentMemtableBytesMax(8 << 10)
                .memtableChunkBytes(1 << 10)
                .segmentEntriesMax(60)
                .openSegmentsMax(2)
                .blockBytes(512)
                .logFileBytes(16 << 10)
                .logBytesMax(64 << 10)
                .waitMillisMax(5_000);
    }

    long steps() {
        return steps;
    }

    long refusals() {
        return refusals;
    }

    /** Opens, writes, reads, rewrites, drops and closes under the limit, whatever comes of each step. */
    void underTheLimit(Storage storage) {
        SegmentStore[] opened = {null};
        step(() -> opened[0] = open(storage));
        if (opened[0] == null) {
            return;
        }
        SegmentStore store = opened[0];
        SegmentIndex[] index = {null};
        step(() -> index[0] = store.index("main"));
        if (index[0] != null) {
            version++;
            for (int i = 0; i < KEYS; i++) {
                put(index[0], key(i), i % 8 == 0 ? Durability.DEVICE : Durability.PROCESS);
            }
            step(index[0]::flush);
            step(() -> look(index[0]));
            step(() -> Splits.ofFirst(index[0]));
            step(index[0]::compact);
            step(() -> scan(index[0]));
            step(() -> {
                store.index("passing").put(bytes("key"), bytes("value"));
                store.dropIndex("passing");
            });
            step(store::sync);
        }
        step(store::close);
    }

    /** The limit is lifted: everything works, and nothing that was acknowledged is lost. */
    void afterwards(Storage storage) {
        try (SegmentStore store = open(storage)) {
            SegmentIndex index = store.index("main");
            look(index);
            scan(index);
            for (int i = 0; i < KEYS; i++) {
                byte[] key = bytes(key(i));
                byte[] found = index.get(key);
                if (found != null) {
                    acknowledged.put(key(i), versionOf(found));
                }
            }
            unknown.clear();
            version++;
            put(index, key(version % KEYS), Durability.DEVICE);
            index.flush();
            look(index);
            store.dropIndex("passing");
            store.awaitMaintenance();
            require(store.stats().failures() == 0, "background work failed");
        }
    }

    private SegmentStore open(Storage storage) {
        return SegmentStore.open(directory, options.storage(storage).build());
    }

    private void put(SegmentIndex index, String key, Durability durability) {
        unknown.add(key);
        step(() -> {
            index.put(bytes(key), value(key, version), durability);
            acknowledged.put(key, version);
            unknown.remove(key);
        });
    }

    /** One step of a user, who accepts that there is too little of something, and nothing else. */
    private void step(Runnable body) {
        steps++;
        try {
            body.run();
        } catch (StoreException e) {
            refusals++;
            if (!namesALimit(e)) {
                throw e;
            }
        }
    }

    private static boolean namesALimit(Throwable e) {
        boolean found = false;
        for (Throwable cause = e; cause != null && !found; cause = cause.getCause()) {
            found = cause instanceof StoreException.LimitReached;
        }
        return found;
    }

    private void look(SegmentIndex index) {
        acknowledged.forEach((key, last) -> {
            byte[] found = index.get(bytes(key));
            require(found != null, "an acknowledged write is lost: " + key);
            int foundVersion = versionOf(found);
            require(Arrays.equals(value(key, foundVersion), found), "wrong value of " + key);
            // A write that was refused may have been done.
            boolean right = unknown.contains(key) ? foundVersion >= last : foundVersion == last;
            require(right, key + " is at version " + foundVersion + ", acknowledged was " + last);
        });
    }

    private void scan(SegmentIndex index) {
        Set<String> missing = new HashSet<>(acknowledged.keySet());
        try (Cursor cursor = index.cursor()) {
            while (cursor.next()) {
                missing.remove(new String(cursor.keyBytes(), StandardCharsets.US_ASCII));
            }
        }
        require(missing.isEmpty(), "a scan misses " + missing);
    }

    private static String key(int number) {
        return "key-%04d".formatted(number);
    }

    private static byte[] value(String key, int version) {
        return bytes(version + ":" + key.repeat(20));
    }

    private static int versionOf(byte[] value) {
        String text = new String(value, StandardCharsets.US_ASCII);
        return Integer.parseInt(text.substring(0, text.indexOf(':')));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }

    /** Fails when a storage holds anything. */
    static void requireNothingHeld(RealStorage storage) {
        while (io.cleave.core.resource.Epoch.reclaim() > 0) {
            Thread.onSpinWait();
        }
        require(storage.counters().nothingHeld(), "left open: " + storage.counters());
    }
}
