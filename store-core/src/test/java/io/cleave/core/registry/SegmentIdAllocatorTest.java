package io.cleave.core.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.segment.SegmentFixture;
import io.cleave.core.storage.Fault;
import io.cleave.core.storage.FaultingStorage;
import io.cleave.core.storage.LincheckScale;
import io.cleave.core.storage.MetadataFile;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.SimulatedCrash;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;

/** R1.7. */
final class SegmentIdAllocatorTest {
    private static final Path DIRECTORY = SimulatedStorage.DIRECTORY;
    private static final StoreIdentity STORE = SegmentFixture.STORE;

    private static SegmentIdAllocator open(Storage storage) {
        return new SegmentIdAllocator(storage, SegmentFixture.parts(storage), SegmentFixture.INDEX_ID, DIRECTORY);
    }

    private static void directory(Storage storage, long id) {
        storage.createDirectory(DIRECTORY.resolve(SegmentDirectory.name(id)));
    }

    @Test
    void beginsAtOneInAnEmptyDirectory() {
        SegmentIdAllocator allocator = open(new SimulatedStorage(1));
        for (long id = 1; id <= 40; id++) {
            assertEquals(id, allocator.next());
        }
    }

    @Test
    void goesOnAfterTheHighestDirectoryAndIgnoresOtherNames() {
        SimulatedStorage storage = new SimulatedStorage(1);
        directory(storage, 3);
        directory(storage, 12);
        for (String other :
                new String[] {"segment-13", "segment-000014", "segment-0000x", "log", "segment-00015.tmp"}) {
            storage.createDirectory(DIRECTORY.resolve(other));
        }
        assertEquals(13, open(storage).next());
    }

    @Test
    void widensBeyondFiveDigits() {
        SimulatedStorage storage = new SimulatedStorage(1);
        directory(storage, 99_999);
        assertEquals(100_000, open(storage).next());
        directory(storage, 100_000);
        assertEquals("segment-100000", SegmentDirectory.name(100_000));
        assertTrue(open(storage).next() > 100_000);
    }

    @Test
    void givesNoIdTwiceAfterTheHighestWasDeletedAndTheStoreReopened() {
        SimulatedStorage storage = new SimulatedStorage(1);
        SegmentIdAllocator allocator = open(storage);
        assertEquals(1, allocator.next());
        assertEquals(2, allocator.next());
        allocator.close();
        assertEquals(3, open(storage).next());
    }

    @Test
    void aCleanCloseTakesBackWhatWasReserved() {
        SimulatedStorage storage = new SimulatedStorage(1);
        SegmentIdAllocator allocator = open(storage);
        allocator.next();
        assertEquals(SegmentIdAllocator.RESERVED_AT_ONCE, SegmentIdAllocator.readMark(storage, DIRECTORY, STORE));
        allocator.close();
        assertEquals(1, SegmentIdAllocator.readMark(storage, DIRECTORY, STORE));
        allocator.close();
        assertEquals(2, allocator.next(), "it still works, as a handler that is late would need");
    }

    @Test
    void theMarkIsDurableBeforeAnIdIsHandedOutWhereverItIsCut() {
        for (long operation = 1; operation < 40; operation++) {
            SimulatedStorage storage = new SimulatedStorage(operation);
            SimulatedStorage armed = operation % 2 == 0 ? storage.crashAt(operation) : storage.crashInside(operation);
            long handedOut = 0;
            try {
                SegmentIdAllocator allocator = open(armed);
                for (int i = 0; i < 40; i++) {
                    handedOut = allocator.next();
                }
                allocator.close();
            } catch (SimulatedCrash e) {
                assertTrue(armed.isDead());
            }
            for (long seed = 0; seed < 12; seed++) {
                long next = open(armed.crash(seed)).next();
                assertTrue(next > handedOut, "operation " + operation + ", seed " + seed + ": " + next + " again");
            }
            assertTrue(open(armed.kill()).next() > handedOut, "operation " + operation + ", killed");
        }
    }

    @Test
    void aFailedPublishHandsNothingOutAndTheNextCallTriesAgain() {
        for (Fault fault : Fault.values()) {
            for (long call = 1; call <= 12; call++) {
                SimulatedStorage disk = new SimulatedStorage(call);
                FaultingStorage storage = new FaultingStorage(disk);
                SegmentIdAllocator allocator = open(storage);
                storage.failAt(storage.callCount() + call, fault, false);
                Set<Long> ids = new HashSet<>();
                long last = 0;
                for (int i = 0; i < 36; i++) {
                    try {
                        last = allocator.next();
                        assertTrue(ids.add(last), fault + " at call " + call + ": " + last + " twice");
                    } catch (StoreException e) {
                        storage.disarm();
                    }
                }
                assertTrue(open(disk.crash(call)).next() > last, fault + " at call " + call);
            }
        }
    }

    @Test
    void aDamagedMarkIsRefused() {
        SimulatedStorage storage = new SimulatedStorage(1);
        Path file = DIRECTORY.resolve(SegmentIdAllocator.FILE_NAME);
        for (byte[] body : new byte[][] {new byte[7], new byte[9], {0, 0, 0, 0, 0, 0, 0, -1}}) {
            MetadataFile.publish(storage, file, MetadataFormat.encode(SegmentIdAllocator.MAGIC, STORE, body));
            assertThrows(StoreException.Corrupt.class, () -> open(storage));
        }
        MetadataFile.publish(
                storage,
                file,
                MetadataFormat.encode(SegmentIdAllocator.MAGIC, new StoreIdentity(STORE.high(), 5), new byte[8]));
        assertThrows(StoreException.Corrupt.class, () -> open(storage));
    }

    /** Callers at once. */
    public static final class Callers {
        private final SegmentIdAllocator allocator = open(new SimulatedStorage(1));

        /** One id. */
        @Operation
        public long next() {
            return allocator.next();
        }
    }

    /** The same on one thread. */
    public static final class Specification {
        private long last;

        /** See {@link Callers}. */
        public long next() {
            return ++last;
        }
    }

    @Test
    void concurrentCallersGetDistinctRisingIds() {
        new StressOptions()
                .iterations(LincheckScale.iterations(5))
                .invocationsPerIteration(200)
                .threads(3)
                .actorsPerThread(3)
                .sequentialSpecification(Specification.class)
                .check(Callers.class);
    }
}
