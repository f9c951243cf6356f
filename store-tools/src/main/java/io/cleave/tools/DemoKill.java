package io.cleave.tools;

import io.cleave.SegmentStore;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Lets a second process write, kills it with SIGKILL, opens what it left. Belongs to one thread, used once. */
final class DemoKill {
    /** A second process that has not got as far by then is killed all the same. */
    private static final int KILL_AFTER_SECONDS = 20;

    /** Exit code of a process that SIGKILL has ended. */
    private static final int KILLED = 128 + 9;

    private final Path directory;
    private final Path errors;
    private final long seed;

    DemoKill(Path directory, long seed) {
        this.directory = directory;
        this.errors = directory.resolveSibling(directory.getFileName() + ".err");
        this.seed = seed;
    }

    /**
     * What happened.
     *
     * @param outcome what was found
     * @param segments how many segments there were
     * @param openNanos how long opening took
     */
    record Result(AcknowledgedWrites.Outcome outcome, int segments, long openNanos) {}

    /** Kills the process once it has acknowledged so many writes, and checks its store. */
    Result run(long acknowledgedMin) throws IOException {
        long acknowledged = killAfter(acknowledgedMin);
        long start = System.nanoTime();
        try (SegmentStore store = SegmentStore.open(directory, AcknowledgedWrites.options())) {
            long openNanos = System.nanoTime() - start;
            AcknowledgedWrites.Outcome outcome = new AcknowledgedWrites(seed).check(store, acknowledged);
            int segments = 0;
            for (String name : store.indexNames()) {
                segments += store.index(name).stats().segments().size();
            }
            return new Result(outcome, segments, openNanos);
        }
    }

    /** Returns how many writes were acknowledged. */
    private long killAfter(long acknowledgedMin) throws IOException {
        Process process =
                new ProcessBuilder(command()).redirectError(errors.toFile()).start();
        CompletableFuture.delayedExecutor(KILL_AFTER_SECONDS, TimeUnit.SECONDS)
                .execute(process.toHandle()::destroyForcibly);
        long acknowledged = 0;
        try (DataInputStream pipe = new DataInputStream(new BufferedInputStream(process.getInputStream()))) {
            while (true) {
                long number = pipe.readLong();
                if (number != acknowledged) {
                    throw new IOException("the second process acknowledged " + number + " after " + acknowledged);
                }
                acknowledged++;
                if (acknowledged == acknowledgedMin) {
                    // What it has written into the pipe up to now counts as acknowledged, too: by its handle,
                    // because Process.destroyForcibly would close our end.
                    process.toHandle().destroyForcibly();
                }
            }
        } catch (EOFException e) {
            // It is dead.
            assert acknowledged >= 0;
        } finally {
            process.destroyForcibly();
        }
        int code = process.onExit().join().exitValue();
        if (code != KILLED) {
            throw new CommandException("the second process ended by itself with exit code " + code + " after "
                    + acknowledged + " writes: " + Files.readString(errors).strip());
        }
        Files.deleteIfExists(errors);
        return acknowledged;
    }

    /** The same Java, class path and flags as this process. */
    private List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current()
                .info()
                .command()
                .orElse(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--"))
                .forEach(command::add);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(Cleave.class.getName());
        command.add(DemoVictimCommand.NAME);
        command.add(directory.toString());
        command.add(Long.toString(seed));
        return command;
    }
}
