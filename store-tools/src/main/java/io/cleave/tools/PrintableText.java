package io.cleave.tools;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * Keys, names and paths as people read them on a page: what can't be seen, or changes how its neighbours are seen, stands
 * as an escape; what is long loses its middle. Stateless, thread-safe.
 */
final class PrintableText {
    private static final int SIGNS_MAX = 36;
    private static final int HEAD_SIGNS = 14;
    private static final String GAP = "…";

    private PrintableText() {}

    /** A key: text in quotation marks, anything else in hexadecimal digits after 0x. Never longer than some 40 signs. */
    static String key(byte[] key) {
        String text = ByteForm.decode(key);
        if (text == null) {
            return "0x" + shortened(digits(key));
        }
        return "\"" + shortened(signs(text, "\"\\")) + "\"";
    }

    /** A name, without quotation marks, shortened like a key. */
    static String name(String name) {
        return shortened(signs(name, "\\"));
    }

    /** A text of any length, such as a path or a message, whole. */
    static String of(String text) {
        return String.join("", signs(text, ""));
    }

    private static List<String> digits(byte[] key) {
        List<String> pairs = new ArrayList<>();
        for (byte b : key) {
            pairs.add(HexFormat.of().toHexDigits(b));
        }
        return pairs;
    }

    /** One string a character, those of {@code quoted} with a backslash before them. */
    private static List<String> signs(String text, String quoted) {
        return text.codePoints()
                .mapToObj(c -> quoted.indexOf(c) >= 0 ? "\\" + Character.toString(c) : sign(c))
                .toList();
    }

    private static String sign(int c) {
        boolean isHidden = switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> true;
            default -> false;
        };
        return isHidden ? String.format(Locale.ROOT, "\\u{%x}", c) : Character.toString(c);
    }

    private static String shortened(List<String> signs) {
        if (signs.size() <= SIGNS_MAX) {
            return String.join("", signs);
        }
        int tail = SIGNS_MAX - HEAD_SIGNS - GAP.length();
        return String.join("", signs.subList(0, HEAD_SIGNS))
                + GAP
                + String.join("", signs.subList(signs.size() - tail, signs.size()));
    }
}
