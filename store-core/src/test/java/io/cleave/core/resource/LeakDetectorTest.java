package io.cleave.core.resource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Forgotten handles are found once each, on one thread that comes and goes with its users. */
@Timeout(600)
final class LeakDetectorTest {
    @RegisterExtension
    static final QuietEpoch QUIET = new QuietEpoch();

    private final AtomicInteger cleaned = new AtomicInteger();

    /** A handle that can be reached as long as the test runs. */
    private Object kept;

    /** Counts its clean-ups; some then throw. */
    private static final class Counted extends TrackedHandle {
        private final AtomicInteger cleaned;
        private final Throwable failure;

        Counted(Object handle, AtomicInteger cleaned, Throwable failure) {
            super(handle);
            this.cleaned = cleaned;
            this.failure = failure;
        }

        @Override
        protected void onForgotten() {
            assertEquals(LeakDetector.THREAD_NAME, Thread.currentThread().getName());
            cleaned.incrementAndGet();
            if (failure instanceof Error error) {
                throw error;
            }
            if (failure != null) {
                throw (RuntimeException) failure;
            }
        }
    }

    @BeforeEach
    void begin() {
        LeakDetector.begin();
    }

    @AfterEach
    void end() {
        LeakDetector.end();
        assertFalse(isRunning(), "the thread outlives its last user");
        assertEquals(List.of(), LeakDetector.tracked());
    }

    private static boolean isRunning() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals(LeakDetector.THREAD_NAME));
    }

    private TrackedHandle track(Object handle, Throwable failure) {
        TrackedHandle state = new Counted(handle, cleaned, failure);
        LeakDetector.track(state);
        return state;
    }

    private void forget(int count, Throwable failure) {
        for (int i = 0; i < count; i++) {
            track(new Object(), failure);
        }
    }

    @Test
    void forgottenHandlesAreCleanedUpOnceEach() {
        forget(1_000, null);
        CollectedGarbage.until(() -> cleaned.get() >= 1_000, "1,000 clean-ups");
        forget(1, null);
        CollectedGarbage.until(() -> cleaned.get() >= 1_001, "the last clean-up");
        assertEquals(1_001, cleaned.get());
    }

    @Test
    void whatIsReachableOrUntrackedIsLeftAlone() {
        kept = new Object();
        TrackedHandle ofKept = track(kept, null);
        List<TrackedHandle> closed = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            closed.add(track(new Object(), null));
        }
        closed.forEach(state -> assertTrue(LeakDetector.untrack(state)));
        closed.forEach(state -> assertFalse(LeakDetector.untrack(state), "untracked twice"));
        forget(1, null);
        CollectedGarbage.until(() -> cleaned.get() > 0 && LeakDetector.tracked().size() == 1, "the forgotten one");
        assertEquals(1, cleaned.get());
        assertEquals(List.of(ofKept), LeakDetector.tracked());
        assertTrue(LeakDetector.untrack(ofKept));
    }

    /** The end does not wait for a thread that still has a handle to look after, and an interrupt meets it in that wait. */
    @Test
    void anInterruptIsKeptWhenTheThreadIsStillNeeded() {
        kept = new Object();
        TrackedHandle ofKept = track(kept, null);
        Thread.currentThread().interrupt();
        LeakDetector.end();
        assertTrue(Thread.interrupted());
        LeakDetector.begin();
        assertTrue(LeakDetector.untrack(ofKept));
    }

    @Test
    void aCleanUpThatFailsIsCountedAndDoesNotStopOthers() {
        long before = LeakDetector.failures();
        forget(100, new IllegalStateException("on purpose"));
        forget(100, new AssertionError("on purpose"));
        forget(100, null);
        CollectedGarbage.until(() -> cleaned.get() >= 300, "300 clean-ups");
        forget(1, null);
        CollectedGarbage.until(() -> cleaned.get() >= 301, "a clean-up after the failures");
        assertEquals(200, LeakDetector.failures() - before);
    }

    @Test
    void theThreadStaysForTheSecondUserAndForWhatIsTracked() {
        LeakDetector.begin();
        LeakDetector.end();
        assertTrue(isRunning(), "ended under its user");
        kept = new Object();
        TrackedHandle state = track(kept, null);
        LeakDetector.end();
        assertTrue(isRunning(), "ended before what is tracked");
        forget(1, null);
        CollectedGarbage.until(() -> cleaned.get() == 1, "a clean-up without users");
        LeakDetector.untrack(state);
        LeakDetector.begin();
    }

    @Test
    void handlesOfManyThreadsAreFound() throws InterruptedException {
        int threads = 8;
        List<Thread> started = new ArrayList<>();
        CountDownLatch ready = new CountDownLatch(threads);
        for (int t = 0; t < threads; t++) {
            Thread thread = new Thread(() -> {
                ready.countDown();
                for (int i = 0; i < 2_000; i++) {
                    Object handle = new Object();
                    try {
                        TrackedHandle state = track(handle, null);
                        if (i % 2 == 0) {
                            LeakDetector.untrack(state);
                        }
                    } finally {
                        Reference.reachabilityFence(handle);
                    }
                }
            });
            thread.start();
            started.add(thread);
        }
        ready.await();
        for (Thread thread : started) {
            thread.join();
        }
        CollectedGarbage.until(() -> cleaned.get() >= 1_000 * threads, "all that were forgotten");
        assertEquals(1_000 * threads, cleaned.get());
    }
}
