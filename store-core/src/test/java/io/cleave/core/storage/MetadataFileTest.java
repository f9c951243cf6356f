package io.cleave.core.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.error.StoreException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What becomes of a publication when descriptors run out in its middle. */
final class MetadataFileTest {
    private static final Path FILE = SimulatedStorage.DIRECTORY.resolve("file");
    private static final byte[] OLD = {1};
    private static final byte[] NEW = {2, 2};

    private final SimulatedStorage simulated = new SimulatedStorage(1);
    private final FaultingStorage faulting = new FaultingStorage(simulated);

    @Test
    void oneRefusalOfADescriptorLeavesTheOldVersionOrTheNewOneAndNoDoubt() {
        int refused = 0;
        int published = 0;
        for (int call = 0; call < 10; call++) {
            MetadataFile.publish(simulated, FILE, OLD);
            faulting.failAt(faulting.callCount() + call, Fault.TOO_MANY_FILES, false);
            try {
                MetadataFile.publish(faulting, FILE, NEW);
                published += faulting.fired() > 0 ? 1 : 0;
                assertArrayEquals(NEW, simulated.readAll(FILE, 10));
            } catch (StoreException.LimitReached e) {
                refused++;
                assertArrayEquals(OLD, simulated.readAll(FILE, 10));
            }
            faulting.disarm();
        }
        assertEquals(1, refused, "the temporary file");
        assertEquals(1, published, "the sync of the directory");
    }

    @Test
    void aDirectoryThatCanNotBeOpenedAfterTheRenameLeavesADoubt() {
        MetadataFile.publish(simulated, FILE, OLD);
        faulting.listCalls();
        MetadataFile.publish(faulting, FILE, NEW);
        int force = 0;
        while (!faulting.calls().get(force).startsWith("forceDirectory")) {
            force++;
        }
        MetadataFile.publish(simulated, FILE, OLD);
        faulting.failAt(faulting.callCount() + force, Fault.TOO_MANY_FILES, true);
        StoreException.Poisoned doubt =
                assertThrows(StoreException.Poisoned.class, () -> MetadataFile.publish(faulting, FILE, NEW));
        assertTrue(doubt.getMessage().contains("its durable version is unknown"), doubt::getMessage);
    }
}
