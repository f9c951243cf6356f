package io.cleave;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/** Temporary directories in memory where the machine has such a place: for tests whose subject is not the device. */
final class QuickTempDir implements TempDirFactory {
    private static final Path IN_MEMORY = Path.of("/dev/shm");

    @Override
    public Path createTempDirectory(AnnotatedElementContext elementContext, ExtensionContext extensionContext)
            throws IOException {
        String prefix = "cleave-test-";
        return Files.isWritable(IN_MEMORY)
                ? Files.createTempDirectory(IN_MEMORY, prefix)
                : Files.createTempDirectory(prefix);
    }
}
