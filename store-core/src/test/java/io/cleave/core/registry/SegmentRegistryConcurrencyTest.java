package io.cleave.core.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.resource.LockRank;
import io.cleave.core.resource.RankedLock;
import io.cleave.core.segment.Segment;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.segment.SegmentFixture;
import io.cleave.core.segment.SegmentState;
import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** R1.5 to R1.7 with several threads. */
@Timeout(600)
final class SegmentRegistryConcurrencyTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final SimulatedStorage storage = leaks.watch(new SimulatedStorage(1));
    private final RegistryFixture fixture = new RegistryFixture(storage, 3);
    private final SegmentRegistry registry = fixture.registry;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch loading = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    @AfterEach
    void close() {
        goOn.countDown();
        threads.shutdownNow();
        fixture.close();
    }

    private static <T> T result(Future<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        }
    }

    private void holdLoadOf(long id) {
        fixture.beforeLoad = holdAt(id);
    }

    private LongConsumer holdAt(long id) {
        return asked -> {
            if (asked == id) {
                loading.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
    }

    private Callable<Segment> get(long id) {
        return () -> {
            try (SegmentRegistryAccess access = registry.getSegment(id)) {
                return access.segment();
            }
        };
    }

    @Test
    void loadingOneSegmentNeverBlocksAccessToAnother() throws InterruptedException {
        fixture.createOnDisk(3);
        holdLoadOf(1);
        Future<Segment> slow = threads.submit(get(1));
        loading.await();
        assertEquals(2, result(threads.submit(get(2))).id());
        registry.createSegment().close();
        try (SegmentRegistryAccess deleted = registry.deleteSegment(3)) {
            assertEquals(SegmentRegistryStatus.OK, deleted.status());
        }
        assertFalse(slow.isDone());
        goOn.countDown();
        assertEquals(1, result(slow).id());
    }

    @Test
    void registersUnderLocksOfALaterRankWhileItIsBeingClosed() throws Exception {
        for (int round = 0; round < 400; round++) {
            SimulatedStorage own = leaks.watch(new SimulatedStorage(round));
            try (RegistryFixture closing = new RegistryFixture(own, 3)) {
                Segment segment = closing.create();
                RankedLock keyMap = new RankedLock(LockRank.KEY_MAP, 1);
                CyclicBarrier start = new CyclicBarrier(2);
                Future<SegmentRegistryStatus> registered = threads.submit(() -> {
                    start.await();
                    keyMap.lock();
                    try (SegmentRegistryAccess access = closing.registry.register(segment)) {
                        return access.status();
                    } finally {
                        keyMap.unlock();
                    }
                });
                start.await();
                closing.registry.close();
                assertTrue(Set.of(SegmentRegistryStatus.OK, SegmentRegistryStatus.CLOSED)
                        .contains(result(registered)));
                assertEquals(SegmentState.CLOSED, segment.state(), "round " + round);
            }
        }
    }

    @Test
    void threadsThatAskForTheSameAbsentSegmentLoadItOnce() throws InterruptedException {
        fixture.createOnDisk(1);
        holdLoadOf(1);
        Future<Segment> first = threads.submit(get(1));
        loading.await();
        List<Future<Segment>> others = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            others.add(threads.submit(get(1)));
        }
        goOn.countDown();
        for (Future<Segment> other : others) {
            assertSame(result(first), result(other));
        }
        assertEquals(1, fixture.loads.get());
    }

    @Test
    void aSegmentThatIsAboutToBeLoadedIsNotDeletedUnderItsLoader() throws InterruptedException {
        holdLoadOf(1);
        deleteDuringLoad();
    }

    @Test
    void aSegmentThatWasJustOpenedIsNotDeletedUnderItsLoader() throws InterruptedException {
        fixture.afterLoad = holdAt(1);
        deleteDuringLoad();
    }

    private void deleteDuringLoad() throws InterruptedException {
        fixture.createOnDisk(1);
        Future<Segment> slow = threads.submit(get(1));
        loading.await();
        CompletableFuture<SegmentRegistryStatus> deletion = new CompletableFuture<>();
        Thread deleter = new Thread(() -> {
            try (SegmentRegistryAccess access = registry.deleteSegment(1)) {
                deletion.complete(access.status());
            } catch (RuntimeException | Error e) {
                deletion.completeExceptionally(e);
            }
        });
        deleter.start();
        // Either it is refused at once, or it waits for the load.
        while (!deletion.isDone() && deleter.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        goOn.countDown();
        SegmentRegistryStatus status = result(deletion);
        Segment loaded;
        try {
            loaded = result(slow);
        } catch (AssertionError e) {
            // The loader found a directory that was taken away.
            throw new AssertionError("deletion answered " + status + " while the load was under way", e);
        }
        if (status == SegmentRegistryStatus.OK) {
            boolean closed = loaded == null || loaded.state() == SegmentState.CLOSED;
            if (!closed) {
                loaded.close();
            }
            assertTrue(closed, "deleted, and an open segment was handed out");
        } else {
            assertEquals(Storage.PathKind.DIRECTORY, storage.kind(SegmentFixture.directory(1)));
        }
    }

    @Test
    void aLoadThatIsUnderWayWhenTheRegistryClosesLeavesNothingOpen() throws InterruptedException {
        fixture.createOnDisk(1);
        holdLoadOf(1);
        Future<SegmentRegistryStatus> slow = threads.submit(() -> {
            try (SegmentRegistryAccess access = registry.getSegment(1)) {
                return access.status();
            }
        });
        loading.await();
        Future<?> closing = threads.submit(registry::close);
        while (registry.state() == SegmentRegistryState.READY) {
            Thread.onSpinWait();
        }
        goOn.countDown();
        result(closing);
        SegmentRegistryStatus status = result(slow);
        List<Segment> open = registry.loadedSegments();
        open.forEach(Segment::close);
        assertEquals(List.of(), open, "answered " + status + " after the close");
        assertTrue(storage.counters().nothingHeld(), () -> "left open: " + storage.counters());
    }

    @Test
    void closingWaitsForALoadThatIsUnderWaySoThatTheDirectoryCanBeDeleted() throws InterruptedException {
        fixture.createOnDisk(1);
        fixture.afterLoad = holdAt(1);
        Future<Segment> slow = threads.submit(get(1));
        loading.await();
        CompletableFuture<Void> deletion = new CompletableFuture<>();
        Thread closer = new Thread(() -> {
            try {
                registry.close();
                SegmentDirectory.delete(storage, SegmentFixture.directory(1));
                deletion.complete(null);
            } catch (RuntimeException | Error e) {
                deletion.completeExceptionally(e);
            }
        });
        closer.start();
        while (!deletion.isDone() && closer.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        goOn.countDown();
        result(deletion);
        assertNull(result(slow), "a segment of a closed registry");
        assertEquals(Storage.PathKind.ABSENT, storage.kind(SegmentFixture.directory(1)));
        try (SegmentRegistryAccess late = registry.getSegment(1)) {
            assertEquals(SegmentRegistryStatus.CLOSED, late.status());
        }
    }

    @Test
    void concurrentCreationsGetDistinctIds() throws InterruptedException {
        List<Future<List<Long>>> creators = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            creators.add(threads.submit(() -> {
                List<Long> ids = new ArrayList<>();
                for (int round = 0; round < 40; round++) {
                    try (SegmentRegistryAccess access = registry.createSegment()) {
                        ids.add(access.segment().id());
                    }
                }
                return ids;
            }));
        }
        Set<Long> all = new HashSet<>();
        for (Future<List<Long>> creator : creators) {
            all.addAll(result(creator));
        }
        assertEquals(160, all.size());
        assertTrue(registry.cachedCount() <= 3 + 4);
    }

    /** Whatever they do, an access that says OK shows a segment that nobody closes while it is open, but by deletion. */
    @Test
    void noAccessLosesItsSegmentToEviction() throws InterruptedException {
        int segments = 8;
        fixture.createOnDisk(segments);
        AtomicInteger busy = new AtomicInteger();
        List<Future<?>> users = new ArrayList<>();
        for (int user = 0; user < 4; user++) {
            int seed = user;
            users.add(threads.submit(() -> {
                SplittableRandom random = new SplittableRandom(seed);
                for (int round = 0; round < 1_500; round++) {
                    long id = 1L + random.nextInt(segments);
                    try (SegmentRegistryAccess access = registry.getSegment(id)) {
                        if (access.status() == SegmentRegistryStatus.BUSY) {
                            busy.incrementAndGet();
                            continue;
                        }
                        assertEquals(SegmentRegistryStatus.OK, access.status(), "seed " + seed);
                        boolean locked = random.nextInt(4) == 0 && access.lock() == SegmentRegistryStatus.OK;
                        assertEquals(id, access.segment().id());
                        if (locked && random.nextInt(4) == 0) {
                            fixture.segments.put(access.segment(), "key", "value");
                            access.segment().flush();
                        }
                        assertEquals(SegmentState.OPEN, access.segment().state(), "seed " + seed + " round " + round);
                    }
                }
            }));
        }
        for (Future<?> user : users) {
            result(user);
        }
        assertTrue(registry.evictions() > 100, registry.evictions() + " evictions");
        registry.createSegment().close();
        assertEquals(3, registry.cachedCount());
    }
}
