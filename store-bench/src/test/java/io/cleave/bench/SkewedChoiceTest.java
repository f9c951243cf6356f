package io.cleave.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SkewedChoiceTest {
    private static final int DRAWS = 1_000_000;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 100, 9_999, 10_001, 1_000_000})
    void ranksComeAsOftenAsTheirWeights(int size) {
        SkewedChoice choice = new SkewedChoice(size, 1);
        RandomSequence random = new RandomSequence(2);
        int[] drawn = new int[size];
        for (int draw = 0; draw < DRAWS; draw++) {
            drawn[Math.toIntExact(choice.draw(random))]++;
        }
        Arrays.sort(drawn);
        assertShare(size, 1, drawn);
        assertShare(size, Math.min(size, 10), drawn);
        assertShare(size, Math.min(size, 1_000), drawn);
    }

    /** The share of the hottest, up to the thousandths that the pieces of equal weight blur. */
    private static void assertShare(int size, int hottest, int[] drawn) {
        long found = 0;
        for (int rank = 0; rank < hottest; rank++) {
            found += drawn[size - 1 - rank];
        }
        double expected = weight(hottest) / weight(size);
        assertEquals(expected, (double) found / DRAWS, 0.01, hottest + " of " + size);
        assertTrue(found > 0);
    }

    private static double weight(int ranks) {
        double sum = 0;
        for (int rank = 1; rank <= ranks; rank++) {
            sum += Math.pow(rank, -0.99);
        }
        return sum;
    }
}
