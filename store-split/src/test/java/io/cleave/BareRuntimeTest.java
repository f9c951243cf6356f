package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A runtime that was trimmed to what a store needs: no flight recorder, among other things. */
@Timeout(600)
final class BareRuntimeTest {
    @TempDir
    Path directory;

    @Test
    void aStoreWorksWithoutTheFlightRecorder() throws IOException, InterruptedException {
        Process child = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--limit-modules",
                        "java.base,jdk.unsupported",
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BareRuntimeChild.class.getName(),
                        directory.resolve("store").toString()))
                .redirectErrorStream(true)
                .start();
        String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, child.waitFor(), output);
        assertEquals("flight recorder: false, flushes: 1, syncs: true", output.strip());
    }
}
