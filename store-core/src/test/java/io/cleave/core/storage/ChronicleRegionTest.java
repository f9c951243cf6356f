package io.cleave.core.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.error.StoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The mapper for files beyond 2 GiB. It needs JVM flags, so most of it runs in a JVM of its own. */
final class ChronicleRegionTest {
    @TempDir
    Path directory;

    @Test
    void readsBothEndsOfAFileBeyondTwoGibibytesAndUnmapsIt() throws IOException, InterruptedException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                ChronicleProbe.class.getName(),
                directory.resolve("sparse").toString());
        Process probe = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, probe.waitFor(), output);
        assertTrue(output.contains(ChronicleProbe.PASSED), output);
    }

    @Test
    void namesTheFlagThatIsMissing() {
        StoreException.LimitReached refused = assertThrows(
                StoreException.LimitReached.class, () -> RealStorage.open(Mapper.CHRONICLE, StorageLimits.defaults()));
        assertTrue(refused.getMessage().contains("--add-opens java.base/sun.nio.ch=ALL-UNNAMED"), refused.getMessage());
    }
}
