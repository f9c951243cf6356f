package io.cleave.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.SimulatedStorage;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/** Many callers share few forces, and a failed force is the last. */
final class GroupCommitTest {
    private static final int CALLERS = 8;

    /** A device whose first force waits until it is let go. */
    private static final class Device implements GroupCommit.Source {
        final AtomicLong newest = new AtomicLong();
        final List<Long> targets = new ArrayList<>();
        final CountDownLatch inside = new CountDownLatch(1);
        final CountDownLatch letGo = new CountDownLatch(1);
        RuntimeException failure;

        @Override
        public long newest() {
            return newest.get();
        }

        @Override
        public void force(long target) {
            targets.add(target);
            if (targets.size() == 1) {
                inside.countDown();
                await(letGo);
            }
            if (failure != null) {
                throw failure;
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** One leader inside its force, and the other callers waiting for it. */
    private static List<Thread> gather(GroupCommit group, Device device, AtomicReference<Throwable> seen)
            throws InterruptedException {
        List<Thread> callers = new ArrayList<>();
        for (int i = 1; i <= CALLERS; i++) {
            long position = device.newest.addAndGet(10);
            boolean interrupted = i == CALLERS;
            Thread caller = new Thread(() -> {
                try {
                    if (interrupted) {
                        Thread.currentThread().interrupt();
                    }
                    group.sync(position);
                    assertTrue(group.synced() >= position);
                } catch (RuntimeException | Error e) {
                    seen.set(e);
                }
            });
            callers.add(caller);
            caller.start();
            if (i == 1) {
                device.inside.await();
            }
        }
        while (group.waiting() < CALLERS - 1) {
            Thread.onSpinWait();
        }
        return callers;
    }

    private static void finish(List<Thread> callers, Device device) throws InterruptedException {
        device.letGo.countDown();
        for (Thread caller : callers) {
            caller.join();
        }
    }

    @Test
    void followersShareOneForce() throws InterruptedException {
        Device device = new Device();
        GroupCommit group = new GroupCommit(Path.of("log"), device, 0);
        AtomicReference<Throwable> seen = new AtomicReference<>();
        List<Thread> callers = gather(group, device, seen);
        finish(callers, device);
        assertEquals(null, seen.get());
        assertEquals(List.of(10L, 10L * CALLERS), device.targets);
        assertEquals(10L * CALLERS, group.synced());
    }

    @Test
    void afterAFailedForceEveryCallerIsRefusedWithTheFirstCauseAndNothingIsForcedAgain() throws InterruptedException {
        Device device = new Device();
        device.failure = new IllegalStateException("injected");
        GroupCommit group = new GroupCommit(Path.of("log"), device, 0);
        AtomicReference<Throwable> seen = new AtomicReference<>();
        finish(gather(group, device, seen), device);
        assertEquals(1, device.targets.size());
        assertSame(device.failure, seen.get().getCause());
        StoreException.Poisoned later = assertThrows(StoreException.Poisoned.class, () -> group.sync(1));
        assertSame(device.failure, later.getCause());
        assertEquals(0, group.synced());
        assertEquals(1, device.targets.size());
    }

    @Test
    void threadsThatAppendAndSyncLoseNothing() throws InterruptedException {
        SimulatedStorage storage = new SimulatedStorage(1);
        AtomicReference<WriteAheadLog> log = new AtomicReference<>();
        AtomicInteger signals = new AtomicInteger();
        log.set(WriteAheadLog.open(
                storage,
                LogHistory.DIRECTORY,
                LogHistory.STORE,
                LogHistory.SMALL,
                record -> {},
                signals::incrementAndGet));
        ReentrantLock commit = new ReentrantLock();
        AtomicLong sequence = new AtomicLong();
        AtomicReference<Throwable> seen = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        int rounds = 300;
        for (int i = 0; i < 4; i++) {
            int kind = i;
            threads.add(new Thread(() -> {
                try {
                    for (int round = 0; round < rounds; round++) {
                        round(log.get(), commit, sequence, kind);
                    }
                } catch (RuntimeException | Error e) {
                    seen.set(e);
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(null, seen.get());
        assertTrue(signals.get() > 10);
        List<LogHistory.Entry> found = LogHistory.read(storage.crash(1));
        assertEquals(3L * rounds, found.get(found.size() - 1).firstSequence());
    }

    /** Three threads append and sync, the fourth maintains. */
    private static void round(WriteAheadLog log, ReentrantLock commit, AtomicLong sequence, int kind) {
        if (kind == 3) {
            log.prepareNext();
            log.release(log.syncedPosition() - 20_000);
            return;
        }
        long position;
        commit.lock();
        try {
            position = log.append(sequence.incrementAndGet(), 1, new byte[150], 150);
        } finally {
            commit.unlock();
        }
        log.sync(position);
        assertTrue(log.syncedPosition() >= position);
    }
}
