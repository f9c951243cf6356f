package io.cleave.core.bytes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The hash of docs/format/run.md, "Key hash": part of the format. */
final class KeyHashTest {
    private static final long S = 0x9E3779B97F4A7C15L;
    private static final long M = 0xD6E8FEB86659FD93L;

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static long of(String text) {
        return KeyHash.of(ascii(text), text.length());
    }

    /** As the document says it. */
    private static long documented(byte[] key) {
        long h = S ^ key.length * M;
        for (int at = 0; at < key.length; at += 8) {
            long piece = 0;
            for (int i = Math.min(key.length, at + 8) - 1; i >= at; i--) {
                piece = piece << 8 | (key[i] & 0xFF);
            }
            long p = (h ^ piece) * M;
            h = (p ^ p >>> 32) * S;
        }
        h = (h ^ h >>> 32) * M;
        h = (h ^ h >>> 29) * S;
        return h ^ h >>> 32;
    }

    @Test
    void isTheDocumentedFunction() {
        RandomCases.check(5_000, (random, seed) -> {
            byte[] key = new byte[random.nextInt(40)];
            random.nextBytes(key);
            assertEquals(documented(key), KeyHash.of(key, key.length));
        });
    }

    @Test
    void hasTheValuesThatStandInFilesOfVersionOne() {
        assertEquals(0x51AB2661B74C8E11L, of(""));
        assertEquals(0xC923EEDED4B9D94FL, of("a"));
        assertEquals(0x95DC168CE9A4E20AL, of("abcdefgh"));
        assertEquals(0xAA2CEFCAF082E413L, of("abcdefghi"));
        assertEquals(0x2A89984BE4726C24L, of("The quick brown fox jumps over the lazy dog"));
    }

    @Test
    void looksAtNothingBeyondTheLength() {
        byte[] longer = ascii("keyXYZ0123456789");
        assertEquals(of("key"), KeyHash.of(longer, 3));
        assertNotEquals(of("key"), KeyHash.of(new byte[] {'k', 'e', 'y', 0}, 4));
    }

    @Test
    void spreadsSimilarKeysOverAllBits() {
        int keys = 20_000;
        int[] ones = new int[64];
        int[] buckets = new int[256];
        Set<Long> distinct = new HashSet<>();
        for (int i = 0; i < keys; i++) {
            long hash = of("user-" + i);
            distinct.add(hash);
            buckets[(int) (hash >>> 56)]++;
            for (int bit = 0; bit < 64; bit++) {
                ones[bit] += (int) (hash >>> bit) & 1;
            }
        }
        assertEquals(keys, distinct.size());
        for (int bit = 0; bit < 64; bit++) {
            assertTrue(Math.abs(ones[bit] - keys / 2) < keys / 20, "bit " + bit + ": " + ones[bit]);
        }
        for (int bucket : buckets) {
            assertTrue(bucket > 30 && bucket < 160, "a bucket of " + bucket);
        }
    }

    @Test
    void oneFlippedBitChangesAboutHalfOfTheHash() {
        RandomCases.check(2_000, (random, seed) -> {
            byte[] key = new byte[1 + random.nextInt(30)];
            random.nextBytes(key);
            long before = KeyHash.of(key, key.length);
            int bit = random.nextInt(key.length * 8);
            key[bit / 8] ^= (byte) (1 << bit % 8);
            int changed = Long.bitCount(before ^ KeyHash.of(key, key.length));
            assertTrue(changed > 8 && changed < 56, changed + " bits");
        });
    }
}
