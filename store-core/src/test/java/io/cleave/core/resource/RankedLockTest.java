package io.cleave.core.resource;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class RankedLockTest {
    private static void takeBoth(RankedLock first, RankedLock second) {
        first.lock();
        try {
            second.lock();
            second.unlock();
        } finally {
            first.unlock();
        }
    }

    private static String onAnotherThread(Runnable body) throws InterruptedException {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            try {
                body.run();
            } catch (Throwable t) {
                thrown.set(t);
            }
        });
        thread.start();
        thread.join();
        return thrown.get() == null ? "fine" : thrown.get().toString();
    }

    @Test
    void everyPairOfRanksMayBeTakenInOrderAndNoneAgainstIt() {
        for (LockRank outer : LockRank.values()) {
            for (LockRank inner : LockRank.values()) {
                RankedLock first = new RankedLock(outer);
                RankedLock second = new RankedLock(inner);
                String pair = outer + " then " + inner;
                if (outer.compareTo(inner) < 0) {
                    assertDoesNotThrow(() -> takeBoth(first, second), pair);
                } else {
                    assertThrows(AssertionError.class, () -> takeBoth(first, second), pair);
                }
                assertFalse(first.isLocked() || second.isLocked(), pair);
            }
        }
    }

    @Test
    void locksOfOneRankAreTakenByRisingOrderNumber() {
        RankedLock low = new RankedLock(LockRank.HANDLER, 3);
        RankedLock high = new RankedLock(LockRank.HANDLER, 4);
        RankedLock equal = new RankedLock(LockRank.HANDLER, 4);
        assertDoesNotThrow(() -> takeBoth(low, high));
        assertThrows(AssertionError.class, () -> takeBoth(high, low));
        assertThrows(AssertionError.class, () -> takeBoth(high, equal));
        assertThrows(AssertionError.class, () -> takeBoth(high, high));
    }

    @Test
    void aLockIsCheckedAgainstEveryHeldOneAndNotOnlyTheLast() {
        RankedLock handler = new RankedLock(LockRank.HANDLER);
        RankedLock commit = new RankedLock(LockRank.COMMIT);
        RankedLock keyMap = new RankedLock(LockRank.KEY_MAP);
        commit.lock();
        assertTrue(handler.tryLock(), "who does not wait can't deadlock");
        assertThrows(AssertionError.class, keyMap::lock);
        handler.unlock();
        commit.unlock();
        assertDoesNotThrow(() -> takeBoth(handler, keyMap));
    }

    @Test
    void unlocksInAnyOrderAndForgetsWhatWasGivenBack() {
        RankedLock handler = new RankedLock(LockRank.HANDLER);
        RankedLock iterator = new RankedLock(LockRank.ITERATOR);
        handler.lock();
        iterator.lock();
        handler.unlock();
        assertThrows(AssertionError.class, handler::lock);
        iterator.unlock();
        assertDoesNotThrow(() -> takeBoth(handler, iterator));
    }

    @Test
    void tryLockRefusesInsteadOfWaiting() throws InterruptedException {
        RankedLock lock = new RankedLock(LockRank.HANDLER);
        assertTrue(lock.tryLock());
        assertTrue(lock.isHeld());
        assertFalse(lock.tryLock(), "not reentrant");
        assertEquals("fine", onAnotherThread(() -> {
            assertFalse(lock.tryLock());
            assertFalse(lock.isHeld());
            assertTrue(lock.isLocked());
        }));
        lock.unlock();
        assertFalse(lock.isLocked());
    }

    @Test
    void onlyTheHolderUnlocks() throws InterruptedException {
        RankedLock lock = new RankedLock(LockRank.CACHE);
        assertThrows(AssertionError.class, lock::unlock);
        lock.lock();
        assertTrue(onAnotherThread(lock::unlock).startsWith("java.lang.AssertionError"));
        assertTrue(lock.isHeld());
        lock.unlock();
    }

    @Test
    void theAssertionNamesBothLocks() {
        RankedLock commit = new RankedLock(LockRank.COMMIT);
        RankedLock handler = new RankedLock(LockRank.HANDLER, 12);
        AssertionError error = assertThrows(AssertionError.class, () -> takeBoth(commit, handler));
        assertTrue(
                error.getMessage().contains("HANDLER#12") && error.getMessage().contains("COMMIT#0"));
    }
}
