package io.cleave.core.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A section of a page in docs/format, for tests that compare it with the code. */
public final class FormatDocument {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (\\d+) \\| (\\w+) \\| (\\w+) \\|");
    private static final Pattern BYTES = Pattern.compile("(?m)^([0-9a-f]{4})  ((?:[0-9a-f]{2} ?)+)$");

    private final String text;

    private FormatDocument(String text) {
        this.text = text;
    }

    /** The section under a heading of the second level. */
    public static FormatDocument section(String page, String heading) {
        String document = read(page);
        int from = document.indexOf("\n## " + heading + "\n");
        assertTrue(from >= 0, heading);
        int to = document.indexOf("\n## ", from + 1);
        return new FormatDocument(document.substring(from, to < 0 ? document.length() : to));
    }

    /** A whole page. */
    public static String read(String page) {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.exists(here.resolve("docs/format").resolve(page))) {
            here = here.getParent();
        }
        try {
            return Files.readString(here.resolve("docs/format").resolve(page));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The offsets of a table's fields, without a gap. A field of variable length ends it.
     *
     * @param column heading of the column with the names
     * @param length bytes of the fixed fields
     */
    public Map<String, Integer> table(String column, int length) {
        int head = text.indexOf("| offset | bytes | " + column + " | meaning |");
        assertTrue(head >= 0, "table of " + column);
        int end = text.indexOf("\n\n", head);
        Matcher row = ROW.matcher(text.substring(head, end < 0 ? text.length() : end));
        Map<String, Integer> offsets = new LinkedHashMap<>();
        int next = 0;
        boolean fixed = true;
        while (row.find()) {
            assertTrue(fixed, "a field after one of variable length");
            assertEquals(next, Integer.parseInt(row.group(1)), "gap or overlap before " + row.group(3));
            offsets.put(row.group(3), next);
            fixed = row.group(2).matches("\\d+");
            next += fixed ? Integer.parseInt(row.group(2)) : 0;
        }
        assertEquals(length, next, "length of the table of " + column);
        return offsets;
    }

    /** The bytes of the example, as hex, 16 to a line. */
    public String example() {
        StringBuilder lines = new StringBuilder();
        Matcher matcher = BYTES.matcher(text);
        while (matcher.find()) {
            lines.append(matcher.group(1))
                    .append("  ")
                    .append(matcher.group(2).strip())
                    .append('\n');
        }
        return lines.toString();
    }

    /** Bytes in the form of {@link #example}. */
    public static String dump(byte[] file) {
        StringBuilder lines = new StringBuilder();
        for (int at = 0; at < file.length; at += 16) {
            int to = Math.min(file.length, at + 16);
            lines.append(String.format("%04x  ", at))
                    .append(HexFormat.ofDelimiter(" ").formatHex(file, at, to))
                    .append('\n');
        }
        return lines.toString();
    }

    /** The text. */
    public String text() {
        return text;
    }
}
