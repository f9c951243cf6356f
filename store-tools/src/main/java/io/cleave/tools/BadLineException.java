package io.cleave.tools;

/** A line of an input file is no entry. What is wrong is the message; the reader goes on behind it. */
final class BadLineException extends Exception {
    private static final long serialVersionUID = 1L;

    private final long line;

    /**
     * @param line its number, from 1 on
     * @param what what is wrong
     */
    BadLineException(long line, String what) {
        super("line " + line + ": " + what);
        this.line = line;
    }

    long line() {
        return line;
    }
}
