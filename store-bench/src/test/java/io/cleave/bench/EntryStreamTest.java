package io.cleave.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class EntryStreamTest {
    private static final int ENTRIES = 234_567;

    @ParameterizedTest
    @EnumSource(
            value = EntryShape.class,
            names = {"POINT", "STRING"})
    void keysAscendWithTheirNumbersAndAbsentOnesLieBetween(EntryShape shape) {
        EntryStream stream = new EntryStream(shape, ENTRIES);
        byte[] before = {};
        for (long number = 0; number < ENTRIES; number++) {
            byte[] key = stream.key(number).clone();
            byte[] absent = stream.absentKey(number).clone();
            assertTrue(Arrays.compareUnsigned(before, key) < 0, () -> text(key));
            assertTrue(Arrays.compareUnsigned(key, absent) < 0, () -> text(absent));
            before = absent;
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = EntryShape.class,
            names = {"POINT", "STRING"})
    void prefixesCoverEveryEntryOnce(EntryShape shape) {
        EntryStream stream = new EntryStream(shape, ENTRIES);
        assertEquals(235, stream.prefixes());
        long sum = 0;
        for (long number = 0; number < stream.prefixes(); number++) {
            byte[] prefix = stream.prefix(number).clone();
            long first = number * EntryStream.PREFIX_ENTRIES;
            long count = stream.prefixEntries(number);
            for (long entry = first; entry < first + count; entry++) {
                byte[] key = stream.key(entry);
                assertTrue(Fold.startsWith(key, key.length, prefix), () -> text(key));
            }
            if (number > 0) {
                byte[] below = stream.key(first - 1);
                assertFalse(Fold.startsWith(below, below.length, prefix), () -> text(below));
            }
            sum += count;
        }
        assertEquals(ENTRIES, sum);
    }

    @Test
    void keysLookAsDocumented() {
        EntryStream fixed = new EntryStream(EntryShape.POINT, ENTRIES);
        assertEquals("0000000001234560", text(fixed.key(123_456)));
        assertEquals("0000000001234565", text(fixed.absentKey(123_456)));
        EntryStream orders = new EntryStream(EntryShape.STRING, ENTRIES);
        assertTrue(text(orders.key(123_456)).matches("region-\\d{1,2}/customer-000012345/order-6"));
        assertTrue(text(orders.absentKey(123_456)).matches("region-\\d{1,2}/customer-000012345/order-65"));
        assertTrue(text(orders.prefix(123)).matches("region-\\d{1,2}/customer-0000123"));
        assertTrue(text(orders.key(0)).startsWith("region-1/"));
        assertTrue(text(orders.key(ENTRIES - 1)).startsWith("region-9/"));
    }

    @ParameterizedTest
    @EnumSource(EntryShape.class)
    void valuesAreHalfRandomHalfZeros(EntryShape shape) {
        EntryStream stream = new EntryStream(shape, ENTRIES);
        byte[] value = stream.value(17, 0).clone();
        assertEquals(shape.valueBytes(), value.length);
        for (int at = value.length / 2; at < value.length; at++) {
            assertEquals(0, value[at]);
        }
        assertFalse(Arrays.equals(value, stream.value(18, 0)));
        assertFalse(Arrays.equals(value, stream.value(17, 1)));
        assertTrue(Arrays.equals(value, stream.value(17, 0)));
    }

    private static String text(byte[] key) {
        return new String(key, StandardCharsets.US_ASCII);
    }
}
