package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cleave.core.storage.RealStorage;
import io.cleave.error.StoreException;
import io.cleave.repair.StoreRepair;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store on a file system that is mounted read-only. Needs the right to mount one; skipped with a message elsewhere. */
final class StoreReadOnlyMediaTest {
    private static final byte[] KEY = "key".getBytes(StandardCharsets.UTF_8);
    private static final StoreOptions OPTIONS =
            StoreOptions.builder().logFileBytes(64 << 10).build();

    @TempDir
    Path mount;

    @Test
    void aReadOnlyFileSystemIsNamedAndNothingIsLost() throws IOException, InterruptedException {
        boolean mounted = run("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", mount.toString());
        assumeTrue(mounted, "no right to mount a tmpfs here: read-only media are not tested");
        try {
            Path directory = mount.resolve("store");
            try (SegmentStore store = SegmentStore.open(directory, OPTIONS)) {
                store.index("a").put(KEY, KEY);
            }
            assertTrue(run("mount", "-o", "remount,ro", mount.toString()));
            StoreException.Io refused =
                    assertThrows(StoreException.Io.class, () -> SegmentStore.open(directory, OPTIONS));
            assertTrue(refused.getMessage().contains("read-only"), refused.getMessage());
            assertThrows(StoreException.Io.class, () -> SegmentStore.open(mount.resolve("new"), OPTIONS));
            StoreRepair repair = new StoreRepair(RealStorage.open(), directory, (done, total) -> {});
            assertTrue(repair.dryRun().nothingToDo(), "a dry run needs no right to write");
            assertTrue(run("mount", "-o", "remount,rw", mount.toString()));
            try (SegmentStore store = SegmentStore.open(directory, OPTIONS)) {
                assertArrayEquals(KEY, store.index("a").get(KEY));
                assertEquals(1, store.indexNames().size());
            }
        } finally {
            assertTrue(run("umount", mount.toString()));
        }
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor() == 0;
    }
}
