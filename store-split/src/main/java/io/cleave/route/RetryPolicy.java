package io.cleave.route;

import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How the index layer waits while a segment answers BUSY: exponential back-off with jitter up to a deadline. Immutable,
 * thread-safe.
 *
 * @param storage clock and randomness
 * @param deadlineMillis longest wait for one segment
 */
public record RetryPolicy(Storage storage, long deadlineMillis) {
    private static final long FIRST_WAIT_NANOS = TimeUnit.MICROSECONDS.toNanos(50);
    private static final long LONGEST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** Begins to wait for something. */
    public Attempt attempt(String what) {
        return new Attempt(this, what, storage.nanoTime());
    }

    /** One series of waits. Belongs to one thread. */
    public static final class Attempt {
        private final RetryPolicy policy;
        private final String what;
        private final long startNanos;
        private long waitNanos = FIRST_WAIT_NANOS;

        private Attempt(RetryPolicy policy, String what, long startNanos) {
            this.policy = policy;
            this.what = what;
            this.startNanos = startNanos;
        }

        /** Waits a little; false when the deadline has passed. */
        public boolean tryBackOff() {
            long waited = policy.storage.nanoTime() - startNanos;
            if (waited > TimeUnit.MILLISECONDS.toNanos(policy.deadlineMillis)) {
                return false;
            }
            long jitter = Math.floorMod(policy.storage.randomLong(), waitNanos);
            LockSupport.parkNanos(waitNanos / 2 + jitter / 2);
            waitNanos = Math.min(2 * waitNanos, LONGEST_WAIT_NANOS);
            return true;
        }

        /**
         * Waits a little.
         *
         * @throws StoreException.Busy when the deadline has passed
         */
        public void backOff() {
            if (!tryBackOff()) {
                throw new StoreException.Busy(what + " stayed busy for " + policy.deadlineMillis
                        + " ms: its handler is locked, or another process holds its directory");
            }
        }
    }
}
