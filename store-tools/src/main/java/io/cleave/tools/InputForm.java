package io.cleave.tools;

/**
 * What the first bytes of a text file tell of its form. {@link LineReader} reads UTF-8 lines that end with LF or CRLF; a file
 * of another form is refused as a whole, since line by line it would be taken for one long line or for bytes that nobody
 * meant.
 *
 * <p>Stateless, thread-safe.
 */
final class InputForm {
    private static final int PAIRS_MAX = 64;

    private InputForm() {}

    /** What is wrong with the form, empty when nothing is; looks at {@code length} bytes. */
    static String complaint(byte[] bytes, int length, boolean mayQuoteLineEnds) {
        if (isUtf16(bytes, length)) {
            return "UTF-16: expected UTF-8 (iconv -f UTF-16 -t UTF-8 makes it so)";
        }
        if (length >= 2 && bytes[0] == 0x1F && (bytes[1] & 0xFF) == 0x8B) {
            return "compressed by gzip: expected text (zcat FILE | cleave load STORE -)";
        }
        return endsLinesWithCarriageReturn(bytes, length, mayQuoteLineEnds)
                ? "lines end with CR alone: expected LF or CRLF (tr '\\r' '\\n' makes it so)"
                : "";
    }

    /** A byte order mark, or one byte of each pair that is 0 and the other one not. */
    private static boolean isUtf16(byte[] bytes, int length) {
        if (length >= 2 && ((bytes[0] & 0xFF) ^ (bytes[1] & 0xFF)) == (0xFE ^ 0xFF) && (bytes[0] & 0xFE) == 0xFE) {
            return true;
        }
        int pairs = Math.min(PAIRS_MAX, length / 2);
        int littleEndian = 0;
        int bigEndian = 0;
        for (int i = 0; i < pairs; i++) {
            boolean isFirstZero = bytes[2 * i] == 0;
            boolean isSecondZero = bytes[2 * i + 1] == 0;
            littleEndian += !isFirstZero && isSecondZero ? 1 : 0;
            bigEndian += isFirstZero && !isSecondZero ? 1 : 0;
        }
        return pairs >= 2 && (littleEndian == pairs || bigEndian == pairs);
    }

    /** A CR in front of something else than LF, outside of quotes, and no LF at all. */
    private static boolean endsLinesWithCarriageReturn(byte[] bytes, int length, boolean mayQuoteLineEnds) {
        boolean isQuoted = false;
        boolean isFound = false;
        for (int i = 0; i < length; i++) {
            if (bytes[i] == '\n') {
                return false;
            }
            isQuoted ^= mayQuoteLineEnds && bytes[i] == '"';
            isFound |= !isQuoted && bytes[i] == '\r' && i + 1 < length;
        }
        return isFound;
    }
}
