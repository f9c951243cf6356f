package io.cleave.tools;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Parses one JSON object as RFC 8259 has it, strictly: no comments, no trailing commas, no name twice, no lone surrogate.
 * Only the outermost fields are kept; what is nested is checked and kept as text.
 *
 * <p>Belongs to one thread, used once.
 */
final class JsonObject {
    private static final int DEPTH_MAX = 500;

    /**
     * A field's value.
     *
     * @param text the text of a string; otherwise the JSON as it stands there
     * @param isString whether it is a string
     */
    record Value(String text, boolean isString) {}

    /** The text is no JSON object. */
    static final class SyntaxException extends Exception {
        private static final long serialVersionUID = 1L;

        SyntaxException(String message) {
            super(message);
        }
    }

    private final String text;
    private int at;

    private JsonObject(String text) {
        this.text = text;
    }

    /** The fields in their order. */
    static Map<String, Value> parse(String text) throws SyntaxException {
        JsonObject parser = new JsonObject(text);
        parser.blanks();
        Map<String, Value> fields = new LinkedHashMap<>();
        parser.object(fields, 1);
        parser.blanks();
        if (parser.at < text.length()) {
            throw parser.wrong("the end");
        }
        return fields;
    }

    /** An object; {@code fields} is null when nobody wants them. */
    private void object(Map<String, Value> fields, int depth) throws SyntaxException {
        expect('{');
        blanks();
        if (tryTake('}')) {
            return;
        }
        do {
            blanks();
            int nameAt = at;
            String name = string();
            blanks();
            expect(':');
            blanks();
            int from = at;
            String string = value(depth);
            Value value = string == null ? new Value(text.substring(from, at), false) : new Value(string, true);
            if (fields != null && fields.put(name, value) != null) {
                at = nameAt;
                throw wrong("a name that was not there before");
            }
            blanks();
        } while (tryTake(','));
        expect('}');
    }

    private void array(int depth) throws SyntaxException {
        expect('[');
        blanks();
        if (tryTake(']')) {
            return;
        }
        do {
            blanks();
            value(depth);
            blanks();
        } while (tryTake(','));
        expect(']');
    }

    /** Any value; returns the text of a string, otherwise null. */
    private String value(int depth) throws SyntaxException {
        if (depth > DEPTH_MAX) {
            throw wrong("at most " + DEPTH_MAX + " levels");
        }
        switch (peek()) {
            case '"' -> {
                return string();
            }
            case '{' -> object(null, depth + 1);
            case '[' -> array(depth + 1);
            case 't' -> word("true");
            case 'f' -> word("false");
            case 'n' -> word("null");
            default -> number();
        }
        return null;
    }

    private void word(String word) throws SyntaxException {
        if (!text.startsWith(word, at)) {
            throw wrong("a value");
        }
        at += word.length();
    }

    private void number() throws SyntaxException {
        int from = at;
        tryTake('-');
        if (!tryTake('0')) {
            digits(from);
        }
        if (tryTake('.')) {
            digits(at);
        }
        if (tryTake('e') || tryTake('E')) {
            if (!tryTake('+')) {
                tryTake('-');
            }
            digits(at);
        }
    }

    private void digits(int from) throws SyntaxException {
        int first = at;
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
        if (at == first) {
            throw wrong(from == first ? "a value" : "a digit");
        }
    }

    private String string() throws SyntaxException {
        expect('"');
        StringBuilder result = new StringBuilder();
        while (!tryTake('"')) {
            char c = peek();
            if (at == text.length() || c < ' ') {
                throw wrong("a closing quote, or an escape");
            }
            at++;
            result.append(c == '\\' ? escape() : c);
        }
        for (int i = 0; i < result.length(); i++) {
            if (Character.isSurrogate(result.charAt(i))) {
                if (!Character.isSurrogatePair(result.charAt(i), i + 1 < result.length() ? result.charAt(i + 1) : 0)) {
                    throw wrong("no lone surrogate in the string before");
                }
                i++;
            }
        }
        return result.toString();
    }

    private char escape() throws SyntaxException {
        char c = peek();
        int kind = "\"\\/bfnrtu".indexOf(c);
        if (kind < 0) {
            throw wrong("an escape");
        }
        at++;
        return c == 'u' ? unicode() : "\"\\/\b\f\n\r\t".charAt(kind);
    }

    private char unicode() throws SyntaxException {
        int code = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(peek(), 16);
            if (digit < 0 || peek() > 'f') {
                throw wrong("a hexadecimal digit");
            }
            code = code * 16 + digit;
            at++;
        }
        return (char) code;
    }

    private void blanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    /** The next character, 0 at the end. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private boolean tryTake(char c) {
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(char c) throws SyntaxException {
        if (!tryTake(c)) {
            throw wrong("'" + c + "'");
        }
    }

    private SyntaxException wrong(String expected) {
        String found = at < text.length()
                ? "'" + ByteForm.TEXT.show(text.substring(at, at + 1).getBytes(java.nio.charset.StandardCharsets.UTF_8))
                        + "'"
                : "the end";
        return new SyntaxException("column " + (at + 1) + ": expected " + expected + ", found " + found);
    }
}
