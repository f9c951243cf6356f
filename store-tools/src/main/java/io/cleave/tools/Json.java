package io.cleave.tools;

import java.util.HexFormat;

/**
 * Writes one JSON value, without blanks and line ends. Bytes that are UTF-8 become a string, others {@code
 * {"hex":"00ff"}}.
 *
 * <p>Belongs to one thread. Names and values alternate as in the text; nothing checks that they do but the assertions.
 */
final class Json {
    private final StringBuilder text = new StringBuilder();
    private int depth;
    /** Whether the next value or name needs a comma before it. */
    private boolean follows;

    Json object() {
        return open('{');
    }

    Json endObject() {
        return close('}');
    }

    Json array() {
        return open('[');
    }

    Json endArray() {
        return close(']');
    }

    /** The name of the value that comes next. */
    Json name(String name) {
        comma();
        quote(name);
        text.append(':');
        follows = false;
        return this;
    }

    Json value(String value) {
        comma();
        if (value == null) {
            text.append("null");
        } else {
            quote(value);
        }
        return this;
    }

    Json value(long value) {
        comma();
        text.append(value);
        return this;
    }

    /** A number with up to three decimals. */
    Json value(double value) {
        comma();
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            text.append("null");
        } else {
            text.append(Math.round(value * 1000) / 1000.0);
        }
        return this;
    }

    Json yes() {
        comma();
        text.append("true");
        return this;
    }

    Json no() {
        comma();
        text.append("false");
        return this;
    }

    Json bytes(byte[] bytes) {
        String decoded = bytes == null ? null : ByteForm.decode(bytes);
        if (bytes == null || decoded != null) {
            return value(decoded);
        }
        return object().name("hex").value(HexFormat.of().formatHex(bytes)).endObject();
    }

    /** A number, a text, or bytes. */
    Json any(Object value) {
        if (value instanceof byte[] bytes) {
            return bytes(bytes);
        }
        if (value instanceof Double || value instanceof Float) {
            return value(((Number) value).doubleValue());
        }
        if (value instanceof Number number) {
            return value(number.longValue());
        }
        if (value instanceof Boolean truth) {
            return truth ? yes() : no();
        }
        return value(value == null ? null : value.toString());
    }

    /** {@code "name":value}. */
    Json field(String name, Object value) {
        return name(name).any(value);
    }

    @Override
    public String toString() {
        assert depth == 0 : depth + " objects or arrays are open";
        return text.toString();
    }

    private Json open(char bracket) {
        comma();
        text.append(bracket);
        depth++;
        follows = false;
        return this;
    }

    private Json close(char bracket) {
        assert depth > 0 : "nothing is open";
        text.append(bracket);
        depth--;
        follows = true;
        return this;
    }

    private void comma() {
        if (follows) {
            text.append(',');
        }
        follows = true;
    }

    private void quote(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < ' ' || c == 0x7F || c == '\u2028' || c == '\u2029' || isLone(value, i)) {
                        text.append("\\u").append(HexFormat.of().toHexDigits(c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }

    private static boolean isLone(String value, int i) {
        char c = value.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 == value.length() || !Character.isLowSurrogate(value.charAt(i + 1));
        }
        return Character.isLowSurrogate(c) && (i == 0 || !Character.isHighSurrogate(value.charAt(i - 1)));
    }
}
