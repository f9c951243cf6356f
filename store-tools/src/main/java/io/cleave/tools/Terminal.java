package io.cleave.tools;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Where a command writes. The launcher tells by system properties what only it can know of the terminal.
 *
 * @param out results, in UTF-8
 * @param err failures and progress
 * @param isInteractive whether {@code err} is a terminal, where progress may move
 * @param isScreen whether {@code out} is a terminal, where a table may be drawn over the last one
 * @param isUnicode whether the terminal shows more than ASCII
 * @param columns its width in signs
 */
record Terminal(
        PrintStream out, PrintStream err, boolean isInteractive, boolean isScreen, boolean isUnicode, int columns) {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final int COLUMNS_DEFAULT = 80;

    /** Of the usual width. */
    Terminal(PrintStream out, PrintStream err, boolean isInteractive, boolean isScreen, boolean isUnicode) {
        this(out, err, isInteractive, isScreen, isUnicode, COLUMNS_DEFAULT);
    }

    /** That of this process, with its standard output. */
    static Terminal ofProcess(OutputStream output) {
        PrintStream out =
                new PrintStream(new BufferedOutputStream(output, BUFFER_BYTES), false, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        return new Terminal(
                out,
                err,
                Boolean.getBoolean("cleave.interactive"),
                Boolean.getBoolean("cleave.screen"),
                Boolean.getBoolean("cleave.unicode"),
                Integer.getInteger("cleave.columns", COLUMNS_DEFAULT));
    }
}
