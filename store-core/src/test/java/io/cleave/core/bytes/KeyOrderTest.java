package io.cleave.core.bytes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class KeyOrderTest {
    private static byte[] bytes(int... values) {
        byte[] key = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            key[i] = (byte) values[i];
        }
        return key;
    }

    /** The order as its definition has it, byte by byte. */
    private static int defined(byte[] a, byte[] b) {
        for (int i = 0; i < Math.min(a.length, b.length); i++) {
            int difference = (a[i] & 0xFF) - (b[i] & 0xFF);
            if (difference != 0) {
                return difference;
            }
        }
        return a.length - b.length;
    }

    @Test
    void ordersUnsignedBytesWithAProperPrefixFirst() {
        RandomCases.check(20_000, (random, seed) -> {
            byte[] a = RandomCases.key(random, 20);
            byte[] b = random.nextInt(4) == 0
                    ? Arrays.copyOf(a, random.nextInt(a.length + 3))
                    : RandomCases.key(random, 20);
            int expected = Integer.signum(defined(a, b));
            assertEquals(expected, Integer.signum(KeyOrder.compare(a, b)));
            byte[] longerA = Arrays.copyOf(a, a.length + 3);
            byte[] longerB = Arrays.copyOf(b, b.length + 5);
            assertEquals(expected, Integer.signum(KeyOrder.compare(longerA, a.length, longerB, b.length)));
        });
        assertTrue(KeyOrder.compare(bytes(0x7F), bytes(0x80)) < 0);
        assertTrue(KeyOrder.compare(bytes(), bytes(0)) < 0);
    }

    @Test
    void anUnequalPrefixOrdersAsTheKeysDo() {
        RandomCases.check(20_000, (random, seed) -> {
            byte[] a = RandomCases.key(random, 12);
            byte[] b = RandomCases.key(random, 12);
            int byPrefix = Long.compareUnsigned(KeyOrder.prefix(a, a.length), KeyOrder.prefix(b, b.length));
            if (byPrefix != 0) {
                assertEquals(Integer.signum(defined(a, b)), Integer.signum(byPrefix));
            } else {
                int common = Math.min(8, Math.max(a.length, b.length));
                assertArrayEquals(Arrays.copyOf(a, common), Arrays.copyOf(b, common));
            }
        });
    }

    @Test
    void thePrefixIsTheFirstEightBytesBigEndianPaddedWithZeros() {
        assertEquals(0, KeyOrder.prefix(bytes(), 0));
        assertEquals(0x8000_0000_0000_0000L, KeyOrder.prefix(bytes(0x80), 1));
        assertEquals(0x0102_0304_0506_0700L, KeyOrder.prefix(bytes(1, 2, 3, 4, 5, 6, 7), 7));
        assertEquals(0x0102_0304_0506_0708L, KeyOrder.prefix(bytes(1, 2, 3, 4, 5, 6, 7, 8, 9), 9));
        assertEquals(0x0102_0300_0000_0000L, KeyOrder.prefix(bytes(1, 2, 3, 4, 5, 6, 7, 8, 9), 3));
    }

    @Test
    void afterPrefixIsAboveEveryKeyWithThePrefixAndNotAboveAnyOther() {
        RandomCases.check(20_000, (random, seed) -> {
            byte[] prefix = RandomCases.key(random, 6);
            byte[] after = KeyOrder.afterPrefix(prefix);
            byte[] key = RandomCases.key(random, 9);
            boolean starts = key.length >= prefix.length && Arrays.equals(prefix, Arrays.copyOf(key, prefix.length));
            boolean within = defined(key, prefix) >= 0 && (after == null || defined(key, after) < 0);
            assertEquals(starts, within);
            byte[] inside = concat(prefix, RandomCases.key(random, 9));
            assertTrue(after == null || defined(inside, after) < 0);
        });
        assertNull(KeyOrder.afterPrefix(bytes()));
        assertNull(KeyOrder.afterPrefix(bytes(0xFF, 0xFF)));
        assertArrayEquals(bytes(2), KeyOrder.afterPrefix(bytes(1, 0xFF)));
        assertArrayEquals(bytes(0x80), KeyOrder.afterPrefix(bytes(0x7F)));
    }

    @Test
    void theSuccessorIsTheSmallestKeyAbove() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] key = RandomCases.key(random, 6);
            byte[] other = i % 3 == 0 ? concat(key, RandomCases.key(random, 2)) : RandomCases.key(random, 8);
            byte[] successor = KeyOrder.successor(key);
            assertTrue(defined(key, successor) < 0);
            assertEquals(defined(other, key) > 0, defined(other, successor) >= 0);
        }
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
