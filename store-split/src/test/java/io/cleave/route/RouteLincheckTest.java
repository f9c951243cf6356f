package io.cleave.route;

import io.cleave.catalog.StoredOptions;
import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.run.RunOptions;
import io.cleave.core.segment.SegmentFixture;
import io.cleave.core.storage.LincheckScale;
import io.cleave.core.storage.SimulatedStorage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeMap;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** Replacing the route beside those who look keys up is the same as one after the other: each look-up sees one whole route. */
final class RouteLincheckTest {
    private static final int TORN = -1;
    /** Not 1, which the index begins with. */
    private static final int FIRST_ID = 100;

    /** One index; a range is divided at a key, and two are joined again, as a split and a merge do in their last step. */
    @Param(name = "key", gen = IntGen.class, conf = "1:4")
    public static final class Uses {
        private final SegmentFixture fixture = new SegmentFixture(new SimulatedStorage(1));
        private final RoutedIndex index = RoutedIndex.create(
                fixture.context(),
                new IndexPlace(
                        "test",
                        1,
                        SimulatedStorage.DIRECTORY.resolve("index-00001"),
                        StoredOptions.of(RunOptions.defaults()),
                        10,
                        new RetryPolicy(fixture.context().storage(), 1_000)));

        private void show(KeyMap next, int position, int count, List<SegmentSlot> slots) {
            fixture.context().commitLock().lock();
            try {
                index.replaceRouteLocked(index.route().replace(next, position, count, slots));
            } finally {
                fixture.context().commitLock().unlock();
            }
        }

        /** Divides the range of a key at it; false when it begins there already. */
        @Operation
        public boolean divide(@Param(name = "key") int number) {
            byte[] key = key(number);
            index.keyMapLock().lock();
            try {
                Route route = index.route();
                int position = route.position(key, KeyOrder.prefix(key, key.length));
                KeyMap.Range lower = route.map().ranges().get(position);
                if (KeyOrder.compare(lower.lower(), key) == 0) {
                    return false;
                }
                KeyMap next = route.map()
                        .replace(position, 1, List.of(lower, new KeyMap.Range(key, (long) FIRST_ID + number)));
                index.publish(next);
                show(
                        next,
                        position,
                        1,
                        List.of(
                                new SegmentSlot(lower.segmentId(), next.bounds(position)),
                                new SegmentSlot(FIRST_ID + number, next.bounds(position + 1))));
                return true;
            } finally {
                index.keyMapLock().unlock();
            }
        }

        /** Joins the range that begins at a key with the one below; false when none does. */
        @Operation
        public boolean join(@Param(name = "key") int number) {
            index.keyMapLock().lock();
            try {
                Route route = index.route();
                int position = route.positionOf((long) FIRST_ID + number);
                if (position < 0) {
                    return false;
                }
                KeyMap.Range below = route.map().ranges().get(position - 1);
                KeyMap next = route.map().replace(position - 1, 2, List.of(below));
                index.publish(next);
                show(next, position - 1, 2, List.of(new SegmentSlot(below.segmentId(), next.bounds(position - 1))));
                return true;
            } finally {
                index.keyMapLock().unlock();
            }
        }

        /** The segment that holds a key. */
        @Operation
        public long find(@Param(name = "key") int number) {
            byte[] key = key(number);
            Route route = index.route();
            SegmentSlot slot = route.find(key, KeyOrder.prefix(key, key.length));
            boolean whole = slot.bounds().contains(key)
                    && route.slot(route.positionOf(slot.segmentId())) == slot
                    && route.map().ranges().size() == route.size();
            return whole ? slot.segmentId() : TORN;
        }

        /** How many ranges there are. */
        @Operation
        public int size() {
            return index.route().size();
        }

        /** The key map on the disk is the one that is shown. */
        @Validate
        public void theFileSaysTheSame() {
            KeyMap found = RoutedIndex.readKeyMap(fixture.context().parts(), 1, index.directory());
            if (found.ranges().size() != index.route().size()) {
                throw new AssertionError(
                        found + " on the disk, " + index.route().size() + " slots");
            }
            index.close();
            fixture.close();
        }
    }

    /** The same on one thread. */
    public static final class Specification {
        private final TreeMap<Integer, Long> lowers = new TreeMap<>();

        public Specification() {
            lowers.put(0, 1L);
        }

        /** See {@link Uses}. */
        public boolean divide(int key) {
            return lowers.putIfAbsent(key, (long) FIRST_ID + key) == null;
        }

        /** See {@link Uses}. */
        public boolean join(int key) {
            return lowers.remove(key) != null;
        }

        /** See {@link Uses}. */
        public long find(int key) {
            return lowers.floorEntry(key).getValue();
        }

        /** See {@link Uses}. */
        public int size() {
            return lowers.size();
        }
    }

    @Test
    void everyLookUpSeesOneWholeRouteUnderStress() {
        new StressOptions()
                .iterations(LincheckScale.iterations(8))
                .invocationsPerIteration(100)
                .threads(3)
                .actorsPerThread(3)
                .sequentialSpecification(Specification.class)
                .check(Uses.class);
    }

    private static byte[] key(int number) {
        return ("all-start-alike-" + number).getBytes(StandardCharsets.US_ASCII);
    }
}
