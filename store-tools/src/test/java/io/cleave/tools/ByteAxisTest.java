package io.cleave.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Marks of a scale: even, of one unit, few, and none of the height wasted. */
final class ByteAxisTest {
    @Test
    void theMarksAreEvenAndOfOneUnit() {
        assertEquals(List.of("0", "0.4 MiB", "0.8 MiB", "1.2 MiB", "1.6 MiB", "2 MiB"), labels(1_782_579));
        assertEquals(List.of("0", "20 MiB", "40 MiB", "60 MiB", "80 MiB"), labels(64L << 20));
        assertEquals(List.of("0", "1 B"), labels(1));
        assertEquals(List.of("0", "1 B"), labels(0));
        assertEquals(List.of("0", "200 KiB", "400 KiB", "600 KiB", "800 KiB", "1000 KiB"), labels(908_493));
    }

    @Test
    void whateverIsLargestFillsMostOfTheHeight() {
        for (long largest = 1; largest > 0 && largest < 1L << 50; largest += largest / 7 + 1) {
            ByteAxis axis = ByteAxis.of(largest);
            long bytes = largest;
            assertTrue(axis.fullBytes() >= largest - 1e-3, () -> bytes + ": " + axis);
            assertTrue(axis.steps() <= 5 && axis.fullBytes() <= Math.max(4, 1.5 * largest), () -> bytes + ": " + axis);
            assertEquals(axis.steps() + 1, axis.labels().size());
        }
    }

    private static List<String> labels(long largest) {
        return ByteAxis.of(largest).labels();
    }
}
