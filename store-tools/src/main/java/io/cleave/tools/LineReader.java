package io.cleave.tools;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * The lines of an input, as bytes. Lines end with LF or CRLF; a byte order mark of UTF-8 before the first is dropped. What
 * stands for a line end inside of quotes is told by {@link #lineEnd}. Belongs to one thread; whoever made it closes the input.
 */
final class LineReader {
    /** Longest line. */
    static final int LINE_BYTES_MAX = 128 << 20;

    private static final int BUFFER_BYTES = 256 << 10;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final InputStream input;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int at;
    private int end;
    private long bytes;
    private long line;
    private boolean endedWithReturn;

    LineReader(InputStream input) {
        this.input = input;
    }

    /** Number of the line that was read last, from 1 on. */
    long line() {
        return line;
    }

    /** What ended the line that was read last: LF, or CR and LF. */
    byte[] lineEnd() {
        return endedWithReturn ? new byte[] {'\r', '\n'} : new byte[] {'\n'};
    }

    /**
     * Looks at the beginning, before the first line is read.
     *
     * @throws CommandException when the input is a text of another form
     */
    void requireForm(boolean mayQuoteLineEnds) throws IOException {
        assert line == 0 : "line " + line + " is read";
        if (at < end || fill()) {
            String complaint = InputForm.complaint(buffer, end, mayQuoteLineEnds);
            if (!complaint.isEmpty()) {
                throw new CommandException(complaint);
            }
        }
    }

    /** Bytes taken so far, line ends included. */
    long bytes() {
        return bytes;
    }

    /** The next line without its end, null when there is none. */
    byte[] next() throws IOException, BadLineException {
        ByteArrayOutputStream gathered = null;
        line++;
        boolean tooLong = false;
        while (true) {
            if (at == end && !fill()) {
                return gathered == null ? null : finish(gathered.toByteArray());
            }
            int stop = at;
            while (stop < end && buffer[stop] != '\n') {
                stop++;
            }
            byte[] part = Arrays.copyOfRange(buffer, at, stop);
            boolean ended = stop < end;
            bytes += stop - at + (ended ? 1 : 0);
            at = ended ? stop + 1 : stop;
            if (ended && gathered == null) {
                return finish(part);
            }
            gathered = gathered == null ? new ByteArrayOutputStream() : gathered;
            tooLong |= (long) gathered.size() + part.length > LINE_BYTES_MAX;
            if (!tooLong) {
                gathered.write(part, 0, part.length);
            }
            if (ended && tooLong) {
                throw new BadLineException(line, "longer than " + LINE_BYTES_MAX + " bytes");
            }
            if (ended) {
                return finish(gathered.toByteArray());
            }
        }
    }

    private boolean fill() throws IOException {
        at = 0;
        end = Math.max(0, input.read(buffer));
        return end > 0;
    }

    private byte[] finish(byte[] whole) {
        int from = line == 1 && startsWithMark(whole) ? BYTE_ORDER_MARK.length : 0;
        endedWithReturn = whole.length > from && whole[whole.length - 1] == '\r';
        int to = endedWithReturn ? whole.length - 1 : whole.length;
        return from == 0 && to == whole.length ? whole : Arrays.copyOfRange(whole, from, to);
    }

    private static boolean startsWithMark(byte[] whole) {
        return whole.length >= BYTE_ORDER_MARK.length
                && Arrays.equals(Arrays.copyOf(whole, BYTE_ORDER_MARK.length), BYTE_ORDER_MARK);
    }
}
