package io.cleave.tools;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Entries from columns, separated by tabs or, quoted as in RFC 4180, by commas. */
final class ColumnSource extends EntrySource {
    private static final int NOT_GIVEN = -1;

    private final Format format;
    private final char separator;
    /** Whether all rows must have the same number of columns. */
    private final boolean isRectangular;

    private final int keyColumn;
    private final int valueColumn;
    private long line;

    /** Columns that each row must have, and the line that says so; 0 when no row was read. */
    private int columnsExpected;

    private long expectedSince;

    /** Whether the lines read so far end inside a quoted column. */
    private boolean insideQuotes;

    /** Where the column behind the first starts in the line; its length when there is none. */
    private int restAt;

    private ColumnSource(Format format, LineReader lines, Fields fields) throws IOException {
        super(lines);
        this.format = format;
        this.separator = format == Format.CSV ? ',' : '\t';
        boolean named = !isNumber(fields.key()) || (fields.value() != null && !isNumber(fields.value()));
        List<String> header = named ? header() : List.of();
        // The rest of a line may hold further tabs.
        this.isRectangular = format == Format.CSV || fields.value() != null;
        this.keyColumn = position(fields.key(), header);
        this.valueColumn = fields.value() == null ? NOT_GIVEN : position(fields.value(), header);
    }

    /** Finds the columns; reads the header when one is named. */
    static ColumnSource begin(Format format, LineReader lines, Fields fields) throws IOException {
        return new ColumnSource(format, lines, fields);
    }

    @Override
    long line() {
        return line;
    }

    @Override
    Entry next() throws IOException, BadLineException {
        byte[] record = record();
        while (record != null && record.length == 0) {
            record = record();
        }
        if (record == null) {
            return null;
        }
        List<byte[]> columns = columns(record);
        byte[] key = column(columns, keyColumn, "key");
        byte[] value = valueColumn == NOT_GIVEN ? null : column(columns, valueColumn, "value");
        requireAsMany(columns.size());
        if (value != null) {
            return new Entry(key, value);
        }
        return new Entry(key, keyColumn == 0 ? Arrays.copyOfRange(record, restAt, record.length) : record);
    }

    private List<String> header() throws IOException {
        List<String> header = new ArrayList<>();
        try {
            byte[] first = record();
            for (byte[] name : first == null ? List.<byte[]>of() : columns(first)) {
                header.add(new String(name, StandardCharsets.UTF_8));
            }
        } catch (BadLineException e) {
            throw new CommandException("header: " + e.getMessage());
        }
        columnsExpected = header.size();
        expectedSince = line;
        return header;
    }

    /** A row that is too short or too long has lost its separators, or its quotes, somewhere: nobody knows which value is whose. */
    private void requireAsMany(int columns) throws BadLineException {
        if (!isRectangular) {
            return;
        }
        if (columnsExpected == 0) {
            columnsExpected = columns;
            expectedSince = line;
        }
        if (columns != columnsExpected) {
            throw new BadLineException(
                    line,
                    "expected " + Figures.plural(columnsExpected, "column") + " as in line " + expectedSince
                            + ", found " + columns);
        }
    }

    private static int position(String column, List<String> header) {
        if (isNumber(column)) {
            int number = Integer.parseInt(column);
            if (number < 1) {
                throw new UsageException("columns are numbered from 1 on");
            }
            return number - 1;
        }
        int position = header.indexOf(column);
        if (position < 0) {
            throw new CommandException("the header names no column \"" + column + "\""
                    + Resemblance.question(column, header) + ": expected one of " + Resemblance.few(header));
        }
        if (position != header.lastIndexOf(column)) {
            throw new CommandException("the header names column \"" + column + "\" twice, as columns " + (position + 1)
                    + " and " + (header.lastIndexOf(column) + 1) + ": expected the number of one of them");
        }
        return position;
    }

    private static boolean isNumber(String column) {
        return column.matches("[0-9]{1,6}");
    }

    private byte[] column(List<byte[]> columns, int position, String what) throws BadLineException {
        if (position >= columns.size()) {
            throw new BadLineException(
                    line, what + ": expected at least " + (position + 1) + " columns, found " + columns.size());
        }
        return columns.get(position);
    }

    /** A line; in CSV with those that follow it while a quote is open. */
    private byte[] record() throws IOException, BadLineException {
        byte[] first = lines().next();
        line = lines().line();
        insideQuotes = false;
        if (first == null || format == Format.TSV || !leavesQuoteOpen(first)) {
            return first;
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.write(first, 0, first.length);
        while (insideQuotes) {
            // Inside of quotes a line end is part of the column, and stays as it is.
            byte[] lineEnd = lines().lineEnd();
            byte[] more = lines().next();
            if (more == null) {
                throw new BadLineException(line, "a quote that is opened here is never closed");
            }
            if (whole.size() + (long) more.length > LineReader.LINE_BYTES_MAX) {
                throw new BadLineException(line, "longer than " + LineReader.LINE_BYTES_MAX + " bytes");
            }
            whole.write(lineEnd, 0, lineEnd.length);
            whole.write(more, 0, more.length);
            leavesQuoteOpen(more);
        }
        return whole.toByteArray();
    }

    /** Follows the quotes of one more line. A quote opens at the start of a column only; a doubled one does not close. */
    private boolean leavesQuoteOpen(byte[] text) {
        boolean atStart = !insideQuotes;
        for (int at = 0; at < text.length; at++) {
            if (insideQuotes && text[at] == '"') {
                boolean doubled = at + 1 < text.length && text[at + 1] == '"';
                insideQuotes = doubled;
                at += doubled ? 1 : 0;
            } else if (!insideQuotes) {
                insideQuotes = atStart && text[at] == '"';
                atStart = text[at] == separator;
            }
        }
        return insideQuotes;
    }

    private List<byte[]> columns(byte[] record) throws BadLineException {
        List<byte[]> columns = new ArrayList<>();
        int at = 0;
        while (at <= record.length) {
            ByteArrayOutputStream column = new ByteArrayOutputStream();
            boolean quoted = format == Format.CSV && at < record.length && record[at] == '"';
            int stop = quoted ? quoted(record, at, column) : plain(record, at, column);
            columns.add(column.toByteArray());
            at = stop + 1;
            if (columns.size() == 1) {
                restAt = Math.min(at, record.length);
            }
        }
        return columns;
    }

    /** Takes a column up to its separator or the end, whose place it returns. */
    private int plain(byte[] record, int from, ByteArrayOutputStream column) throws BadLineException {
        int at = from;
        while (at < record.length && record[at] != separator) {
            if (format == Format.CSV && record[at] == '"') {
                throw new BadLineException(
                        line, "column of byte " + (from + 1) + ": a quote inside an unquoted column");
            }
            column.write(record[at++]);
        }
        return at;
    }

    private int quoted(byte[] record, int from, ByteArrayOutputStream column) throws BadLineException {
        int at = from + 1;
        while (at < record.length) {
            if (record[at] != '"') {
                column.write(record[at++]);
            } else if (at + 1 < record.length && record[at + 1] == '"') {
                column.write('"');
                at += 2;
            } else if (at + 1 == record.length || record[at + 1] == separator) {
                return at + 1;
            } else {
                throw new BadLineException(line, "column of byte " + (from + 1) + ": text behind a closing quote");
            }
        }
        throw new BadLineException(line, "column of byte " + (from + 1) + ": a quote that is never closed");
    }
}
