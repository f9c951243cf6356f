package io.cleave;

import io.cleave.core.storage.LincheckScale;
import io.cleave.core.storage.SimulatedStorage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** Puts, deletes and gets beside splits, and the merges they lead to, are the same as one after the other without any split. */
final class SplitApplyLincheckTest {
    private static final int KEYS = 4;

    /** One index with a few keys in it, of which each operation uses one. */
    @Param(name = "key", gen = IntGen.class, conf = "0:3")
    public static final class Uses {
        private final SegmentStore store;
        private final SegmentIndex index;

        public Uses() {
            StoreOptions options = StoreOptions.builder()
                    .storage(new SimulatedStorage(1))
                    .maintenanceThreads(2)
                    .syncIntervalMillis(0)
                    .logFileBytes(4 << 10)
                    .memtableBytesMax(1 << 20)
                    .build();
            store = SegmentStore.open(Path.of("/sim"), options);
            index = store.index("main");
        }

        /** Sets a key. */
        @Operation
        public void put(@Param(name = "key") int key, @Param(name = "key") int value) {
            index.put(bytes(key), bytes(value));
        }

        /** Removes a key. */
        @Operation
        public void delete(@Param(name = "key") int key) {
            index.delete(bytes(key));
        }

        /** Reads a key. */
        @Operation
        public String get(@Param(name = "key") int key) {
            byte[] value = index.get(bytes(key));
            return value == null ? "absent" : new String(value, StandardCharsets.UTF_8);
        }

        /** Splits a segment, whatever comes of it: nothing changes for readers and writers. */
        @Operation
        public void split() {
            List<IndexStats.SegmentStats> segments = index.stats().segments();
            try {
                index.split(segments.get(segments.size() / 2).id());
            } catch (io.cleave.error.StoreException.NotFound e) {
                // Another split came first.
                assert e.getMessage() != null;
            }
        }

        /** Nothing failed in the background. */
        @Validate
        public void maintenanceIsWhole() {
            if (store.stats().failures() > 0) {
                throw new AssertionError(store.stats().toString());
            }
            store.close();
        }
    }

    /** The same on one thread. */
    public static final class Specification {
        private final Map<Integer, Integer> entries = new HashMap<>();

        /** See {@link Uses}. */
        public void put(int key, int value) {
            entries.put(key, value);
        }

        /** See {@link Uses}. */
        public void delete(int key) {
            entries.remove(key);
        }

        /** See {@link Uses}. */
        public String get(int key) {
            Integer value = entries.get(key);
            return value == null ? "absent" : "k" + value;
        }

        /** See {@link Uses}. */
        public void split() {
            assert entries.size() <= KEYS;
        }
    }

    @Test
    void readsAndWritesBesideSplitsAreAtomicUnderStress() {
        new StressOptions()
                .iterations(LincheckScale.iterations(8))
                .invocationsPerIteration(60)
                .threads(3)
                .actorsPerThread(3)
                .sequentialSpecification(Specification.class)
                .check(Uses.class);
    }

    private static byte[] bytes(int number) {
        return ("k" + number).getBytes(StandardCharsets.UTF_8);
    }
}
