package io.cleave.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PermutationTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 8, 9, 64, 1_000, 2_000, 65_536, 65_537, 1_000_000})
    void everyNumberComesOnce(int size) {
        for (long seed = 0; seed < 3; seed++) {
            Permutation permutation = new Permutation(size, seed);
            BitSet seen = new BitSet(size);
            for (int place = 0; place < size; place++) {
                long number = permutation.at(place);
                assertTrue(number >= 0 && number < size, () -> "found " + number);
                seen.set((int) number);
            }
            assertEquals(size, seen.cardinality());
        }
    }

    @Test
    void neighboursAreTornApart() {
        int size = 1_000_000;
        Permutation permutation = new Permutation(size, 1);
        int near = 0;
        int rising = 0;
        for (int place = 1; place < size; place++) {
            long step = permutation.at(place) - permutation.at(place - 1);
            near += Math.abs(step) < size / 100 ? 1 : 0;
            rising += step > 0 ? 1 : 0;
        }
        // In a truly random order 2 of 100 steps are that short, and half of them rise.
        assertTrue(near < size * 3 / 100, "near: " + near);
        assertTrue(Math.abs(rising - size / 2) < size / 50, "rising: " + rising);
    }

    @Test
    void seedsGiveDifferentOrders() {
        Permutation one = new Permutation(1_000_000, 1);
        Permutation other = new Permutation(1_000_000, 2);
        int same = 0;
        for (int place = 0; place < 10_000; place++) {
            same += one.at(place) == other.at(place) ? 1 : 0;
        }
        assertTrue(same < 10, "same: " + same);
    }

    @Test
    void nothingCannotBeOrdered() {
        assertThrows(IllegalArgumentException.class, () -> new Permutation(0, 1));
    }
}
