package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.RealStorage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Where descriptors, mappings, threads or memory run out a store says so in its own words, loses nothing, and goes on once there
 * is enough again; and what it takes it gives back.
 */
@Timeout(1_800)
@EnabledOnOs(OS.LINUX)
final class StoreResourceTest {
    private static final int FREE_MAX = (int) Campaign.standard(16, 60);
    private static final int THREADS_FREE_MAX = (int) Campaign.standard(3, 6);
    private static final int FILLS = (int) Campaign.count(50, 1_000);
    private static final int OPENS = (int) Campaign.count(500, 10_000);
    private static final int MAPPINGS_MAX = (int) Campaign.standard(25, 60);
    private static final int MEMORY_STEPS = (int) Campaign.standard(20, 200);

    @TempDir(factory = SharedMemoryDirectory.class)
    Path parent;

    @Test
    void tooFewDescriptorsAreALimitAndNothingIsLost() throws IOException, InterruptedException {
        for (int limit : new int[] {200, 300}) {
            run("ulimit -n " + limit, List.of("-Xmx128m"), "files", "files-" + limit, FREE_MAX);
        }
    }

    @Test
    void refusedThreadsAreALimitAndNothingIsLost() throws IOException, InterruptedException {
        List<String> flags = List.of(
                "-Xmx64m",
                "-Xss512m",
                "-XX:CompressedClassSpaceSize=32m",
                "-XX:ReservedCodeCacheSize=32m",
                "-Xlog:disable");
        run("ulimit -v 9000000; export MALLOC_ARENA_MAX=1", flags, "threads", "threads", THREADS_FREE_MAX);
    }

    /** From Java 22 on memtables are no direct memory. */
    @Test
    @EnabledForJreRange(max = JRE.JAVA_21)
    void tooLittleDirectMemoryIsALimitAndNothingIsLost() throws IOException, InterruptedException {
        run("true", List.of("-Xmx64m", "-XX:MaxDirectMemorySize=2m"), "direct", "direct", 0);
    }

    @Test
    void aStoreFarLargerThanTheHeapIsWrittenScannedAndRead() throws IOException, InterruptedException {
        boolean large = Campaign.standard(0, 1) == 1;
        run("true", List.of(large ? "-Xmx64m" : "-Xmx48m"), "heap", "heap", large ? 1_024 : 200);
    }

    @Test
    void whateverIsTakenComesBack() throws IOException, InterruptedException {
        run("true", List.of("-Xmx128m"), "cycles", "cycles", FILLS, OPENS);
    }

    @Test
    void tooFewMappingsAreALimitAndNothingIsLost() {
        LimitedUse use = new LimitedUse(parent.resolve("mappings"), LimitedUse.options());
        sweep(use, MAPPINGS_MAX, limit -> RealStorage.open(limit, 1L << 30));
        report("mappings", MAPPINGS_MAX, use);
    }

    @Test
    void tooLittleMemoryIsALimitAndNothingIsLost() {
        LimitedUse use = new LimitedUse(parent.resolve("memory"), LimitedUse.options());
        sweep(use, MEMORY_STEPS, limit -> RealStorage.open(10_000, (limit * 2L) << 10));
        report("memory", MEMORY_STEPS, use);
    }

    /** What a number of something allows. */
    private interface Limit {
        RealStorage storage(int limit);
    }

    private static void sweep(LimitedUse use, int limitMax, Limit limit) {
        try (QuietLog quiet = new QuietLog()) {
            assertTrue(quiet.isQuiet());
            for (int i = 1; i <= limitMax; i++) {
                RealStorage limited = limit.storage(i);
                use.underTheLimit(limited);
                LimitedUse.requireNothingHeld(limited);
                RealStorage plenty = RealStorage.open();
                use.afterwards(plenty);
                LimitedUse.requireNothingHeld(plenty);
            }
        }
    }

    private static void report(String what, long limits, LimitedUse use) {
        System.out.printf("%s: limits=%d steps=%d refused=%d%n", what, limits, use.steps(), use.refusals());
        assertTrue(use.refusals() > 0, "the limit was never felt");
    }

    /** Runs a child under what a shell sets; it must end well. */
    private void run(String shell, List<String> flags, String mode, String name, int... counts)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", shell + "; exec \"$@\"", "sh"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(List.of(
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-ea",
                "-cp",
                System.getProperty("java.class.path"),
                ResourceChild.class.getName(),
                mode,
                parent.resolve(name).toString()));
        for (int count : counts) {
            command.add(Integer.toString(count));
        }
        Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = child.waitFor();
        System.out.print(said);
        assertEquals(0, status, () -> mode + ", " + shell + ": " + said);
    }
}
