package io.cleave.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.SimulatedStorage;
import io.cleave.error.StoreException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** R1.8. */
final class RetryPolicyTest {
    private final SimulatedStorage storage = new SimulatedStorage(1);

    @Test
    void triesUntilTheDeadlineOfItsOwnClockHasPassed() {
        RetryPolicy.Attempt attempt = new RetryPolicy(storage, 100).attempt("segment-00007");
        assertTrue(attempt.tryBackOff());
        storage.advance(TimeUnit.MILLISECONDS.toNanos(90));
        assertTrue(attempt.tryBackOff());
        storage.advance(TimeUnit.MILLISECONDS.toNanos(10));
        assertFalse(attempt.tryBackOff());
        assertFalse(attempt.tryBackOff());
    }

    @Test
    void theErrorNamesWhatStayedBusyAndHowLong() {
        RetryPolicy.Attempt attempt = new RetryPolicy(storage, 100).attempt("segment-00007");
        attempt.backOff();
        storage.advance(TimeUnit.MILLISECONDS.toNanos(101));
        StoreException.Busy e = assertThrows(StoreException.Busy.class, attempt::backOff);
        assertTrue(e.getMessage().contains("segment-00007") && e.getMessage().contains("100 ms"), e.getMessage());
    }

    @Test
    void eachAttemptHasADeadlineOfItsOwn() {
        RetryPolicy policy = new RetryPolicy(storage, 100);
        RetryPolicy.Attempt first = policy.attempt("one");
        storage.advance(TimeUnit.MILLISECONDS.toNanos(101));
        RetryPolicy.Attempt second = policy.attempt("two");
        assertFalse(first.tryBackOff());
        assertTrue(second.tryBackOff());
    }

    @Test
    void anInterruptStaysPendingAndDoesNotEndTheWait() {
        Thread.currentThread().interrupt();
        RetryPolicy.Attempt attempt = new RetryPolicy(storage, 100).attempt("one");
        for (int i = 0; i < 3; i++) {
            attempt.backOff();
        }
        assertEquals(true, Thread.interrupted());
    }
}
