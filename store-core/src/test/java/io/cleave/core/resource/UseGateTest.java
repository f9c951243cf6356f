package io.cleave.core.resource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The resource behind a gate is given back once, and never while it is in use. */
@Timeout(600)
final class UseGateTest {
    private static final int ROUNDS = 3_000;

    private final ExecutorService other = Executors.newSingleThreadExecutor();

    @AfterEach
    void end() {
        other.shutdownNow();
    }

    @Test
    void whoClosesWhatIsNotInUseGivesItBack() {
        UseGate gate = new UseGate();
        gate.enter();
        assertFalse(gate.isClosed());
        assertFalse(gate.exit());
        assertTrue(gate.close());
        assertTrue(gate.isClosed());
        assertFalse(gate.close(), "given back twice");
        gate.enter();
        assertFalse(gate.exit(), "given back by who came too late");
    }

    @Test
    void anotherThreadClosesWhatIsNotInUse() throws Exception {
        UseGate gate = new UseGate();
        gate.enter();
        assertFalse(gate.exit());
        assertTrue(other.submit(gate::close).get());
        assertFalse(gate.close());
    }

    @Test
    void whatIsInUseIsGivenBackByItsUser() throws Exception {
        UseGate gate = new UseGate();
        gate.enter();
        assertFalse(other.submit(gate::close).get(), "given back under its user");
        assertTrue(gate.isClosed());
        assertTrue(gate.exit());
        assertFalse(gate.takeRelease());
    }

    @Test
    void whatAThreadThatEndedHasUsedIsGivenBackAtOnce() throws Exception {
        UseGate gate = new UseGate();
        Thread user = new Thread(() -> {
            gate.take();
            gate.enter();
            assertFalse(gate.exit());
        });
        user.start();
        user.join();
        assertFalse(gate.isUsedHere());
        assertTrue(gate.close());
    }

    /** A user that looks at what it holds all the time, and a closer that comes at any moment. */
    @Test
    void nothingIsGivenBackInTheMiddleOfAUse() throws Exception {
        long uses = 0;
        for (int round = 0; round < ROUNDS; round++) {
            UseGate gate = new UseGate();
            AtomicInteger given = new AtomicInteger();
            CountDownLatch begun = new CountDownLatch(1);
            boolean hand = round % 3 == 0;
            Future<Long> user = other.submit(() -> use(gate, given, begun));
            if (!hand) {
                begun.await();
            }
            for (int i = round % 97; i > 0; i--) {
                Thread.onSpinWait();
            }
            if (gate.close()) {
                given.incrementAndGet();
            }
            uses += user.get();
            assertEquals(1, given.get(), "given back");
        }
        assertTrue(uses > ROUNDS, "nothing was used");
    }

    private static long use(UseGate gate, AtomicInteger given, CountDownLatch begun) {
        gate.take();
        long uses = 0;
        while (true) {
            gate.enter();
            boolean closed = gate.isClosed();
            if (!closed) {
                for (int i = 0; i < 10; i++) {
                    assertEquals(0, given.getPlain(), "given back in the middle of a use");
                }
                uses++;
            }
            if (gate.exit()) {
                given.incrementAndGet();
            }
            if (closed) {
                return uses;
            }
            begun.countDown();
        }
    }
}
