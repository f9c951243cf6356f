package io.cleave.core.bytes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class VarintTest {
    /** LEB128 by its definition, from the end of the array's first {@code length} bytes. */
    private static long decoded(byte[] bytes, int length) {
        long value = 0;
        for (int i = length - 1; i >= 0; i--) {
            assertEquals(i < length - 1, (bytes[i] & 0x80) != 0, "continuation bit of byte " + i);
            value = value << 7 | (bytes[i] & 0x7F);
        }
        return value;
    }

    private static void check(long value) {
        byte[] target = new byte[16];
        int end = Varint.putLong(target, 3, value);
        byte[] written = Arrays.copyOfRange(target, 3, end);
        assertEquals(value, decoded(written, written.length));
        assertEquals(written.length, Varint.length(value), "length of " + value);
        int intEnd = Varint.putInt(target, 0, (int) value);
        assertEquals((int) value & 0xFFFF_FFFFL, decoded(target, intEnd));
        assertEquals(Varint.length((int) value & 0xFFFF_FFFFL), intEnd);
    }

    @Test
    void writesWhatTheDefinitionReads() {
        for (int bits = 0; bits < 64; bits++) {
            check(1L << bits);
            check((1L << bits) - 1);
            check(-(1L << bits));
        }
        RandomCases.check(20_000, (random, seed) -> check(random.nextLong() >>> random.nextInt(64)));
    }

    @Test
    void takesAtMostTheLongestForm() {
        byte[] target = new byte[Varint.LONG_BYTES_MAX];
        assertEquals(Varint.INT_BYTES_MAX, Varint.putInt(target, 0, -1));
        assertEquals(Varint.LONG_BYTES_MAX, Varint.putLong(target, 0, -1));
        assertEquals(Varint.LONG_BYTES_MAX, Varint.length(-1));
        assertEquals(1, Varint.length(0));
    }

    @Test
    void writesTheBytesOfTheFormat() {
        byte[] target = new byte[2];
        assertEquals(2, Varint.putInt(target, 0, 300));
        assertArrayEquals(new byte[] {(byte) 0xAC, 0x02}, target);
    }
}
