package io.cleave.tools;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
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
 */
record Terminal(PrintStream out, PrintStream err, boolean isInteractive, boolean isScreen, boolean isUnicode) {
    private static final int BUFFER_BYTES = 64 << 10;

    /** That of this process. */
    static Terminal ofProcess() {
        PrintStream out = new PrintStream(
                new java.io.BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER_BYTES),
                false,
                StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        return new Terminal(
                out,
                err,
                Boolean.getBoolean("cleave.interactive"),
                Boolean.getBoolean("cleave.screen"),
                Boolean.getBoolean("cleave.unicode"));
    }
}
