package io.cleave.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** How keys and names stand on a page, and that nothing of them becomes markup. */
final class PrintableTextTest {
    @Test
    void textIsQuotedAndBytesThatAreNoTextAreHexadecimal() {
        assertEquals("\"värde\"", key("värde"));
        assertEquals("\"0xff\"", key("0xff"));
        assertEquals("0xff", PrintableText.key(new byte[] {(byte) 0xff}));
        assertEquals("0xc328", PrintableText.key(new byte[] {(byte) 0xc3, 0x28}));
        assertEquals("\"\"", key(""));
        assertEquals("\"\\\"\\\\\"", key("\"\\"));
    }

    @Test
    void whatCannotBeSeenOrTurnsTextAroundIsAnEscape() {
        assertEquals("\"a\\u{0}b\\u{a}\"", key("a\0b\n"));
        assertEquals("\"\\u{202e}gpj\\u{200b}\"", key("\u202egpj\u200b"));
        assertEquals("\\u{d800}x", PrintableText.name("\ud800x"));
        assertEquals("\\u{2028}", PrintableText.of("\u2028"));
    }

    @Test
    void whatIsLongLosesItsMiddle() {
        String shown = key("head" + "\0".repeat(60_000) + "tail");
        assertTrue(shown.startsWith("\"head\\u{0}"), shown);
        assertTrue(shown.endsWith("tail\""), shown);
        assertTrue(shown.contains("…"), shown);
        assertTrue(shown.length() < 36 * 6, shown);
        assertTrue(PrintableText.key(new byte[] {-1, 2, 3}).length() < 10);
        assertEquals(2 + 14 * 2 + 1 + 21 * 2, PrintableText.key(filled(60_000)).length());
    }

    @Test
    void markupIsEscapedInTextAndAttributes() {
        String page = new Html()
                .element("p", "<b>\"&'\u0001", "title", "\" onclick='x' <", "class", "k")
                .toString();
        assertEquals(
                "<p title=\"&quot; onclick=&#39;x&#39; &lt;\" class=\"k\">&lt;b&gt;&quot;&amp;&#39;\ufffd</p>", page);
        assertEquals("\ufffd", Html.escaped("\ud800"));
        assertFalse(Html.escaped("\uffff").contains("\uffff"));
    }

    @Test
    void elementsAreClosedInOrder() {
        Html html = new Html().open("p").open("b");
        assertThrows(IllegalStateException.class, html::toString);
        assertThrows(IllegalStateException.class, () -> html.close("p"));
    }

    private static byte[] filled(int length) {
        byte[] bytes = new byte[length];
        java.util.Arrays.fill(bytes, (byte) 0xfe);
        return bytes;
    }

    private static String key(String text) {
        return PrintableText.key(text.getBytes(StandardCharsets.UTF_8));
    }
}
