package io.cleave.core.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class SegmentGateTest {
    /** The diagram in SegmentState. */
    private static final Map<SegmentState, Set<SegmentState>> EDGES = Map.of(
            SegmentState.OPEN, Set.of(SegmentState.ISOLATED, SegmentState.CLOSED),
            SegmentState.ISOLATED, Set.of(SegmentState.OPEN, SegmentState.CLOSED),
            SegmentState.CLOSED, Set.of());

    private static SegmentGate in(SegmentState state) {
        SegmentGate gate = new SegmentGate("segment-00001");
        gate.move(state);
        return gate;
    }

    @Test
    void everyPairOfStatesMovesAsTheDiagramSays() {
        for (SegmentState from : SegmentState.values()) {
            assertEquals(EDGES.get(from), from.successors());
            for (SegmentState to : SegmentState.values()) {
                SegmentGate gate = in(from);
                String pair = from + " -> " + to;
                if (from == to) {
                    assertFalse(gate.move(to), pair);
                } else if (EDGES.get(from).contains(to)) {
                    assertTrue(gate.move(to), pair);
                } else {
                    IllegalStateException e = assertThrows(IllegalStateException.class, () -> gate.move(to), pair);
                    assertTrue(e.getMessage().contains("segment-00001")
                            && e.getMessage().contains(pair));
                }
                assertEquals(EDGES.get(from).contains(to) ? to : from, gate.state(), pair);
            }
        }
    }

    @Test
    void oneOfManyThreadsWinsTheMove() throws Exception {
        for (int round = 0; round < 200; round++) {
            SegmentGate gate = in(SegmentState.OPEN);
            AtomicInteger winners = new AtomicInteger();
            CyclicBarrier start = new CyclicBarrier(3);
            Thread[] threads = new Thread[3];
            for (int i = 0; i < threads.length; i++) {
                threads[i] = new Thread(() -> {
                    try {
                        start.await();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                    winners.addAndGet(gate.move(SegmentState.CLOSED) ? 1 : 0);
                });
                threads[i].start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(1, winners.get());
        }
    }
}
