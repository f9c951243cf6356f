package io.cleave.tools;

import java.io.IOException;

/** Reads the entries of a text file one after the other. Belongs to one thread; whoever made it closes its input. */
abstract class EntrySource {
    /** What a file may be. */
    enum Format {
        /** Columns separated by tabs. */
        TSV,
        /** Columns separated by commas, quoted as RFC 4180 has it. */
        CSV,
        /** One JSON object a line. */
        JSONL
    }

    /**
     * What of a line is the key and what the value.
     *
     * @param key a column by number from 1 on, a column by the name in the header, or a field
     * @param value the same; null for all of the line behind the key, or all of it
     */
    record Fields(String key, String value) {}

    /**
     * One entry.
     *
     * @param key the key
     * @param value the value
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared; keys are arrays everywhere
    record Entry(byte[] key, byte[] value) {}

    private final LineReader lines;

    EntrySource(LineReader lines) {
        this.lines = lines;
    }

    /**
     * The source for a format. Looks at the beginning of the input, and at the header if there is one.
     *
     * @throws CommandException when the input is of another form, or its header does not name what is asked for
     */
    static EntrySource of(Format format, LineReader lines, Fields fields) throws IOException {
        lines.requireForm(format == Format.CSV);
        return format == Format.JSONL ? new JsonSource(lines, fields) : ColumnSource.begin(format, lines, fields);
    }

    /**
     * The next entry, null at the end.
     *
     * @throws BadLineException when a line is none; the next call goes on behind it
     */
    abstract Entry next() throws IOException, BadLineException;

    /** Number of the first line of the last entry. */
    abstract long line();

    final LineReader lines() {
        return lines;
    }
}
