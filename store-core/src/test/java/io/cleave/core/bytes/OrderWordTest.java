package io.cleave.core.bytes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Unequal words order as keys do, whatever the prefix; behind a prefix that all keys share they are its next bytes. */
final class OrderWordTest {
    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static long word(String key, String prefix) {
        return OrderWord.of(bytes(key), key.length(), bytes(prefix));
    }

    @Test
    void wordsNeverContradictTheOrderOfKeys() {
        RandomCases.check(50_000, (random, seed) -> {
            byte[] a = RandomCases.key(random, 20);
            byte[] b = random.nextBoolean() ? RandomCases.key(random, 20) : Arrays.copyOf(a, a.length + 1);
            byte[] longest = random.nextBoolean() ? a : RandomCases.key(random, 20);
            byte[] prefix = Arrays.copyOf(longest, random.nextInt(longest.length + 1));
            // What follows the key in its array has no part in the word.
            long wordOfA = OrderWord.of(Arrays.copyOf(a, a.length + random.nextInt(12)), a.length, prefix);
            long wordOfB = OrderWord.of(Arrays.copyOf(b, b.length + random.nextInt(12)), b.length, prefix);
            int byWord = Long.compareUnsigned(wordOfA, wordOfB);
            int byKey = KeyOrder.compare(a, b);
            assertTrue(byWord == 0 || byWord < 0 == byKey < 0, () -> Arrays.toString(a) + Arrays.toString(b));
        });
    }

    @Test
    void theWordIsWhatFollowsThePrefix() {
        assertEquals(0x6162_6364_6566_6768L, word("abcdefghi", ""));
        assertEquals(0x6263_6465_6667_6869L, word("abcdefghi", "a"));
        assertEquals(0x6900_0000_0000_0000L, word("abcdefghi", "abcdefgh"));
        assertEquals(0, word("abc", "abc"));
        assertEquals(OrderWord.BELOW, word("ab", "abc"));
        assertEquals(OrderWord.BELOW, word("abbz", "abc"));
        assertEquals(OrderWord.ABOVE, word("abd", "abc"));
        assertEquals(OrderWord.ABOVE, word("\u00FF", "abc"));
        byte[] room = bytes("abcdefghijklmnop");
        assertEquals(0x6364_0000_0000_0000L, OrderWord.behind(room, 4, 2));
        assertEquals(0, OrderWord.behind(room, 4, 4));
    }

    @Test
    void wordsAreMasked() {
        assertEquals(0, OrderWord.masked(-1L, 0));
        assertEquals(0xFF00_0000_0000_0000L, OrderWord.masked(-1L, 1));
        assertEquals(0xFFFF_FFFF_FFFF_FF00L, OrderWord.masked(-1L, 7));
        assertEquals(-1L, OrderWord.masked(-1L, 8));
        assertEquals(-1L, OrderWord.masked(-1L, 100));
    }

    @Test
    void whatKeysStartWith() {
        assertArrayEquals(bytes("ab"), OrderWord.common(bytes("abc"), bytes("abd")));
        assertArrayEquals(bytes("ab"), OrderWord.common(bytes("ab"), bytes("abd")));
        assertArrayEquals(bytes("ab"), OrderWord.common(bytes("abd"), bytes("ab")));
        assertArrayEquals(bytes(""), OrderWord.common(bytes("x"), bytes("y")));
    }
}
