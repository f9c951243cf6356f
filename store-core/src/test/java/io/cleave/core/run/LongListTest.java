package io.cleave.core.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** A list gives back what was put into it, wherever one of its arrays ends and the next begins. */
final class LongListTest {
    private static final int SIZE = 30_000;

    @Test
    void givesBackWhatWasAdded() {
        LongList list = new LongList();
        for (long i = 0; i < SIZE; i++) {
            list.add(-i);
            assertEquals(i + 1, list.size());
            assertEquals(-i, list.get(i));
            assertEquals(-(i / 2), list.get(i / 2));
        }
        for (long i = 0; i < SIZE; i++) {
            assertEquals(-i, list.get(i));
            list.set(i, i * i);
        }
        for (long i = 0; i < SIZE; i++) {
            assertEquals(i * i, list.get(i));
        }
    }
}
