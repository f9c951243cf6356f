package io.cleave.bench;

import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** Writes maps, lists, strings, numbers and null as JSON. Stateless, thread-safe. */
final class JsonText {
    /** What is nested deeper stands on one line. */
    private static final int DEPTH_OF_LINES = 2;

    private JsonText() {}

    /** The JSON of a value; the names of maps must be strings. */
    static String of(Object value) {
        StringBuilder text = new StringBuilder();
        append(text, value, 0);
        return text.append('\n').toString();
    }

    private static void append(StringBuilder text, Object value, int depth) {
        if (value instanceof Map<?, ?> map) {
            Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
            group(text, "{}", depth, entries, entry -> {
                quote(text, (String) entry.getKey());
                text.append(": ");
                append(text, entry.getValue(), depth + 1);
            });
        } else if (value instanceof Iterable<?> list) {
            group(text, "[]", depth, list.iterator(), element -> append(text, element, depth + 1));
        } else if (value instanceof String string) {
            quote(text, string);
        } else if (value instanceof Double number) {
            text.append(number.isNaN() || number.isInfinite() ? "null" : plain(number));
        } else if (value == null || value instanceof Integer || value instanceof Long) {
            text.append(value);
        } else {
            throw new IllegalArgumentException("no JSON for " + value.getClass());
        }
    }

    private static <T> void group(
            StringBuilder text, String brackets, int depth, Iterator<T> elements, Consumer<T> one) {
        text.append(brackets.charAt(0));
        boolean isEmpty = !elements.hasNext();
        while (elements.hasNext()) {
            text.append(depth < DEPTH_OF_LINES ? "\n" + "  ".repeat(depth + 1) : "");
            one.accept(elements.next());
            text.append(elements.hasNext() ? depth < DEPTH_OF_LINES ? "," : ", " : "");
        }
        text.append(depth < DEPTH_OF_LINES && !isEmpty ? "\n" + "  ".repeat(depth) : "");
        text.append(brackets.charAt(1));
    }

    /** Up to four decimals, never an exponent. */
    private static String plain(double number) {
        String digits = String.format(Locale.ROOT, "%.4f", number);
        return digits.replaceAll("\\.?0+$", "");
    }

    private static void quote(StringBuilder text, String string) {
        text.append('"');
        for (int at = 0; at < string.length(); at++) {
            char c = string.charAt(at);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < ' ') {
                text.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }
}
