package io.cleave.core.resource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.LincheckScale;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

final class SharedTest {
    /** What threads do to one resource. */
    public static final class Uses {
        private final AtomicInteger releases = new AtomicInteger();
        private final Shared<String> shared = new Shared<>("resource", releases::incrementAndGet);

        /** Takes a reference if there is one left. */
        @Operation
        public boolean tryAcquire() {
            return shared.tryAcquire();
        }

        /** Gives a reference back; false when that was one too many. */
        @Operation
        public boolean release() {
            try {
                shared.release();
                return true;
            } catch (IllegalStateException e) {
                return false;
            }
        }

        /** The number of references. */
        @Operation
        public int references() {
            return shared.references();
        }

        /** The action has run once if the count has been at zero, else never. */
        @Validate
        public void theActionRanOnceAtZero() {
            int expected = shared.references() <= 0 ? 1 : 0;
            if (releases.get() != expected) {
                throw new AssertionError("released " + releases + " times with " + shared.references() + " references");
            }
        }
    }

    /** The same on one thread. */
    public static final class Specification {
        private int references = 1;

        /** See {@link Uses}. */
        public boolean tryAcquire() {
            if (references <= 0) {
                return false;
            }
            references++;
            return true;
        }

        /** See {@link Uses}. */
        public boolean release() {
            references--;
            return references >= 0;
        }

        /** See {@link Uses}. */
        public int references() {
            return references;
        }
    }

    @Test
    void theLastReleaseRunsTheActionOnceAndNobodyRevivesIt() {
        AtomicInteger releases = new AtomicInteger();
        Shared<String> shared = new Shared<>("resource", releases::incrementAndGet);
        assertSame(shared, shared.acquire());
        assertTrue(shared.tryAcquire());
        assertEquals(3, shared.references());
        shared.release();
        shared.release();
        assertEquals(0, releases.get());
        shared.release();
        assertEquals(1, releases.get());
        assertFalse(shared.tryAcquire());
        assertThrows(IllegalStateException.class, shared::acquire);
        assertThrows(IllegalStateException.class, shared::release);
        assertEquals(1, releases.get());
        assertFalse(shared.tryAcquire(), "a release too many must not make room for an acquire");
    }

    @Test
    @DisabledIfSystemProperty(named = "sun.misc.unsafe.memory.access", matches = "deny")
    void acquireAndReleaseAreAtomicInEveryInterleaving() {
        new ModelCheckingOptions()
                .iterations(LincheckScale.iterations(40))
                .invocationsPerIteration(200)
                .threads(2)
                .actorsPerThread(2)
                .actorsBefore(0)
                .actorsAfter(1)
                .sequentialSpecification(Specification.class)
                .check(Uses.class);
    }

    @Test
    void acquireAndReleaseAreAtomicUnderStress() {
        new StressOptions()
                .iterations(LincheckScale.iterations(8))
                .invocationsPerIteration(400)
                .threads(2)
                .actorsPerThread(3)
                .sequentialSpecification(Specification.class)
                .check(Uses.class);
    }

    @Test
    void theActionRunsOnceHoweverManyThreadsRelease() throws Exception {
        int threads = 4;
        for (int round = 0; round < 500; round++) {
            AtomicInteger releases = new AtomicInteger();
            Shared<String> shared = new Shared<>("resource", releases::incrementAndGet);
            for (int i = 1; i < threads; i++) {
                shared.acquire();
            }
            CyclicBarrier start = new CyclicBarrier(threads);
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Thread[] releasers = new Thread[threads];
            for (int i = 0; i < threads; i++) {
                releasers[i] = new Thread(() -> {
                    try {
                        start.await();
                        if (shared.tryAcquire()) {
                            assertEquals(0, releases.get());
                            shared.release();
                        }
                        shared.release();
                    } catch (Throwable t) {
                        failure.set(t);
                    }
                });
                releasers[i].start();
            }
            for (Thread releaser : releasers) {
                releaser.join();
            }
            assertEquals(null, failure.get());
            assertEquals(1, releases.get());
        }
    }
}
