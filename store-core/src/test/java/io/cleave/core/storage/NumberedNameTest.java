package io.cleave.core.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Names have the number that they were made of, padded. */
final class NumberedNameTest {
    @Test
    void isWhatAFormatWouldMakeOfIt() {
        for (long number : new long[] {0, 1, 9, 10, 99_999, 100_000, 123_456_789, Long.MAX_VALUE}) {
            assertEquals(String.format(Locale.ROOT, "run-%06d", number), NumberedName.of("run-", number, 6));
        }
    }

    @Test
    void refusesWhatHasNoName() {
        assertThrows(IllegalArgumentException.class, () -> NumberedName.of("run-", -1, 6));
    }
}
