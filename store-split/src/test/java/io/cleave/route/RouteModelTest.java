package io.cleave.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.bytes.RandomCases;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A route finds what a map of lower keys finds by its floor. */
final class RouteModelTest {
    /** Keys of which many share their first 8 bytes. */
    private static byte[] key(SplittableRandom random) {
        byte[] key = RandomCases.key(random, 14);
        if (key.length > 8 && random.nextBoolean()) {
            Arrays.fill(key, 0, 8, (byte) (random.nextBoolean() ? 0x80 : 'a'));
        }
        return key;
    }

    private static KeyMap map(TreeMap<byte[], Long> lowers) {
        List<KeyMap.Range> ranges = new ArrayList<>();
        lowers.forEach((lower, id) -> ranges.add(new KeyMap.Range(lower, id)));
        return new KeyMap(1, 1, ranges);
    }

    private static TreeMap<byte[], Long> lowers(SplittableRandom random) {
        return lowers(random, new byte[0]);
    }

    private static TreeMap<byte[], Long> lowers(SplittableRandom random, byte[] common) {
        TreeMap<byte[], Long> lowers = new TreeMap<>(KeyOrder::compare);
        lowers.put(new byte[0], 1L);
        int count = random.nextInt(40);
        for (int i = 0; i < count; i++) {
            lowers.put(concat(common, key(random)), i + 2L);
        }
        return lowers;
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    @Test
    void findsTheFloorWhereAllLowerKeysStartAlike() {
        RandomCases.check(1_000, (random, seed) -> {
            byte[] common = key(random);
            TreeMap<byte[], Long> lowers = lowers(random, common);
            Route route = Route.of(map(lowers));
            List<byte[]> keys = new ArrayList<>(lowers.keySet());
            for (int length = 0; length <= common.length; length++) {
                keys.add(Arrays.copyOf(common, length));
                keys.add(concat(Arrays.copyOf(common, length), key(random)));
            }
            for (int i = 0; i < 40; i++) {
                keys.add(concat(common, key(random)));
            }
            for (byte[] key : keys) {
                SegmentSlot slot = route.find(key, KeyOrder.prefix(key, key.length));
                assertEquals(lowers.floorEntry(key).getValue(), slot.segmentId(), Arrays.toString(key));
            }
        });
    }

    @Test
    void findsTheFloorOfEveryKey() {
        RandomCases.check(1_000, (random, seed) -> {
            TreeMap<byte[], Long> lowers = lowers(random);
            Route route = Route.of(map(lowers));
            List<byte[]> keys = new ArrayList<>(lowers.keySet());
            lowers.keySet().forEach(lower -> keys.add(KeyOrder.successor(lower)));
            for (int i = 0; i < 60; i++) {
                keys.add(key(random));
            }
            for (byte[] key : keys) {
                SegmentSlot slot = route.find(key, KeyOrder.prefix(key, key.length));
                assertEquals(lowers.floorEntry(key).getValue(), slot.segmentId(), Arrays.toString(key));
                assertTrue(slot.bounds().contains(key), Arrays.toString(key));
            }
        });
    }

    @Test
    void theBoundsOfItsSlotsTileTheKeySpace() {
        RandomCases.check(300, (random, seed) -> {
            Route route = Route.of(map(lowers(random)));
            assertNull(route.slot(0).bounds().lower());
            assertNull(route.slot(route.size() - 1).bounds().upper());
            for (int i = 1; i < route.size(); i++) {
                assertSame(
                        route.slot(i - 1).bounds().upper(),
                        route.slot(i).bounds().lower());
            }
        });
    }

    @Test
    void aReplacementSharesTheOtherSlotsAndFindsAsAFreshRouteDoes() {
        RandomCases.check(500, (random, seed) -> {
            TreeMap<byte[], Long> lowers = lowers(random);
            Route route = Route.of(map(lowers));
            int position = random.nextInt(route.size());
            int count = 1 + random.nextInt(Math.min(2, route.size() - position));
            byte[] lower = route.map().ranges().get(position).lower();
            List<KeyMap.Range> ranges = new ArrayList<>(List.of(new KeyMap.Range(lower, 100)));
            byte[] middle = KeyOrder.successor(lower);
            byte[] upper = route.map().bounds(position + count - 1).upper();
            if (upper == null || KeyOrder.compare(middle, upper) < 0) {
                ranges.add(new KeyMap.Range(middle, 101));
            }
            KeyMap next = route.map().replace(position, count, ranges);
            assertEquals(route.map().version() + 1, next.version());
            List<SegmentSlot> slots = new ArrayList<>();
            for (int i = 0; i < ranges.size(); i++) {
                slots.add(new SegmentSlot(ranges.get(i).segmentId(), next.bounds(position + i)));
            }
            Route replaced = route.replace(next, position, count, slots);
            Route fresh = Route.of(next);
            assertEquals(fresh.size(), replaced.size());
            for (int i = 0; i < fresh.size(); i++) {
                assertEquals(fresh.slot(i).segmentId(), replaced.slot(i).segmentId());
                assertEquals(fresh.slot(i).bounds(), replaced.slot(i).bounds());
                assertEquals(i, next.positionOf(fresh.slot(i).segmentId()));
            }
            for (int i = 0; i < position; i++) {
                assertSame(route.slot(i), replaced.slot(i));
            }
            assertEquals(-1, next.positionOf(route.slot(position).segmentId()));
        });
    }

    @Test
    void aMapWithoutAFirstRangeIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new KeyMap(1, 1, List.of()));
        assertThrows(
                IllegalArgumentException.class, () -> new KeyMap(1, 1, List.of(new KeyMap.Range(new byte[] {1}, 1))));
        assertEquals(1, KeyMap.of(1, 9).ranges().size());
    }
}
