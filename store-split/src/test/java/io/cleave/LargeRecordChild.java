package io.cleave;

import io.cleave.error.StoreException;
import java.nio.file.Path;

/**
 * The processes of {@link StoreLargeRecordTest}: {@code write DIRECTORY} commits a batch of two large values and dies, {@code open
 * DIRECTORY} says what came of opening, reading and closing.
 */
final class LargeRecordChild {
    static final int VALUE_BYTES = 30 << 20;
    private static final long MEMTABLES = 256L << 20;

    private LargeRecordChild() {}

    public static void main(String[] arguments) {
        Path directory = Path.of(arguments[1]);
        if (arguments[0].equals("write")) {
            write(directory);
        }
        System.out.println(open(directory));
    }

    private static StoreOptions options() {
        return StoreOptions.builder()
                .memtableBytesMax(MEMTABLES)
                .segmentMemtableBytesMax(128 << 20)
                .logBytesMax(MEMTABLES)
                .maintenanceThreads(0)
                .build();
    }

    private static void write(Path directory) {
        SegmentStore store = SegmentStore.open(directory, options());
        SegmentIndex index = store.index("a");
        try (WriteBatch batch = store.batch()) {
            batch.put(index, OpenerChild.bytes(1), new byte[VALUE_BYTES]);
            batch.put(index, OpenerChild.bytes(2), new byte[VALUE_BYTES]);
            batch.commit(Durability.DEVICE);
        } catch (StoreException.LimitReached e) {
            System.out.println(e.getMessage());
        }
        Runtime.getRuntime().halt(0);
    }

    private static String open(Path directory) {
        try (SegmentStore store = SegmentStore.open(directory, options())) {
            SegmentIndex index = store.index("a");
            return index.containsKey(OpenerChild.bytes(1)) && index.containsKey(OpenerChild.bytes(2))
                    ? "whole"
                    : "lost";
        } catch (StoreException e) {
            return e.getClass().getSimpleName() + ": " + e.getMessage();
        } catch (OutOfMemoryError e) {
            return "raw: " + e;
        }
    }
}
