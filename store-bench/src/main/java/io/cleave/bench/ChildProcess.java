package io.cleave.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One child process from its start to its end: passes on what it reports, keeps the last lines it complained with. It dies
 * with this process, and its directory goes with it.
 *
 * <p>Belongs to one thread, used once.
 */
final class ChildProcess {
    /** What the process reports. */
    interface Listener {
        /** So much of a workload is done. */
        void progress(String workload, long done, long total);

        /** A workload is done. */
        void result(Measurement measurement);
    }

    private static final int LINES_KEPT = 20;
    private static final int END_SECONDS = 10;

    private final List<String> command;
    private final Path directory;
    private final Deque<String> complaints = new ArrayDeque<>();

    private volatile Process process;
    private volatile boolean parentEnds;

    ChildProcess(List<String> command, Path directory) {
        this.command = command;
        this.directory = directory;
    }

    /** Runs it to its end; returns its exit code. */
    int run(Listener listener) throws IOException {
        // Before the start: while this process ends, no child may begin.
        Thread atExit = new Thread(this::endWithParent, "end of child process");
        Runtime.getRuntime().addShutdownHook(atExit);
        try {
            Files.createDirectories(directory);
            Process started = new ProcessBuilder(command).start();
            process = started;
            started.getOutputStream().close();
            CompletableFuture<Void> errors = CompletableFuture.runAsync(
                    () -> started.errorReader(StandardCharsets.UTF_8).lines().forEach(this::complain),
                    task -> new Thread(task, "errors of child process").start());
            try (BufferedReader lines = started.inputReader(StandardCharsets.UTF_8)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    read(line, listener);
                }
            }
            errors.join();
            return started.onExit().join().exitValue();
        } finally {
            if (parentEnds) {
                // Its failure is none that anybody wants to hear of, and nothing comes after it.
                new CompletableFuture<Void>().join();
            }
            Runtime.getRuntime().removeShutdownHook(atExit);
            end();
        }
    }

    /** The last lines that were no report. */
    synchronized List<String> complaints() {
        return List.copyOf(complaints);
    }

    private void read(String line, Listener listener) {
        try {
            String[] words = line.split(" ", 2);
            if (words[0].equals("result") && words.length == 2) {
                listener.result(Measurement.parse(words[1]));
            } else if (words[0].equals("progress") && words.length == 2) {
                String[] progress = words[1].split(" ", -1);
                listener.progress(progress[0], Long.parseLong(progress[1]), Long.parseLong(progress[2]));
            } else {
                complain(line);
            }
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            complain("not understood: " + line);
        }
    }

    private synchronized void complain(String line) {
        if (complaints.size() == LINES_KEPT) {
            complaints.removeFirst();
        }
        complaints.addLast(line);
    }

    private void endWithParent() {
        parentEnds = true;
        end();
    }

    private void end() {
        Process ended = process;
        if (ended != null) {
            // A process that it started in order to kill it would go on writing.
            ended.descendants().forEach(ProcessHandle::destroyForcibly);
            ended.toHandle().destroyForcibly();
            ended.onExit()
                    .completeOnTimeout(ended, END_SECONDS, TimeUnit.SECONDS)
                    .join();
        }
        try {
            DataDirectory.delete(directory);
        } catch (UncheckedIOException e) {
            complain("could not delete " + directory + ": " + e.getMessage());
        }
    }
}
