package io.cleave;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.WritableRegion;
import io.cleave.error.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stores into a mapped file whose device is gone. */
final class LostDeviceTest {
    /** Enough for compiled code, in which Java 17 raises such errors late. */
    private static final int ROUNDS = 20_000;

    private static final int ROUNDS_LOST = 300;

    private static final int SHIFTS = 1_000;
    private static final int BYTES = 16 << 10;

    private final Storage storage = RealStorage.open();

    @Test
    void aStoreThatIsLostFailsInTheCallThatMadeIt(@TempDir Path parent) throws IOException, InterruptedException {
        byte[] source = new byte[5_000];
        Arrays.fill(source, (byte) 7);
        try (CutFileSystem files = createOrSkip(parent);
                WritableRegion region = storage.createWritable(files.root().resolve("w"), BYTES)) {
            for (int i = 0; i < ROUNDS; i++) {
                region.put(i % SHIFTS, source, 0, source.length);
                region.putIntRelease(i % SHIFTS * (long) Integer.BYTES, i);
            }
            // From now on XFS is asked before a page is changed.
            region.force(0, BYTES);
            files.cut();
            Arrays.fill(source, (byte) 8);
            for (int i = 0; i < ROUNDS_LOST; i++) {
                int round = i;
                assertThrows(StoreException.Io.class, () -> region.put(round % SHIFTS, source, 0, source.length));
                assertThrows(
                        StoreException.Io.class,
                        () -> region.putIntRelease(round % SHIFTS * (long) Integer.BYTES, ROUNDS + round));
            }
        }
    }

    private static CutFileSystem createOrSkip(Path parent) throws IOException, InterruptedException {
        try {
            return CutFileSystem.create(CutFileSystem.Kind.XFS, parent);
        } catch (CutFileSystem.UnavailableException e) {
            assumeTrue(false, e.getMessage());
            throw e;
        }
    }
}
