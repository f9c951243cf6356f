package io.cleave.house;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One Java source file, parsed just far enough for {@link TidyTest}: types, methods, and the code without its comments
 * and literals. It knows source that javac has accepted and palantir-java-format has laid out, nothing else.
 */
final class JavaSource {
    /** A method or constructor; {@code lines} counts from the line of its name to its closing brace, 1 without a body. */
    record Method(String name, int line, int lines, int parameters) {}

    private static final Pattern TYPE = Pattern.compile("\\b(?:class|interface|enum|record)\\s+(\\w+)");
    private static final Pattern ANNOTATION =
            Pattern.compile("@(?!interface\\b)[\\w.]+(?:\\s*\\((?:[^()]|\\([^()]*\\))*\\))?");
    private static final Pattern METHOD = Pattern.compile("(?:^|[\\s>\\]])(\\w+)\\s*\\(");

    private static final Pattern ENUM_CONSTANT =
            Pattern.compile("^[\\s,]*([A-Z]\\w*)\\s*(\\(.*\\))?\\s*$", Pattern.DOTALL);

    private final String name;
    private final String text;
    private final String code;

    /** {@code name} is what messages call the file. */
    JavaSource(String name, String text) {
        this.name = name;
        this.text = text;
        this.code = mask(text);
    }

    String name() {
        return name;
    }

    String text() {
        return text;
    }

    /** The text with every character of a comment, string, text block and character literal made blank. */
    String code() {
        return code;
    }

    /** The 1-based line of a character. */
    int line(int offset) {
        return 1
                + (int) text.substring(0, offset).chars().filter(c -> c == '\n').count();
    }

    String at(int offset) {
        return name + ":" + line(offset);
    }

    /** Where {@code pattern} stands in {@code where}, this file's text or code. */
    List<String> find(String where, Pattern pattern) {
        return pattern.matcher(where)
                .results()
                .map(match -> at(match.start()) + " " + match.group().strip())
                .toList();
    }

    /** The names of all types declared here, nested ones too, each as "file:line Name". */
    List<String> types() {
        return TYPE.matcher(code)
                .results()
                .map(match -> at(match.start()) + " " + match.group(1))
                .toList();
    }

    /** The Javadoc before the first type when that type is public; empty when it is public and has none. */
    Optional<String> publicTypeJavadoc() {
        Matcher type = TYPE.matcher(code);
        if (!type.find()) {
            return Optional.empty();
        }
        int begin = Math.max(code.lastIndexOf(';', type.start()), 0);
        if (!code.substring(begin, type.start()).matches("(?s).*\\bpublic\\b.*")) {
            return Optional.empty();
        }
        String before = text.substring(begin, type.start());
        int javadoc = before.lastIndexOf("/**");
        return Optional.of(javadoc < 0 ? "" : before.substring(javadoc));
    }

    /** All methods and constructors of all named types; those of anonymous classes count as part of their method. */
    List<Method> methods() {
        List<Method> methods = new ArrayList<>();
        Deque<String> types = new ArrayDeque<>();
        int headerStart = 0;
        int parentheses = 0;
        for (int at = 0; at < code.length(); at++) {
            char c = code.charAt(at);
            if (c == '(') {
                parentheses++;
            } else if (c == ')') {
                parentheses--;
            } else if (parentheses == 0 && c == '{') {
                Optional<String> type = typeOpenedBy(headerStart, at, types);
                if (type.isPresent()) {
                    types.push(type.get());
                } else {
                    int close = closing(at);
                    method(headerStart, at, close, types).ifPresent(methods::add);
                    at = close;
                }
                headerStart = at + 1;
            } else if (parentheses == 0 && (c == ';' || c == '}')) {
                if (c == '}' && !types.isEmpty()) {
                    types.pop();
                } else {
                    method(headerStart, at, at, types).ifPresent(methods::add);
                }
                headerStart = at + 1;
            }
        }
        return methods;
    }

    /** The type whose body opens at {@code open}: a declared one, or an enum constant's (named after the constant). */
    private Optional<String> typeOpenedBy(int headerStart, int open, Deque<String> types) {
        String header = header(headerStart, open);
        Matcher type = TYPE.matcher(header);
        if (header.indexOf('=') < 0 && type.find()) {
            return Optional.of(type.group(1));
        }
        Matcher constant = ENUM_CONSTANT.matcher(header);
        boolean isConstant = constant.find() && !constant.group(1).equals(types.peek());
        return isConstant ? Optional.of(constant.group(1)) : Optional.empty();
    }

    /** The method whose header ends at {@code end}, or nothing when it is a field, an initializer or a statement. */
    private Optional<Method> method(int headerStart, int end, int close, Deque<String> types) {
        String header = header(headerStart, end);
        Matcher name = METHOD.matcher(header);
        if (types.isEmpty() || !name.find()) {
            return Optional.empty();
        }
        int assignment = header.indexOf('=');
        boolean isField = assignment >= 0 && assignment < name.start(1);
        boolean isConstants =
                header.substring(0, name.start(1)).isBlank() && !name.group(1).equals(types.peek());
        if (isField || isConstants) {
            return Optional.empty();
        }
        int firstLine = line(headerStart + name.start(1));
        int parameters = parameters(header, name.end());
        return Optional.of(new Method(name.group(1), firstLine, line(close) - firstLine + 1, parameters));
    }

    /** The code of a header with its annotations made blank. */
    private String header(int start, int end) {
        return ANNOTATION
                .matcher(code.substring(start, end))
                .replaceAll(match -> " ".repeat(match.group().length()));
    }

    /** How many parameters stand between {@code start} and the parenthesis that closes them. */
    private static int parameters(String header, int start) {
        int depth = 0;
        int commas = 0;
        for (int at = start; at < header.length(); at++) {
            char c = header.charAt(at);
            if (c == ')' && depth == 0) {
                return header.substring(start, at).isBlank() ? 0 : commas + 1;
            }
            depth += c == '<' || c == '(' ? 1 : c == '>' || c == ')' ? -1 : 0;
            commas += c == ',' && depth == 0 ? 1 : 0;
        }
        throw new IllegalArgumentException("no closing parenthesis in " + header);
    }

    private int closing(int open) {
        int depth = 0;
        for (int at = open; at < code.length(); at++) {
            depth += code.charAt(at) == '{' ? 1 : code.charAt(at) == '}' ? -1 : 0;
            if (depth == 0) {
                return at;
            }
        }
        throw new IllegalArgumentException(at(open) + " has no closing brace");
    }

    private static String mask(String text) {
        StringBuilder masked = new StringBuilder(text);
        int at = 0;
        while (at < text.length()) {
            int end = endOfBlank(text, at);
            for (int i = at; i < end; i++) {
                if (text.charAt(i) != '\n') {
                    masked.setCharAt(i, ' ');
                }
            }
            at = Math.max(end, at + 1);
        }
        return masked.toString();
    }

    /** The end of the comment or literal that begins at {@code at}, or {@code at} when none does. */
    private static int endOfBlank(String text, int at) {
        if (text.startsWith("//", at)) {
            return after(text, "\n", at, 0);
        }
        if (text.startsWith("/*", at)) {
            return after(text, "*/", at + 2, 2);
        }
        if (text.startsWith("\"\"\"", at)) {
            return endOfLiteral(text, at + 3, "\"\"\"");
        }
        char c = text.charAt(at);
        return c == '"' || c == '\'' ? endOfLiteral(text, at + 1, String.valueOf(c)) : at;
    }

    private static int endOfLiteral(String text, int at, String quote) {
        while (at < text.length() && !text.startsWith(quote, at)) {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        return Math.min(at + quote.length(), text.length());
    }

    private static int after(String text, String mark, int from, int length) {
        int found = text.indexOf(mark, from);
        return found < 0 ? text.length() : found + length;
    }
}
