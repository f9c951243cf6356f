package io.cleave.tools;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A standard output that remembers why it failed: a {@link java.io.PrintStream} tells only that it did. After the first
 * failure nothing more is written.
 *
 * <p>Belongs to one thread.
 */
final class StandardOutput extends OutputStream {
    private static final Path OWN = Path.of("/proc/self/fd/1");

    private final OutputStream target;
    private final boolean isPipe;
    private IOException failure;

    /** Writes to {@code target}; {@code isPipe} says that somebody reads at its other end, who may go. */
    StandardOutput(OutputStream target, boolean isPipe) {
        this.target = target;
        this.isPipe = isPipe;
    }

    /** That of this process over {@code target}. */
    static StandardOutput ofProcess(OutputStream target) {
        String name;
        try {
            name = Files.readSymbolicLink(OWN).toString();
        } catch (IOException | UnsupportedOperationException e) {
            // No such file system here: the text of the failure has to tell.
            name = "";
        }
        return new StandardOutput(target, name.startsWith("pipe:") || name.startsWith("socket:"));
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        requireWhole();
        try {
            target.write(bytes, from, length);
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }

    @Override
    public void flush() throws IOException {
        requireWhole();
        try {
            target.flush();
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }

    /** Why it has failed, null when it has not. */
    IOException failure() {
        return failure;
    }

    /** True when whoever read the output has gone, as {@code head} does once it has enough. */
    boolean hasNoReader() {
        boolean isSaid = failure != null
                && String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT).contains("broken pipe");
        return failure != null && (isPipe || isSaid);
    }

    private void requireWhole() throws IOException {
        if (failure != null) {
            throw new IOException("the output has failed before", failure);
        }
    }
}
