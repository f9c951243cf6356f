package io.cleave.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Numbers as people read them, at their edges. */
final class QuantityTest {
    @Test
    void ratesHaveThreeDigits() {
        assertEquals("1.28 M", Quantity.rate(1_284_000));
        assertEquals("340 k", Quantity.rate(340_123));
        assertEquals("12.3 k", Quantity.rate(12_345));
        assertEquals("950", Quantity.rate(950));
        assertEquals("1.00 k", Quantity.rate(999.7));
        assertEquals("1.00 M", Quantity.rate(999_700));
        assertEquals("2.50 G", Quantity.rate(2.5e9));
        assertEquals("-", Quantity.rate(Double.NaN));
    }

    @Test
    void timesHaveTheUnitThatSuits() {
        assertEquals("850 ns", Quantity.time(850));
        assertEquals("1.23 µs", Quantity.time(1_234));
        assertEquals("12.3 ms", Quantity.time(12_345_678));
        assertEquals("1.20 s", Quantity.time(1.2e9));
        assertEquals("1,200 ms", Quantity.millis(1.2e9));
        assertEquals("-", Quantity.time(Double.NaN));
    }

    @Test
    void smallRatiosAreNotZero() {
        assertEquals("12.3×", Quantity.ratio(12.34));
        assertEquals("0.25×", Quantity.ratio(0.25));
        assertEquals("0.003×", Quantity.ratio(0.0031));
        assertEquals("-", Quantity.ratio(Double.POSITIVE_INFINITY));
        assertEquals("0.012 ms", Quantity.millis(12_345));
    }

    @Test
    void bytesAreBinary() {
        assertEquals("100 B", Quantity.bytes(100));
        assertEquals("4.00 KiB", Quantity.bytes(4096));
        assertEquals("1.00 MiB", Quantity.bytes(1 << 20));
        assertEquals("1.50 GiB", Quantity.bytes(1.5 * (1 << 30)));
    }
}
