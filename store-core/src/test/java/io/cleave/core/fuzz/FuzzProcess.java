package io.cleave.core.fuzz;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lets Jazzer drive a target in a process of its own for {@code -Dcleave.fuzz.seconds} seconds, 600 by default, from the inputs
 * that are kept and those that earlier runs have found below {@code target/fuzz}. With {@code -Dcleave.fuzz.keep=true} as many of
 * all of them are kept afterwards as reach what all reach. A finding is an {@link AssertionError} that says where the input is.
 */
public final class FuzzProcess {
    private static final String MAIN = "com.code_intelligence.jazzer.Jazzer";
    private static final int SECONDS_DEFAULT = 600;
    private static final int TIMEOUT_SECONDS = 120;

    /** Jazzer reads through the whole class path, for which its own heap must suffice: only what targets need. */
    private static final Pattern NEEDED = Pattern.compile(
            ".*(agrona|lz4-java|junit-jupiter-api|junit-platform-commons|opentest4j|apiguardian|picocli|jazzer|/store-).*");

    private static final Pattern EXECUTIONS = Pattern.compile("number_of_executed_units: (\\d+)");

    private FuzzProcess() {}

    /** True when Jazzer is on the class path, as it is with the Maven profile {@code fuzz}. */
    public static boolean isPossible() {
        return FuzzProcess.class.getClassLoader().getResource(MAIN.replace('.', '/') + ".class") != null;
    }

    /** Runs one target; prints how often it was executed. */
    public static void run(String name, Class<?> target) throws IOException, InterruptedException {
        int seconds = Integer.getInteger("cleave.fuzz.seconds", SECONDS_DEFAULT);
        Path directory = Files.createDirectories(Path.of("target", "fuzz", name).toAbsolutePath());
        Path found = Files.createDirectories(directory.resolve("inputs"));
        Path kept = directory.resolve("kept");
        FuzzCorpus.unpack(name, kept);
        String output = jazzer(
                name,
                directory,
                target,
                List.of("-max_total_time=" + seconds, "-print_final_stats=1", found.toString(), kept.toString()));
        Matcher executions = EXECUTIONS.matcher(output);
        System.out.printf(
                "fuzz target %s: seconds=%d executions=%s findings=0, see %s%n",
                name, seconds, executions.find() ? executions.group(1) : "none", directory);
        if (Boolean.getBoolean("cleave.fuzz.keep")) {
            Path merged = Files.createTempDirectory(directory, "merged");
            // By edges alone: how often each was passed would keep ten times as many.
            jazzer(
                    name,
                    directory,
                    target,
                    List.of("-merge=1", "-use_counters=0", merged.toString(), found.toString(), kept.toString()));
            FuzzCorpus.keep(name, merged);
        }
    }

    /** Runs Jazzer in a directory; returns what it said. */
    private static String jazzer(String name, Path directory, Class<?> target, List<String> arguments)
            throws IOException, InterruptedException {
        Path log = directory.resolve("log.txt");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-ea",
                "-Xmx256m",
                "-cp",
                classPath(),
                MAIN,
                "--target_class=" + target.getName(),
                "--instrumentation_includes=io.cleave.**",
                "-timeout=" + TIMEOUT_SECONDS,
                "-max_len=256"));
        command.addAll(arguments);
        int code = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
        String output = Files.readString(log, StandardCharsets.UTF_8);
        if (code != 0) {
            throw new AssertionError(name + ": Jazzer ended with " + code + "; the input lies in " + directory + "\n"
                    + output.substring(Math.max(0, output.length() - 4_000)));
        }
        return output;
    }

    private static String classPath() {
        List<String> needed = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            String absolute = Path.of(entry).toAbsolutePath().toString();
            if (NEEDED.matcher(absolute).matches()) {
                needed.add(absolute);
            }
        }
        return String.join(File.pathSeparator, needed);
    }
}
