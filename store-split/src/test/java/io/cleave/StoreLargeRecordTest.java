package io.cleave;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a large process has written a small one replays, or says what heap it takes. */
final class StoreLargeRecordTest {
    private static String run(int heapMib, String what, Path directory) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + heapMib + "m",
                        "-XX:MaxDirectMemorySize=512m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LargeRecordChild.class.getName(),
                        what,
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        process.waitFor();
        return said;
    }

    @Test
    void aRecordIsReplayedWithLittleMoreHeapThanItTakesItselfOrTheHeapIsNamed(@TempDir Path parent)
            throws IOException, InterruptedException {
        Path directory = parent.resolve("store");
        assertEquals("", run(512, "write", directory));
        String refused = run(48, "open", directory);
        assertTrue(refused.startsWith("LimitReached: "), refused);
        assertTrue(refused.contains("log-00000001 at offset ") || refused.contains("log-0000000"), refused);
        assertTrue(refused.contains("expected a heap of 77 MiB or more"), refused);
        assertEquals("whole", run(128, "open", directory));
        assertEquals("whole", run(48, "open", directory), "in runs by now");
    }
}
