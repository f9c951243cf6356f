package io.cleave.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads JSON into maps, lists, strings, longs, doubles, booleans and null. Throws {@link IllegalArgumentException} with the
 * line of the first character that it does not understand.
 *
 * <p>Belongs to one thread, used once.
 */
final class JsonReader {
    private static final int DEPTH_MAX = 50;
    private static final String ESCAPES = "\"\\/bfnrt";
    private static final String ESCAPED = "\"\\/\b\f\n\r\t";

    private final String text;
    private int at;

    private JsonReader(String text) {
        this.text = text;
    }

    /** The value that is the whole text. */
    static Object parse(String text) {
        JsonReader reader = new JsonReader(text);
        Object value = reader.value(0);
        if (reader.peek() != 0) {
            throw reader.unexpected("the end");
        }
        return value;
    }

    private Object value(int depth) {
        if (depth > DEPTH_MAX) {
            throw unexpected("at most " + DEPTH_MAX + " levels");
        }
        return switch (peek()) {
            case '{' -> map(depth);
            case '[' -> list(depth);
            case '"' -> string();
            default -> word();
        };
    }

    private Map<String, Object> map(int depth) {
        Map<String, Object> map = new LinkedHashMap<>();
        take('{');
        if (peek() == '}') {
            take('}');
            return map;
        }
        do {
            String name = string();
            take(':');
            map.put(name, value(depth + 1));
        } while (follows('}'));
        return map;
    }

    private List<Object> list(int depth) {
        List<Object> list = new ArrayList<>();
        take('[');
        if (peek() == ']') {
            take(']');
            return list;
        }
        do {
            list.add(value(depth + 1));
        } while (follows(']'));
        return list;
    }

    /** True after a comma, false after the closing bracket. */
    private boolean follows(char close) {
        boolean isComma = peek() == ',';
        take(isComma ? ',' : close);
        return isComma;
    }

    private String string() {
        take('"');
        StringBuilder string = new StringBuilder();
        while (raw() != '"') {
            char c = raw();
            if (c < ' ') {
                throw unexpected("a closing quote");
            }
            at++;
            string.append(c == '\\' ? escaped() : c);
        }
        at++;
        return string.toString();
    }

    private char escaped() {
        char c = raw();
        if (c == 'u' && at + 5 <= text.length()) {
            String digits = text.substring(at + 1, at + 5);
            if (digits.matches("[0-9a-fA-F]{4}")) {
                at += 5;
                return (char) Integer.parseInt(digits, 16);
            }
        }
        int kind = ESCAPES.indexOf(c);
        if (kind < 0) {
            throw unexpected("an escape");
        }
        at++;
        return ESCAPED.charAt(kind);
    }

    /** A number, true, false or null. */
    private Object word() {
        int from = at;
        while (Character.isLetterOrDigit(raw()) || raw() == '.' || raw() == '-' || raw() == '+') {
            at++;
        }
        String word = text.substring(from, at);
        return switch (word) {
            case "true" -> true;
            case "false" -> false;
            case "null" -> null;
            default -> number(word, from);
        };
    }

    private Number number(String word, int from) {
        if (word.matches("-?\\d{1,18}")) {
            return Long.valueOf(word);
        }
        if (word.matches("-?\\d+(\\.\\d+)?([eE][-+]?\\d+)?")) {
            return Double.valueOf(word);
        }
        at = from;
        throw unexpected("a value");
    }

    /** The next character that is no blank, 0 at the end. */
    private char peek() {
        while (" \t\r\n".indexOf(raw()) >= 0) {
            at++;
        }
        return raw();
    }

    private char raw() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private void take(char c) {
        if (peek() != c) {
            throw unexpected("'" + c + "'");
        }
        at++;
    }

    private IllegalArgumentException unexpected(String expected) {
        long line = 1 + text.substring(0, at).chars().filter(c -> c == '\n').count();
        String found = at < text.length() ? "'" + text.charAt(at) + "'" : "the end";
        return new IllegalArgumentException("line " + line + ": expected " + expected + ", found " + found);
    }
}
