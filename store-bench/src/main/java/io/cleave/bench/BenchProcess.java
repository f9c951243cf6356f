package io.cleave.bench;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The process that measures one engine on one shape: {@code progress} and {@code result} lines on standard output, what went
 * wrong on standard error, with exit code 1. Thread-safe: it has no state.
 */
public final class BenchProcess {
    private static final int FAILED = 1;

    private BenchProcess() {}

    /** Runs what {@link ProcessArguments} says; with {@link KilledStore#VICTIM_OPTION} first, the store that is killed. */
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        PrintStream errors = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        try {
            List<String> words = List.of(arguments);
            if (!words.isEmpty() && words.get(0).equals(KilledStore.VICTIM_OPTION)) {
                KilledStore.die(ProcessArguments.parse(words.subList(1, words.size())));
            } else {
                ProcessArguments parsed = ProcessArguments.parse(words);
                EngineOpener opener = EngineOpener.of(parsed.engine(), parsed.corpus(), parsed.memoryMib());
                new BenchRunner(parsed, opener, out).run();
            }
        } catch (Throwable e) {
            // Missing libraries and module flags come as errors, and there is nobody above to tell.
            errors.println("bench: " + (e instanceof IllegalArgumentException ? e.getMessage() : described(e)));
            System.exit(FAILED);
        }
    }

    private static String described(Throwable failure) {
        StringBuilder text = new StringBuilder(failure.toString());
        StackTraceElement[] trace = failure.getStackTrace();
        if (trace.length > 0) {
            text.append(" at ").append(trace[0]);
        }
        if (failure.getCause() != null && failure.getCause() != failure) {
            text.append(", caused by ").append(described(failure.getCause()));
        }
        return text.toString();
    }
}
