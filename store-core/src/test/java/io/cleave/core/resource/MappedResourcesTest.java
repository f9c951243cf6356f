package io.cleave.core.resource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Mapped files are shared by count, and go when the last holder lets go: once, and not before. */
@Timeout(600)
final class MappedResourcesTest {
    private static final long BYTES = 100;

    private final Set<Path> files = ConcurrentHashMap.newKeySet();
    private final AtomicInteger mapped = new AtomicInteger();
    private final AtomicInteger failingDeletes = new AtomicInteger();
    private final Deque<Runnable> background = new ArrayDeque<>();
    private long nanos;
    private final Storage storage = (Storage) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {Storage.class}, (proxy, method, arguments) -> {
                if (method.getName().equals("nanoTime")) {
                    return nanos;
                }
                assertEquals("delete", method.getName());
                if (failingDeletes.getAndDecrement() > 0) {
                    throw new StoreException.Io("wanted", null);
                }
                failingDeletes.set(0);
                assertTrue(files.remove((Path) arguments[0]), "deleted twice: " + arguments[0]);
                return null;
            });

    /** A file that counts. */
    private final class File implements MappedResource {
        private final Path path;
        private volatile boolean deleted;
        private volatile boolean unmapped;

        File(Path path) {
            this.path = path;
            files.add(path);
            mapped.incrementAndGet();
        }

        @Override
        public Path path() {
            return path;
        }

        @Override
        public long mappedBytes() {
            return BYTES;
        }

        @Override
        public boolean isDeleted() {
            return deleted;
        }

        @Override
        public void unmap() {
            assertFalse(unmapped, "unmapped twice: " + path);
            unmapped = true;
            mapped.decrementAndGet();
        }
    }

    private MappedResources<File> resources(long lingerMillis) {
        return new MappedResources<>(storage, lingerMillis, Runnable::run, () -> false);
    }

    private Shared<File> get(MappedResources<File> resources, Path path) {
        return resources.getOrCreate(path, () -> new File(path));
    }

    private static Path path(int number) {
        return Path.of("run-" + number);
    }

    @Test
    void whoAsksForAnOpenFileSharesItsMapping() {
        MappedResources<File> resources = resources(0);
        assertNull(resources.getExisting(path(1)));
        Shared<File> first = get(resources, path(1));
        Shared<File> second = get(resources, path(1));
        assertSame(first.get(), second.get());
        assertEquals(2, first.references());
        assertTrue(resources.isActive(path(1)));
        assertEquals(1, resources.activeCount());
        first.release();
        Shared<File> third = resources.getExisting(path(1));
        assertSame(second.get(), third.get());
        assertEquals(1, mapped.get());
        second.release();
        third.release();
        assertEquals(0, mapped.get());
        assertFalse(resources.isActive(path(1)));
        assertEquals(Set.of(path(1)), files, "nobody asked for its deletion");
        assertNotSame(second.get(), get(resources, path(1)).get());
    }

    @Test
    void aMarkedFileGoesWithItsLastHolder() {
        MappedResources<File> resources = resources(1_000);
        Shared<File> first = get(resources, path(1));
        Shared<File> second = get(resources, path(1));
        first.get().deleted = true;
        first.release();
        assertEquals(Set.of(path(1)), files);
        second.release();
        assertEquals(Set.of(), files);
        assertEquals(0, mapped.get());
    }

    @Test
    void aMappingLingersAndIsFreeToWhoComesInTime() {
        MappedResources<File> resources = resources(1_000);
        Shared<File> first = get(resources, path(1));
        File file = first.get();
        first.release();
        assertFalse(resources.isActive(path(1)));
        assertEquals(1, resources.stats().lingering());
        nanos += TimeUnit.MILLISECONDS.toNanos(999);
        resources.tick();
        Shared<File> again = get(resources, path(1));
        assertSame(file, again.get());
        again.release();
        nanos += TimeUnit.MILLISECONDS.toNanos(999);
        resources.tick();
        assertEquals(1, mapped.get(), "its time began anew");
        nanos += TimeUnit.MILLISECONDS.toNanos(1);
        resources.tick();
        assertEquals(0, mapped.get());
        assertEquals(0, resources.stats().lingering());
    }

    @Test
    void atALimitWhatLingersGoesFirst() {
        MappedResources<File> resources = resources(1_000);
        get(resources, path(1)).release();
        AtomicInteger tries = new AtomicInteger();
        Shared<File> second = resources.getOrCreate(path(2), () -> {
            tries.incrementAndGet();
            if (mapped.get() > 0) {
                throw new StoreException.LimitReached("wanted");
            }
            return new File(path(2));
        });
        assertEquals(2, tries.get());
        assertThrows(
                StoreException.LimitReached.class,
                () -> resources.getOrCreate(path(3), () -> {
                    throw new StoreException.LimitReached("wanted");
                }));
        assertFalse(resources.isActive(path(3)));
        second.release();
    }

    @Test
    void aFailedDeletionIsKeptCountedAndTriedAgain() {
        MappedResources<File> resources = resources(0);
        Shared<File> file = get(resources, path(1));
        file.get().deleted = true;
        failingDeletes.set(2);
        file.release();
        nanos += 5;
        MappedStats stats = resources.stats();
        assertEquals(
                List.of(1, BYTES, 5L, 1L),
                List.of(
                        stats.pendingDeletes(),
                        stats.pendingDeleteBytes(),
                        stats.oldestPendingDeleteNanos(),
                        stats.cleanUpFailures()));
        assertEquals(0, mapped.get(), "unmapped all the same");
        resources.tick();
        assertEquals(2, resources.stats().cleanUpFailures());
        resources.tick();
        assertEquals(0, resources.stats().pendingDeletes());
        assertEquals(Set.of(), files);
    }

    /** The name is given out again while its deletion waits, here for a reader. */
    @Test
    void aNewFileOfTheNameIsNotDeletedInPlaceOfTheOldOne() {
        MappedResources<File> resources = resources(0);
        Shared<File> old = get(resources, path(1));
        old.get().deleted = true;
        Epoch.Slot reader = Epoch.enter();
        old.release();
        assertEquals(2, mapped.get() + files.size());
        Shared<File> anew = get(resources, path(1));
        reader.exit();
        resources.tick();
        assertEquals(1, mapped.get(), "the old one is unmapped");
        assertEquals(Set.of(path(1)), files);
        anew.get().deleted = true;
        anew.release();
        assertEquals(Set.of(), files);
    }

    @Test
    void aReleaseThatFindsTheTableTakenLeavesItsWorkToTheBackground() throws Exception {
        MappedResources<File> resources = new MappedResources<>(storage, 0, background::add, () -> false);
        Shared<File> file = get(resources, path(1));
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        // The clock is asked under the lock.
        Storage slow = (Storage) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Storage.class}, (proxy, method, arguments) -> {
                    inside.countDown();
                    leave.await();
                    return 0L;
                });
        MappedResources<File> held = new MappedResources<>(slow, 1_000, background::add, () -> false);
        Shared<File> one = held.getOrCreate(path(2), () -> new File(path(2)));
        Shared<File> two = held.getOrCreate(path(3), () -> new File(path(3)));
        Thread holder = new Thread(one::release);
        holder.start();
        inside.await();
        two.release();
        leave.countDown();
        holder.join();
        assertEquals(0, held.activeCount());
        assertEquals(2, held.stats().lingering());
        file.release();
        assertEquals(3, mapped.get(), "a clean-up is the background's");
        while (!background.isEmpty()) {
            background.poll().run();
        }
        assertEquals(2, mapped.get());
    }

    @Test
    void aForgottenHandleIsFoundAndItsFileUnmapped() {
        MappedResources<File> resources = resources(0);
        for (int i = 0; i < 100; i++) {
            assertEquals(1, get(resources, path(i)).references());
        }
        while (resources.stats().leaks() < 100) {
            System.gc();
            resources.tick();
        }
        assertEquals(0, mapped.get());
        assertEquals(0, resources.activeCount());
    }

    @Test
    void releaseAllTakesEverythingFromItsHolders() {
        MappedResources<File> resources = resources(1_000);
        List<Shared<File>> held = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            held.add(get(resources, path(i)));
        }
        held.remove(0).release();
        resources.releaseAll();
        assertEquals(0, mapped.get());
        held.forEach(Shared::release);
        assertEquals(0, resources.activeCount());
        Shared<File> anew = get(resources, path(1));
        assertEquals(1, mapped.get());
        anew.release();
    }

    @Test
    void anOpenThatFailsLeavesNothingAndTheNextOneTriesAnew() {
        MappedResources<File> resources = resources(0);
        assertThrows(
                StoreException.NotFound.class,
                () -> resources.getOrCreate(path(1), () -> {
                    throw new StoreException.NotFound("wanted");
                }));
        get(resources, path(1)).release();
        assertEquals(0, mapped.get());
    }

    /** Random acquires, releases, deletions, ticks, failures, and a sudden end of all holders. */
    @Test
    void anySequenceOfUsesLeavesWhatTheHoldersSay() {
        for (long seed = 1; seed <= 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            long linger = random.nextBoolean() ? 0 : 10;
            MappedResources<File> resources = resources(linger);
            Map<Path, Deque<Shared<File>>> held = new HashMap<>();
            Set<Path> deleted = new HashSet<>();
            for (int step = 0; step < 200; step++) {
                Path path = path(random.nextInt(5));
                Deque<Shared<File>> holders = held.computeIfAbsent(path, absent -> new ArrayDeque<>());
                switch (random.nextInt(6)) {
                    case 0, 1 -> {
                        if (!deleted.contains(path)) {
                            holders.add(get(resources, path));
                        }
                    }
                    case 2, 3 -> {
                        if (!holders.isEmpty()) {
                            holders.poll().release();
                        }
                    }
                    case 4 -> {
                        if (!holders.isEmpty() && random.nextInt(4) == 0) {
                            holders.peek().get().deleted = true;
                            deleted.add(path);
                            failingDeletes.set(random.nextInt(2));
                        }
                    }
                    default -> {
                        nanos += TimeUnit.MILLISECONDS.toNanos(random.nextInt(20));
                        resources.tick();
                    }
                }
                if (holders.isEmpty()) {
                    deleted.remove(path);
                }
                String where = "seed " + seed + " step " + step;
                held.forEach((file, all) -> assertEquals(!all.isEmpty(), resources.isActive(file), where));
                held.forEach((file, all) -> all.forEach(each -> assertFalse(each.get().unmapped, where)));
            }
            if (random.nextBoolean()) {
                // Its holders are cut off in the middle of what they do; what they still release means nothing.
                resources.releaseAll();
                assertEquals(0, mapped.get(), "seed " + seed);
            }
            held.values().forEach(all -> all.forEach(Shared::release));
            resources.tick();
            resources.close();
            assertEquals(0, mapped.get(), "seed " + seed);
            assertEquals(0, resources.stats().pendingDeletes(), "seed " + seed);
            files.clear();
        }
    }

    @Test
    void threadsThatComeAndGoNeverSeeAnUnmappedFile() throws Exception {
        MappedResources<File> resources = resources(0);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            SplittableRandom random = new SplittableRandom(i);
            threads.add(new Thread(() -> {
                try {
                    for (int step = 0; step < 20_000; step++) {
                        Shared<File> file = get(resources, path(random.nextInt(2)));
                        assertFalse(file.get().unmapped);
                        file.release();
                    }
                } catch (Throwable e) {
                    failure.compareAndSet(null, e);
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertNull(failure.get(), () -> String.valueOf(failure.get()));
        assertEquals(0, resources.activeCount());
        resources.close();
        assertEquals(0, mapped.get());
    }
}
