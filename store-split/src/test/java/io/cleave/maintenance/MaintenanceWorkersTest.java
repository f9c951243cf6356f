package io.cleave.maintenance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** In a thread of its own, because a lost task leaves its waiters where no interrupt reaches them. */
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("ThreadPriorityCheck") // yields only to make overlaps likely
final class MaintenanceWorkersTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final SimulatedStorage storage = leaks.watch(new SimulatedStorage(1));
    private final List<MaintenanceWorkers.Failure> told = Collections.synchronizedList(new ArrayList<>());

    private WorkerPool pool = new WorkerPool(storage, 0, "test");

    @AfterEach
    void endThreads() {
        pool.close();
    }

    private MaintenanceWorkers workers(int threads) {
        return workers(threads, (key, cause) -> told.add(new MaintenanceWorkers.Failure(key, cause)));
    }

    private MaintenanceWorkers workers(int threads, BiConsumer<TaskKey, Throwable> listener) {
        pool.close();
        pool = new WorkerPool(storage, threads, "test");
        return new MaintenanceWorkers(storage, pool, listener);
    }

    private static TaskKey flush(long segment) {
        return new TaskKey(TaskKind.FLUSH, 1, segment);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static CompletableFuture<Throwable> future(TaskHandle task) {
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        task.onEnd(end::complete);
        return end;
    }

    private static int recurse(int depth) {
        return depth < 0 ? depth : recurse(depth + 1) + 1;
    }

    @Test
    void whateverATaskThrowsStopsNoOther() {
        try (MaintenanceWorkers workers = workers(2)) {
            List<Throwable> thrown = List.of(
                    new IllegalStateException("wanted"),
                    new StackOverflowError("wanted"),
                    new OutOfMemoryError("wanted"),
                    new AssertionError("wanted"),
                    new Throwable("wanted"));
            List<TaskHandle> tasks = new ArrayList<>();
            for (int i = 0; i < thrown.size(); i++) {
                Throwable cause = thrown.get(i);
                tasks.add(workers.submit(flush(i + 1), () -> MaintenanceWorkersTest.<RuntimeException>sneak(cause)));
            }
            tasks.add(workers.submit(flush(99), () -> recurse(0)));
            for (int i = 0; i < thrown.size(); i++) {
                CompletionException e = assertThrows(CompletionException.class, tasks.get(i)::join);
                assertSame(thrown.get(i), e.getCause());
            }
            assertThrows(CompletionException.class, tasks.get(thrown.size())::join);
            workers.awaitIdle();
            assertEquals(6, workers.failureCount());
            assertEquals(6, told.size());
            for (int i = 0; i < 20; i++) {
                workers.await(workers.submit(flush(i + 1), () -> {}));
            }
            assertEquals(20, workers.finishedCount(TaskKind.FLUSH));
        }
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void sneak(Throwable cause) throws E {
        throw (E) cause;
    }

    @Test
    void aListenerThatThrowsStopsNobody() {
        try (MaintenanceWorkers workers = workers(1, (key, cause) -> {
            throw new IllegalStateException("listener");
        })) {
            IllegalStateException wanted = new IllegalStateException("wanted");
            TaskHandle task = workers.submit(flush(1), () -> {
                throw wanted;
            });
            assertThrows(CompletionException.class, task::join);
            assertEquals("listener", wanted.getSuppressed()[0].getMessage());
            workers.await(workers.submit(flush(1), () -> {}));
        }
    }

    @Test
    void theFailureIsKeptAndReachesWhoeverWaits() {
        try (MaintenanceWorkers workers = workers(1)) {
            StoreException cause = new StoreException.NotFound("wanted");
            TaskHandle task = workers.submit(flush(1), () -> {
                throw cause;
            });
            assertSame(cause, assertThrows(StoreException.class, () -> workers.await(task)));
            assertEquals(new MaintenanceWorkers.Failure(flush(1), cause), workers.lastFailure());
            StackOverflowError error = new StackOverflowError("wanted");
            TaskHandle failed = workers.submit(flush(2), () -> {
                throw error;
            });
            StoreException e = assertThrows(StoreException.TaskFailed.class, () -> workers.await(failed));
            assertSame(error, e.getCause());
        }
    }

    @Test
    void theSameKeyIsQueuedOnceAndQueuedAgainOnceItRuns() {
        AtomicInteger runs = new AtomicInteger();
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (MaintenanceWorkers workers = workers(1)) {
            TaskHandle first = workers.submit(flush(1), () -> {
                running.countDown();
                await(goOn);
                runs.incrementAndGet();
            });
            await(running);
            TaskHandle second = workers.submit(flush(1), runs::incrementAndGet);
            assertNotSame(first, second, "what runs may have looked already");
            assertSame(second, workers.submit(flush(1), runs::incrementAndGet));
            assertNotSame(second, workers.submit(new TaskKey(TaskKind.COMPACT, 1, 1), runs::incrementAndGet));
            assertEquals(2, workers.queuedCount());
            goOn.countDown();
            workers.awaitIdle();
            assertEquals(3, runs.get());
            assertEquals(0, workers.queuedCount());
        }
    }

    @Test
    void tasksOfOneGroupNeverRunAtTheSameTime() {
        AtomicInteger[] inside = {new AtomicInteger(), new AtomicInteger(), new AtomicInteger()};
        AtomicInteger overlaps = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        try (MaintenanceWorkers workers = workers(4)) {
            for (int round = 0; round < 300; round++) {
                for (TaskKind kind : List.of(TaskKind.FLUSH, TaskKind.COMPACT, TaskKind.SPLIT)) {
                    int segment = round % 3;
                    workers.submit(new TaskKey(kind, 1, segment + 1), () -> {
                        overlaps.addAndGet(inside[segment].getAndIncrement());
                        Thread.yield();
                        inside[segment].decrementAndGet();
                        done.incrementAndGet();
                    });
                }
            }
            workers.awaitIdle();
        }
        assertEquals(0, overlaps.get());
        assertTrue(done.get() >= 9, done + " tasks");
    }

    @Test
    void groupsAreSegmentsOrKindsWithoutASegment() {
        assertEquals(flush(1).group(), new TaskKey(TaskKind.SPLIT, 1, 1).group());
        assertNotEquals(flush(1).group(), flush(2).group());
        assertNotEquals(flush(1).group(), new TaskKey(TaskKind.FLUSH, 2, 1).group());
        assertNotEquals(new TaskKey(TaskKind.LOG_SYNC, 0, 0).group(), new TaskKey(TaskKind.LOG_RELEASE, 0, 0).group());
    }

    @Test
    void aBusyGroupDoesNotHoldUpTheTasksBehindIt() {
        CountDownLatch goOn = new CountDownLatch(1);
        try (MaintenanceWorkers workers = workers(2)) {
            TaskHandle slow = workers.submit(flush(1), () -> await(goOn));
            TaskHandle sameGroup = workers.submit(new TaskKey(TaskKind.COMPACT, 1, 1), () -> {});
            workers.submit(flush(2), () -> {}).join();
            assertFalse(future(slow).isDone() || future(sameGroup).isDone());
            goOn.countDown();
            sameGroup.join();
        }
    }

    @Test
    void awaitIdleWaitsForTasksThatTasksQueue() {
        AtomicInteger runs = new AtomicInteger();
        try (MaintenanceWorkers workers = workers(2)) {
            workers.submit(flush(1), () -> {
                runs.incrementAndGet();
                workers.submit(flush(2), () -> {
                    runs.incrementAndGet();
                    workers.submit(flush(3), runs::incrementAndGet);
                });
            });
            workers.awaitIdle();
            assertEquals(3, runs.get());
        }
    }

    /** A signal that reached a thread which only waits for idleness would leave the task lying beside an idle worker. */
    @Test
    void anIdleWorkerTakesATaskAlsoWhileSomebodyAwaitsIdleness() throws InterruptedException {
        for (int round = 0; round < 100; round++) {
            CountDownLatch longTask = new CountDownLatch(1);
            CountDownLatch shortTask = new CountDownLatch(1);
            try (MaintenanceWorkers workers = workers(2)) {
                workers.submit(flush(1), () -> await(longTask));
                AtomicReference<Thread> worker = new AtomicReference<>();
                TaskHandle second = workers.submit(flush(2), () -> {
                    worker.set(Thread.currentThread());
                    await(shortTask);
                });
                Thread waiting = new Thread(workers::awaitIdle);
                waiting.start();
                while (waiting.getState() != Thread.State.WAITING) {
                    Thread.onSpinWait();
                }
                shortTask.countDown();
                second.join();
                while (worker.get().getState() != Thread.State.WAITING) {
                    Thread.onSpinWait();
                }
                boolean[] taken = {false};
                TaskHandle third = workers.submit(flush(3), () -> taken[0] = true);
                try {
                    future(third).get(300, TimeUnit.SECONDS);
                } catch (Exception e) {
                    longTask.countDown();
                    throw new AssertionError("round " + round + ": the task waits beside an idle worker", e);
                }
                assertTrue(taken[0]);
                longTask.countDown();
                waiting.join();
            }
        }
    }

    @Test
    void closingFinishesWhatRunsTellsWhatWaitsThatTheStoreIsClosedAndEndsTheThreads() throws InterruptedException {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger runs = new AtomicInteger();
        MaintenanceWorkers workers = workers(1);
        TaskHandle first = workers.submit(flush(1), () -> {
            running.countDown();
            await(goOn);
            runs.incrementAndGet();
        });
        await(running);
        TaskHandle queued = workers.submit(flush(2), runs::incrementAndGet);
        Thread closer = new Thread(workers::close);
        closer.start();
        assertThrows(StoreClosedException.class, () -> workers.await(queued));
        goOn.countDown();
        closer.join();
        first.join();
        assertEquals(1, runs.get());
        assertEquals(0, workers.queuedCount());
        assertEquals(0, pool.queueCount());
        pool.close();
        assertEquals(0, storage.counters().threads());
        assertThrows(StoreClosedException.class, () -> workers.await(workers.submit(flush(3), runs::incrementAndGet)));
        workers.awaitIdle();
        workers.close();
    }

    /** The first threads start, a later one is refused, as the system does at {@code ulimit -u}. */
    @Test
    void aRefusedThreadIsALimitAndEndsTheThreadsThatHadBegun() {
        for (int refused = 1; refused <= 4; refused++) {
            int which = refused;
            AtomicInteger made = new AtomicInteger();
            Storage refusing = (Storage) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {Storage.class}, (proxy, method, arguments) -> {
                        boolean refuse = method.getName().equals("newThread") && made.incrementAndGet() == which;
                        return refuse ? new RefusedThread() : method.invoke(storage, arguments);
                    });
            StoreException.LimitReached e =
                    assertThrows(StoreException.LimitReached.class, () -> new WorkerPool(refusing, 3, "test"));
            assertTrue(e.getMessage().contains("wanted"), e.getMessage());
            assertEquals(0, storage.counters().threads(), "threads left after thread " + which + " was refused");
        }
    }

    /** What {@link Thread#start} does at the limit. */
    private static final class RefusedThread extends Thread {
        @Override
        public synchronized void start() {
            throw new OutOfMemoryError("wanted: unable to create native thread");
        }
    }

    @Test
    void aListenerIsToldTheEndWheneverItCame() {
        try (MaintenanceWorkers workers = workers(1)) {
            IllegalStateException wanted = new IllegalStateException("wanted");
            TaskHandle good = workers.submit(flush(1), () -> {});
            TaskHandle bad = workers.submit(flush(2), () -> {
                throw wanted;
            });
            assertEquals(null, future(good).join());
            assertSame(wanted, future(bad).join());
            assertSame(wanted, future(bad).join());
        }
    }

    @Test
    void anUrgentTaskRunsWhileEveryWorkerIsBusy() {
        CountDownLatch goOn = new CountDownLatch(1);
        try (MaintenanceWorkers workers = workers(1)) {
            CountDownLatch running = new CountDownLatch(1);
            workers.submit(flush(1), () -> {
                running.countDown();
                await(goOn);
            });
            await(running);
            workers.submit(new TaskKey(TaskKind.LOG_PREPARE, 0, 0), () -> {}).join();
            goOn.countDown();
            workers.awaitIdle();
        }
    }

    @Test
    void withoutThreadsTheCallerDoesTheWork() {
        try (MaintenanceWorkers workers = workers(0)) {
            AtomicReference<Thread> runner = new AtomicReference<>();
            TaskHandle task = workers.submit(flush(1), () -> runner.set(Thread.currentThread()));
            assertFalse(future(task).isDone());
            workers.submit(flush(2), () -> workers.submit(flush(3), () -> {}));
            workers.await(task);
            assertSame(Thread.currentThread(), runner.get());
            assertEquals(0, workers.queuedCount());
            TaskHandle failing = workers.submit(flush(1), () -> {
                throw new IllegalArgumentException("wanted");
            });
            assertThrows(IllegalArgumentException.class, () -> workers.await(failing));
            workers.awaitIdle();
        }
    }

    @Test
    void tasksRunOldestFirst() {
        List<Long> order = new ArrayList<>();
        try (MaintenanceWorkers workers = workers(0)) {
            for (long segment = 1; segment <= 20; segment++) {
                long id = segment * 7 % 20 + 1;
                workers.submit(flush(id), () -> order.add(id));
            }
            workers.runQueued();
        }
        for (int i = 0; i < 20; i++) {
            assertEquals((i + 1) * 7L % 20 + 1, order.get(i));
        }
    }

    @Test
    void periodicWorkComesAgainAndAgainAlsoAfterAFailure() {
        CountDownLatch runs = new CountDownLatch(3);
        try (MaintenanceWorkers workers = workers(1)) {
            workers.submitEvery(1, new TaskKey(TaskKind.LOG_SYNC, 0, 0), () -> {
                runs.countDown();
                storage.advance(TimeUnit.MILLISECONDS.toNanos(2));
                throw new IllegalStateException("wanted");
            });
            storage.advance(TimeUnit.MILLISECONDS.toNanos(2));
            await(runs);
        }
        assertTrue(told.size() >= 2);
    }
}
