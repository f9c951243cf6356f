package io.cleave.tools;

import picocli.CommandLine.Option;

/** The option {@code --progress}. */
final class ProgressOption {
    @Option(
            names = "--progress",
            description = "Show progress as plain lines on standard error where that is no terminal.")
    private boolean wanted;

    boolean isWanted() {
        return wanted;
    }
}
