package io.cleave.bench;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Where the benchmark writes. The launcher tells by system properties what only it can know of the terminal.
 *
 * @param out tables, in UTF-8
 * @param err failures and progress
 * @param isInteractive whether {@code err} is a terminal, where progress may move
 */
record Console(PrintStream out, PrintStream err, boolean isInteractive) {
    /** That of this process. */
    static Console ofProcess() {
        return new Console(
                new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                Boolean.getBoolean("cleave.interactive"));
    }
}
