package io.cleave.core.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cleave.core.storage.LincheckScale;
import java.util.Map;
import java.util.Set;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** R1.1. */
final class SegmentRegistryGateTest {
    private static final Map<SegmentRegistryState, Set<SegmentRegistryState>> EDGES = Map.of(
            SegmentRegistryState.READY, Set.of(SegmentRegistryState.CLOSED, SegmentRegistryState.ERROR),
            SegmentRegistryState.CLOSED, Set.of(),
            SegmentRegistryState.ERROR, Set.of());

    @Test
    void everyPairOfStatesMovesOnlyAlongAnEdge() {
        for (SegmentRegistryState from : SegmentRegistryState.values()) {
            assertEquals(EDGES.get(from), from.successors());
            for (SegmentRegistryState to : SegmentRegistryState.values()) {
                SegmentRegistryGate gate = new SegmentRegistryGate();
                gate.tryMove(from);
                boolean edge = EDGES.get(from).contains(to);
                assertEquals(edge, gate.tryMove(to), from + " -> " + to);
                assertEquals(edge ? to : from, gate.state(), from + " -> " + to);
            }
        }
    }

    /** The gate as threads use it. */
    public static final class Moves {
        private final SegmentRegistryGate gate = new SegmentRegistryGate();

        /** The index closes. */
        @Operation
        public boolean close() {
            return gate.tryMove(SegmentRegistryState.CLOSED);
        }

        /** The registry fails. */
        @Operation
        public boolean fail() {
            return gate.tryMove(SegmentRegistryState.ERROR);
        }

        /** A look. */
        @Operation
        public SegmentRegistryState state() {
            return gate.state();
        }
    }

    /** The same on one thread. */
    public static final class Specification {
        private SegmentRegistryState state = SegmentRegistryState.READY;

        /** See {@link Moves}. */
        public boolean close() {
            return tryMove(SegmentRegistryState.CLOSED);
        }

        /** See {@link Moves}. */
        public boolean fail() {
            return tryMove(SegmentRegistryState.ERROR);
        }

        private boolean tryMove(SegmentRegistryState next) {
            boolean edge = EDGES.get(state).contains(next);
            state = edge ? next : state;
            return edge;
        }

        /** See {@link Moves}. */
        public SegmentRegistryState state() {
            return state;
        }
    }

    @Test
    @DisabledIfSystemProperty(named = "sun.misc.unsafe.memory.access", matches = "deny")
    void movesAreAtomicInEveryInterleaving() {
        new ModelCheckingOptions()
                .iterations(LincheckScale.iterations(30))
                .invocationsPerIteration(150)
                .threads(3)
                .actorsPerThread(1)
                .actorsBefore(0)
                .actorsAfter(1)
                .sequentialSpecification(Specification.class)
                .check(Moves.class);
    }

    @Test
    void movesAreAtomicUnderStress() {
        new StressOptions()
                .iterations(LincheckScale.iterations(8))
                .invocationsPerIteration(300)
                .threads(2)
                .actorsPerThread(2)
                .actorsBefore(0)
                .sequentialSpecification(Specification.class)
                .check(Moves.class);
    }
}
