package io.cleave.core.resource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(QuietEpoch.class)
@Timeout(600)
final class EpochTest {
    /** More than the threads of a test process that read, fewer than twice the least that are kept. */
    private static final int SLOTS_MAX = 100;

    @AfterEach
    void nothingIsLeftToRelease() {
        assertEquals(0, Epoch.reclaim());
    }

    /** A thread that is inside an epoch until it is told to leave. */
    private static final class Reader {
        private final CountDownLatch inside = new CountDownLatch(1);
        private final CountDownLatch leave = new CountDownLatch(1);
        private final Thread thread = new Thread(() -> {
            Epoch.Slot slot = Epoch.enter();
            inside.countDown();
            await(leave);
            slot.exit();
        });

        static Reader entered() {
            Reader reader = new Reader();
            reader.thread.start();
            await(reader.inside);
            return reader;
        }

        void exit() throws InterruptedException {
            leave.countDown();
            thread.join();
        }

        private static void await(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Test
    void releasesAtOnceWhenNobodyReads() {
        AtomicBoolean released = new AtomicBoolean();
        Epoch.retire(() -> released.set(true));
        assertTrue(released.get());
    }

    @Test
    void releasesNothingWhileAReaderThatEnteredBeforeIsInside() throws InterruptedException {
        AtomicBoolean released = new AtomicBoolean();
        Reader reader = Reader.entered();
        Epoch.retire(() -> released.set(true));
        assertFalse(released.get());
        assertEquals(1, Epoch.reclaim());
        Reader later = Reader.entered();
        assertEquals(1, Epoch.reclaim());
        reader.exit();
        assertEquals(0, Epoch.reclaim(), "a reader that entered after the retirement must not keep it");
        assertTrue(released.get());
        later.exit();
    }

    @Test
    void releasesForEachReaderOnlyWhatNobodyOlderSees() throws InterruptedException {
        List<Integer> released = new ArrayList<>();
        Reader first = Reader.entered();
        Epoch.retire(() -> released.add(1));
        Reader second = Reader.entered();
        Epoch.retire(() -> released.add(2));
        first.exit();
        Epoch.reclaim();
        assertEquals(List.of(1), released);
        second.exit();
        Epoch.reclaim();
        assertEquals(List.of(1, 2), released);
    }

    @Test
    void nestedEntriesEndWithTheOutermost() {
        AtomicBoolean released = new AtomicBoolean();
        Epoch.Slot outer = Epoch.enter();
        Epoch.retire(() -> released.set(true));
        Epoch.Slot inner = Epoch.enter();
        inner.exit();
        Epoch.reclaim();
        assertFalse(released.get());
        outer.exit();
        Epoch.reclaim();
        assertTrue(released.get());
    }

    @Test
    void aFailedReleaseIsCountedAndStopsNoOther() {
        long before = Epoch.failures();
        AtomicInteger released = new AtomicInteger();
        Epoch.Slot slot = Epoch.enter();
        Epoch.retire(() -> {
            throw new IllegalStateException("wanted by EpochTest");
        });
        Epoch.retire(released::incrementAndGet);
        Epoch.retire(() -> {
            throw new AssertionError("wanted by EpochTest");
        });
        Epoch.retire(released::incrementAndGet);
        slot.exit();
        assertEquals(0, Epoch.reclaim());
        assertEquals(2, released.get());
        assertEquals(2, Epoch.failures() - before);
    }

    @Test
    void aReleaseMayRetireMore() {
        AtomicBoolean released = new AtomicBoolean();
        Epoch.retire(() -> Epoch.retire(() -> released.set(true)));
        assertEquals(0, Epoch.reclaim());
        assertTrue(released.get());
    }

    @Test
    void slotsOfEndedThreadsGoWithoutAnyRetirement() throws InterruptedException {
        int most = 0;
        for (int i = 0; i < 1_000; i++) {
            Thread thread = new Thread(() -> Epoch.enter().exit());
            thread.start();
            thread.join();
            most = Math.max(most, Epoch.slots());
        }
        assertTrue(most <= 2 * SLOTS_MAX, most + " slots");
    }

    @Test
    void oneLookGivesUpTheSlotsOfAllThreadsThatEnded() throws InterruptedException {
        CountDownLatch inside = new CountDownLatch(200);
        CountDownLatch end = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            Thread thread = new Thread(
                    null,
                    () -> {
                        Epoch.Slot slot = Epoch.enter();
                        slot.exit();
                        inside.countDown();
                        Reader.await(end);
                        slot.enter(); // and ends inside
                    },
                    "reader",
                    1 << 16);
            thread.start();
            threads.add(thread);
        }
        inside.await();
        Epoch.forgetEnded();
        assertTrue(Epoch.slots() >= 200, "slots of threads that live stay");
        end.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        AtomicBoolean released = new AtomicBoolean();
        Epoch.retire(() -> released.set(true));
        assertTrue(Epoch.slots() < SLOTS_MAX, Epoch.slots() + " slots");
        assertTrue(released.get(), "whoever ended inside reads no more");
    }

    @Test
    void whatAThreadKeepsIsItsOwnUntilItForgetsIt() throws InterruptedException {
        PerThread<List<Integer>> lists = new PerThread<>(ArrayList::new);
        lists.own().add(1);
        assertEquals(List.of(1), lists.own());
        AtomicReference<List<Integer>> other = new AtomicReference<>();
        Thread thread = new Thread(() -> other.set(lists.own()));
        thread.start();
        thread.join();
        assertEquals(List.of(), other.get());
        lists.forget();
        assertEquals(List.of(), lists.own());
    }

    /** What readers reach through a volatile, as they reach a view. */
    private static final class Node {
        private volatile boolean released;
    }

    @Test
    void noneOfManyReadersEverMeetsAReleasedResource() throws InterruptedException {
        AtomicReference<Node> current = new AtomicReference<>(new Node());
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger met = new AtomicInteger();
        AtomicInteger released = new AtomicInteger();
        List<Thread> readers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            readers.add(new Thread(() -> {
                while (!stop.get()) {
                    Epoch.Slot slot = Epoch.enter();
                    Node node = current.get();
                    for (int look = 0; look < 20; look++) {
                        met.addAndGet(node.released ? 1 : 0);
                    }
                    slot.exit();
                }
            }));
        }
        readers.forEach(Thread::start);
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            writers.add(new Thread(() -> {
                for (int round = 0; round < 40_000; round++) {
                    Node old = current.getAndSet(new Node());
                    Epoch.retire(() -> {
                        old.released = true;
                        released.incrementAndGet();
                    });
                }
            }));
        }
        writers.forEach(Thread::start);
        for (Thread writer : writers) {
            writer.join();
        }
        stop.set(true);
        for (Thread reader : readers) {
            reader.join();
        }
        assertEquals(0, Epoch.reclaim());
        assertEquals(0, met.get(), "reads of a released resource");
        assertEquals(80_000, released.get());
    }

    /** Right after a look at the slots that found nobody, a reader enters and what it sees is retired. */
    @Test
    void whatIsRetiredAfterTheLookAtTheSlotsIsNotReleasedUnderItsReader() throws InterruptedException {
        AtomicBoolean released = new AtomicBoolean();
        Reader earlier = Reader.entered();
        Epoch.retire(() -> {});
        earlier.exit();
        List<Reader> entered = new ArrayList<>();
        int waiting = Epoch.reclaim(() -> {
            long oldest = Epoch.oldestActive();
            entered.add(Reader.entered());
            Epoch.retire(() -> released.set(true));
            return oldest;
        });
        assertEquals(0, waiting, "of what was retired before the look");
        assertEquals(1, entered.size());
        assertFalse(released.get(), "released under its reader");
        entered.get(0).exit();
        assertEquals(0, Epoch.reclaim());
        assertTrue(released.get());
    }
}
