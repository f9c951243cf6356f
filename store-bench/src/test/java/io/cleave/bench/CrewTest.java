package io.cleave.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
final class CrewTest {
    private static final PrintStream NOWHERE =
            new PrintStream(PrintStream.nullOutputStream(), false, StandardCharsets.UTF_8);

    private final AtomicLong done = new AtomicLong();
    private final AtomicInteger closed = new AtomicInteger();

    @Test
    void everyOperationIsDoneOnceByEachThread() throws Exception {
        Outcome outcome = Crew.run(job(3, 1_001, 16, 0), thread -> new Counting(), NOWHERE);
        assertEquals(3 * 1_001, done.get());
        assertEquals(3 * 1_001, outcome.entries());
        assertEquals(3 * 63, outcome.latencies().getTotalCount());
        assertEquals(3 * 1_001, outcome.userBytes());
        assertEquals(3, closed.get());
    }

    @Test
    void warmUpDoesNotCount() throws Exception {
        Outcome outcome = Crew.run(job(1, 100, 1, TimeUnit.MINUTES.toNanos(1)), thread -> new Counting(), NOWHERE);
        assertEquals(200, done.get());
        assertEquals(100, outcome.entries());
        assertEquals(100, outcome.latencies().getTotalCount());
    }

    @Test
    void othersAreCountedFromTheStart() throws Exception {
        AtomicLong others = new AtomicLong(5);
        Crew.Job job = new Crew.Job(Workload.READ_HIT, 1, 10, 1, 0, () -> others.getAndAdd(7));
        assertEquals(7, Crew.run(job, thread -> new Counting(), NOWHERE).otherOperations());
    }

    @Test
    void aWorkerThatCannotBeHiredEndsTheOthers() {
        IllegalStateException failure = new IllegalStateException("planted");
        IllegalStateException thrown = assertThrows(
                IllegalStateException.class,
                () -> Crew.run(
                        job(3, 10, 1, 0),
                        thread -> {
                            if (thread == 1) {
                                throw failure;
                            }
                            return new Counting();
                        },
                        NOWHERE));
        assertSame(failure, thrown);
        assertEquals(2, closed.get());
    }

    @Test
    void aWorkerThatFailsEndsTheOthers() {
        IllegalStateException failure = new IllegalStateException("planted");
        IllegalStateException thrown = assertThrows(
                IllegalStateException.class,
                () -> Crew.run(
                        job(2, Long.MAX_VALUE / 4, 1, 0),
                        thread -> thread == 0 ? new Counting() : new Failing(failure),
                        NOWHERE));
        assertSame(failure, thrown);
        assertTrue(done.get() >= 0);
        assertEquals(2, closed.get());
    }

    private static Crew.Job job(int threads, long operations, int sampleEvery, long warmUpNanos) {
        return new Crew.Job(Workload.READ_HIT, threads, operations, sampleEvery, warmUpNanos);
    }

    private class Counting implements Worker {
        private long bytes;

        @Override
        public void run(long from, long to) {
            done.addAndGet(to - from);
            bytes += to - from;
        }

        @Override
        public long userBytes() {
            return bytes;
        }

        @Override
        public void close() {
            closed.incrementAndGet();
        }
    }

    private final class Failing extends Counting {
        private final IllegalStateException failure;

        private Failing(IllegalStateException failure) {
            this.failure = failure;
        }

        @Override
        public void run(long from, long to) {
            throw failure;
        }
    }
}
