package io.cleave.tools;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Writes HTML with SVG in it. Tags and attribute names are the program's own words; text and attribute values may be
 * anything and never become markup. Belongs to one thread.
 */
final class Html {
    private final StringBuilder page = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();

    /** Opens an element; attributes are names and values in turn. */
    Html open(String tag, Object... attributes) {
        start(tag, attributes);
        open.push(tag);
        return this;
    }

    /** Closes the innermost open element, which must be that one. */
    Html close(String tag) {
        String innermost = open.pop();
        if (!innermost.equals(tag)) {
            throw new IllegalStateException("closing " + tag + ": expected " + innermost);
        }
        page.append("</").append(tag).append('>');
        return this;
    }

    /** An element that has no content and no end tag. */
    Html only(String tag, Object... attributes) {
        start(tag, attributes);
        return this;
    }

    /** An element of SVG that has no content. */
    Html shape(String tag, Object... attributes) {
        start(tag, attributes);
        page.setCharAt(page.length() - 1, '/');
        page.append('>');
        return this;
    }

    /** An element with text in it. */
    Html element(String tag, Object text, Object... attributes) {
        return open(tag, attributes).text(text).close(tag);
    }

    /** Text. */
    Html text(Object text) {
        page.append(escaped(String.valueOf(text)));
        return this;
    }

    /** The program's own style sheet: taken as it is. */
    Html style(String sheet) {
        page.append("<style>").append(sheet).append("</style>");
        return this;
    }

    /** Begins a new line of the source. */
    Html line() {
        page.append('\n');
        return this;
    }

    /** The page; every element is closed. */
    @Override
    public String toString() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("not closed: " + open);
        }
        return page.toString();
    }

    private void start(String tag, Object... attributes) {
        page.append('<').append(tag);
        for (int i = 0; i < attributes.length; i += 2) {
            page.append(' ').append(attributes[i]).append("=\"");
            page.append(escaped(String.valueOf(attributes[i + 1]))).append('"');
        }
        page.append('>');
    }

    /** Safe between tags and between quotes; what no document may hold becomes a replacement character. */
    static String escaped(String text) {
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                case '\'' -> safe.append("&#39;");
                default -> safe.appendCodePoint(isAllowed(c) ? c : 0xFFFD);
            }
        });
        return safe.toString();
    }

    private static boolean isAllowed(int c) {
        boolean isBlank = c == '\n' || c == '\t';
        boolean isSurrogate = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
        return isBlank || !(Character.isISOControl(c) || isSurrogate || (c & 0xFFFE) == 0xFFFE);
    }
}
