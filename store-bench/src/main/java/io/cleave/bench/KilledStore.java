package io.cleave.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A store whose process died while it wrote: both the process and its end. */
final class KilledStore {
    /** First argument of the process that dies. */
    static final String VICTIM_OPTION = "--victim";

    private static final int DEAD = 86;
    private static final long ENTRIES_MAX = 500_000;

    private KilledStore() {}

    /** How many entries are put before death. */
    static long entries(Corpus corpus) {
        return Math.max(1, Math.min(corpus.entries() / 10, ENTRIES_MAX));
    }

    /** Has a process of its own fill a store in a directory and die. */
    static void make(ProcessArguments arguments, Path directory) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            // Agents write files and open ports that are those of this process.
            if (!flag.startsWith("-javaagent") && !flag.startsWith("-agent")) {
                command.add(flag);
            }
        }
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), BenchProcess.class.getName(), VICTIM_OPTION));
        command.addAll(List.of("--engine", arguments.engine().label()));
        command.addAll(List.of("--shape", arguments.shape().label()));
        command.addAll(List.of("--entries", Long.toString(arguments.entries())));
        command.addAll(List.of("--memory-mib", Integer.toString(arguments.memoryMib())));
        command.addAll(List.of("--directory", directory.toString()));
        Process victim = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            int code = victim.waitFor();
            if (code != DEAD) {
                throw new IllegalStateException("expected the process to die with " + DEAD + ", it ended with " + code);
            }
        } finally {
            victim.destroyForcibly();
        }
    }

    /** What that process does: does not return unless it fails. */
    static void die(ProcessArguments arguments) throws Exception {
        Corpus corpus = arguments.corpus();
        long entries = entries(corpus);
        CountDownLatch filled = new CountDownLatch(1);
        Thread end = new Thread(() -> halt(filled), "bench-end");
        end.setDaemon(true);
        end.start();
        BenchEngine engine = EngineOpener.of(arguments.engine(), corpus, arguments.memoryMib())
                .open(arguments.directory());
        BenchSession session = engine.session();
        EntryStream stream = corpus.stream();
        for (long operation = 0; ; operation++) {
            long number = corpus.fillOrder().at(operation % entries);
            session.put(stream.key(number), stream.value(number, (int) (operation / entries)));
            if (operation == entries) {
                // Goes on writing until the other thread has ended it all.
                filled.countDown();
            }
        }
    }

    private static void halt(CountDownLatch filled) {
        try {
            filled.await();
            Runtime.getRuntime().halt(DEAD);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
