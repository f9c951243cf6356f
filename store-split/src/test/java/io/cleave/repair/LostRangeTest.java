package io.cleave.repair;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What a report says of lost keys. */
final class LostRangeTest {
    private static LostRange range(byte[] from, byte[] to, LostEntries entries, LostRange.Shown shown) {
        return new LostRange("events", 3, Path.of("run-000007.run"), from, to, 0, entries, shown);
    }

    @Test
    void keysAreTextWhereTheyAreText() {
        byte[] from = "key \u00e9 1".getBytes(UTF_8);
        String text = range(from, new byte[] {0, (byte) 0xff}, LostEntries.exactly(36), LostRange.Shown.OLDER)
                .toString();
        assertEquals(
                "index events: keys from \"key \u00e9 1\" to 0x00ff: 36 entries; older values of these keys may show"
                        + " again, and deleted keys may be back (run-000007.run)",
                text);
        byte[] control = "a\u001b[2J".getBytes(UTF_8);
        text = range(control, "a\"b".getBytes(UTF_8), LostEntries.UNKNOWN, LostRange.Shown.NOTHING)
                .toString();
        assertEquals(
                "index events: keys from 0x611b5b324a to 0x612262: entries that nothing counts; lost keys are"
                        + " absent now, the others in this range are kept (run-000007.run)",
                text);
    }

    @Test
    void bothEndsBelongToTheRange() {
        LostRange range = range(new byte[] {2}, new byte[] {4}, LostEntries.UNKNOWN, LostRange.Shown.NOTHING);
        assertTrue(range.contains(new byte[] {2}) && range.contains(new byte[] {4}));
        assertFalse(range.contains(new byte[] {1, 9}) || range.contains(new byte[] {4, 0}));
        assertTrue(
                range(null, null, LostEntries.UNKNOWN, LostRange.Shown.NOTHING).contains(new byte[] {9}));
    }

    @Test
    void aCountSaysWhatIsKnownOfIt() {
        assertEquals("1 entry", LostEntries.exactly(1).toString());
        assertEquals("at most 5 entries", new LostEntries(0, 5).toString());
        assertEquals("2 to 5 entries", new LostEntries(2, 5).toString());
        assertEquals("at least 2 entries", new LostEntries(2, LostEntries.UNCOUNTED).toString());
        assertEquals(new LostEntries(3, 8), LostEntries.exactly(3).plus(new LostEntries(0, 5)));
        assertEquals(
                new LostEntries(3, LostEntries.UNCOUNTED),
                LostEntries.exactly(3).plus(LostEntries.UNKNOWN));
        assertEquals(new LostEntries(0, 3), LostEntries.exactly(3).butFor(9));
    }
}
