package io.cleave;

/** How public types stand in a line of a log: nothing in it that breaks the line or that a terminal obeys. Stateless, thread-safe. */
final class LogText {
    private static final int KEY_BYTES_MAX = 24;

    private LogText() {}

    /** A name in quotation marks. */
    static String name(String name) {
        StringBuilder text = new StringBuilder("\"");
        name.codePoints().forEach(c -> {
            if (isShown(c)) {
                text.appendCodePoint(c);
            } else {
                text.append("\\u{").append(Integer.toHexString(c)).append('}');
            }
        });
        return text.append('"').toString();
    }

    /** A key: in quotation marks when all of it is ASCII that prints, else in hexadecimal digits after 0x. */
    static String key(byte[] key) {
        int shown = Math.min(key.length, KEY_BYTES_MAX);
        boolean isText = true;
        StringBuilder text = new StringBuilder();
        StringBuilder digits = new StringBuilder("0x");
        for (int i = 0; i < shown; i++) {
            isText &= key[i] >= ' ' && key[i] < 0x7F && key[i] != '"';
            text.append((char) (key[i] & 0xFF));
            digits.append(Character.forDigit((key[i] >> 4) & 0xF, 16)).append(Character.forDigit(key[i] & 0xF, 16));
        }
        String rest = shown < key.length ? "... of " + key.length + " bytes" : "";
        return (isText ? "\"" + text + "\"" : digits) + rest;
    }

    private static boolean isShown(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}
