package io.cleave.core.resource;

import io.cleave.core.storage.LincheckScale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/**
 * Whoever reads inside an epoch never meets a resource that was released. Under stress only: the model checker of Lincheck 3.7
 * follows the static fields of {@code Epoch} to every thread, and gives up where the JDK lets nobody look.
 */
final class EpochLincheckTest {
    private static final int RELEASED = -1;
    private static final int DRAIN_ROUNDS = 1_000_000;

    /** A value that is gone once it was released, as unmapped memory is. */
    private static final class Resource {
        private volatile int value;

        Resource(int value) {
            this.value = value;
        }
    }

    /** One reference that readers follow and writers replace. */
    @Param(name = "value", gen = IntGen.class, conf = "0:9")
    public static final class Uses {
        private final AtomicReference<Resource> current = new AtomicReference<>(new Resource(0));
        private final AtomicInteger retired = new AtomicInteger();
        private final AtomicInteger released = new AtomicInteger();

        /** Follows the reference and reads what it leads to. */
        @Operation
        public int read() {
            Epoch.Slot slot = Epoch.enter();
            try {
                return current.get().value;
            } finally {
                slot.exit();
            }
        }

        /** The same, with a read inside the read: entries nest. */
        @Operation
        public int readNested() {
            Epoch.Slot slot = Epoch.enter();
            try {
                Resource found = current.get();
                Epoch.enter().exit();
                return found.value;
            } finally {
                slot.exit();
            }
        }

        /** Replaces the resource and has the old one released. */
        @Operation
        public int replace(@Param(name = "value") int value) {
            Resource old = current.getAndSet(new Resource(value));
            int before = old.value;
            retired.incrementAndGet();
            Epoch.retire(() -> {
                old.value = RELEASED;
                released.incrementAndGet();
            });
            return before;
        }

        /** Nothing is retained once nobody reads, nothing released twice, nothing that is reachable. */
        @Validate
        public void everythingRetiredIsReleasedOnce() {
            for (int i = 0; i < DRAIN_ROUNDS && released.get() < retired.get(); i++) {
                Epoch.reclaim();
            }
            if (released.get() != retired.get() || current.get().value == RELEASED) {
                throw new AssertionError(retired + " retired, " + released + " released, now " + current.get().value);
            }
        }
    }

    /** The same on one thread. */
    public static final class Specification {
        private int value;

        /** See {@link Uses}. */
        public int read() {
            return value;
        }

        /** See {@link Uses}. */
        public int readNested() {
            return value;
        }

        /** See {@link Uses}. */
        public int replace(int next) {
            int before = value;
            value = next;
            return before;
        }
    }

    @Test
    void noReaderMeetsAReleasedResourceUnderStress() {
        new StressOptions()
                .iterations(LincheckScale.iterations(10))
                .invocationsPerIteration(1_000)
                .threads(3)
                .actorsPerThread(3)
                .minimizeFailedScenario(false)
                .sequentialSpecification(Specification.class)
                .check(Uses.class);
    }
}
