package io.cleave.core.registry;

import io.cleave.core.storage.LincheckScale;
import io.cleave.core.storage.SimulatedStorage;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** Acquiring, evicting and deleting at once is the same as one after the other. BUSY means: ask again. */
@SuppressWarnings("ThreadPriorityCheck") // yields between tries only to finish sooner
final class SegmentCacheLincheckTest {
    /** So often nothing stays busy: whoever says so is stuck. */
    private static final int TRIES_MAX = 100_000;

    /** Two segments on disk, room for one. */
    public static final class Uses {
        private final RegistryFixture fixture = new RegistryFixture(new SimulatedStorage(1), 1);

        public Uses() {
            fixture.createOnDisk(2);
        }

        private SegmentRegistryStatus get(long id) {
            for (int tries = 0; tries < TRIES_MAX; tries++) {
                try (SegmentRegistryAccess access = fixture.registry.getSegment(id)) {
                    if (access.status() != SegmentRegistryStatus.BUSY) {
                        boolean wrong =
                                access.segment() != null && access.segment().id() != id;
                        return wrong ? SegmentRegistryStatus.ERROR : access.status();
                    }
                }
                Thread.yield();
            }
            return SegmentRegistryStatus.BUSY;
        }

        private SegmentRegistryStatus delete(long id) {
            for (int tries = 0; tries < TRIES_MAX; tries++) {
                try (SegmentRegistryAccess access = fixture.registry.deleteSegment(id)) {
                    if (access.status() != SegmentRegistryStatus.BUSY) {
                        return access.status();
                    }
                }
                Thread.yield();
            }
            return SegmentRegistryStatus.BUSY;
        }

        /** Loads the first segment or finds it, which may evict the other. */
        @Operation
        public SegmentRegistryStatus getOne() {
            return get(1);
        }

        /** The same for the second. */
        @Operation
        public SegmentRegistryStatus getTwo() {
            return get(2);
        }

        /** Deletes the first. */
        @Operation
        public SegmentRegistryStatus deleteOne() {
            return delete(1);
        }

        /** Evicted and deleted segments are closed, and the bound holds once nobody uses anything. */
        @Validate
        public void nothingIsLeftOverTheBound() {
            get(2);
            int cached = fixture.registry.cachedCount();
            List<Long> open =
                    fixture.registry.loadedSegments().stream().map(s -> s.id()).toList();
            if (cached > 2 || open.size() > cached) {
                throw new AssertionError(cached + " cached, open: " + open);
            }
        }
    }

    /** The same on one thread. */
    public static final class Specification {
        private final Set<Long> present = new HashSet<>(List.of(1L, 2L));

        private SegmentRegistryStatus status(boolean there) {
            return there ? SegmentRegistryStatus.OK : SegmentRegistryStatus.NOT_FOUND;
        }

        /** See {@link Uses}. */
        public SegmentRegistryStatus getOne() {
            return status(present.contains(1L));
        }

        /** See {@link Uses}. */
        public SegmentRegistryStatus getTwo() {
            return status(present.contains(2L));
        }

        /** See {@link Uses}. */
        public SegmentRegistryStatus deleteOne() {
            return status(present.remove(1L));
        }
    }

    @Test
    void acquireEvictAndDeleteAreAtomicUnderStress() {
        new StressOptions()
                .iterations(LincheckScale.iterations(8))
                .invocationsPerIteration(60)
                .threads(3)
                .actorsPerThread(2)
                .sequentialSpecification(Specification.class)
                .check(Uses.class);
    }
}
