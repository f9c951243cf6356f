package io.cleave.core.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that leaves something open. As a JUnit extension ({@code @RegisterExtension final LeakCheck leaks = new
 * LeakCheck()}) it looks after each test; where JUnit is not in charge, {@link #check} does the same at once. Dead simulated
 * storages are left out: nobody can close what they had open.
 */
public final class LeakCheck implements AfterEachCallback {
    private final Set<Storage> storages = new LinkedHashSet<>();
    private final Set<Path> directories = new LinkedHashSet<>();

    /** Looks at the counters of a storage; the storage. */
    public <S extends Storage> S watch(S storage) {
        storages.add(storage);
        return storage;
    }

    /** Looks for descriptors and mappings of this process below a real directory; the directory. */
    public Path watch(Path directory) {
        directories.add(directory);
        return directory;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        // A failed test may leave what it wants: its own failure is the one to read.
        if (context.getExecutionException().isEmpty()) {
            check();
        }
    }

    /** Throws an {@link AssertionError} when something is open. */
    public void check() {
        for (Storage storage : storages) {
            if (!(storage instanceof SimulatedStorage simulated && simulated.isDead())) {
                StorageCounters counters = storage.counters();
                assertTrue(counters.nothingHeld(), () -> "left open: " + counters);
            }
        }
        for (Path directory : directories) {
            assertEquals(List.of(), openBelow(directory), "descriptors and mappings left below " + directory);
        }
    }

    /** Descriptors and mappings of this process that stand for something below a directory. */
    public static List<String> openBelow(Path directory) {
        List<String> found = new ArrayList<>();
        try {
            String prefix = directory.toRealPath() + "/";
            try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
                for (Path descriptor : descriptors) {
                    String target = targetOf(descriptor);
                    if (target.startsWith(prefix)) {
                        found.add("descriptor of " + target);
                    }
                }
            }
            for (String line : Files.readAllLines(Path.of("/proc/self/maps"), StandardCharsets.ISO_8859_1)) {
                if (line.contains(prefix)) {
                    found.add("mapping " + line);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private static String targetOf(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            // Closed since it was listed, such as that of the listing itself.
            return "";
        }
    }
}
