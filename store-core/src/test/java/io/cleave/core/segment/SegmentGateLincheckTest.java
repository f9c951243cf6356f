package io.cleave.core.segment;

import io.cleave.core.storage.LincheckScale;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** Moves of a segment's state by several threads are the same as one after the other, and each move has one winner. */
final class SegmentGateLincheckTest {
    /** What came of an attempt to move. */
    public enum Answer {
        MOVED,
        ALREADY_THERE,
        REFUSED
    }

    /** The gate as flushes, rewrites and closes use it. */
    public static final class Moves {
        private final SegmentGate gate = new SegmentGate("segment-00001");

        private Answer move(SegmentState next) {
            try {
                return gate.move(next) ? Answer.MOVED : Answer.ALREADY_THERE;
            } catch (IllegalStateException e) {
                return Answer.REFUSED;
            }
        }

        /** A rewrite begins. */
        @Operation
        public Answer isolate() {
            return move(SegmentState.ISOLATED);
        }

        /** A rewrite has failed. */
        @Operation
        public Answer resume() {
            return move(SegmentState.OPEN);
        }

        /** The segment closes. */
        @Operation
        public Answer close() {
            return move(SegmentState.CLOSED);
        }

        /** A look. */
        @Operation
        public SegmentState state() {
            return gate.state();
        }
    }

    /** The same on one thread, by the diagram in {@link SegmentState}. */
    public static final class Specification {
        private SegmentState state = SegmentState.OPEN;

        private Answer move(SegmentState next) {
            if (state == next) {
                return Answer.ALREADY_THERE;
            }
            if (state == SegmentState.CLOSED) {
                return Answer.REFUSED;
            }
            state = next;
            return Answer.MOVED;
        }

        /** See {@link Moves}. */
        public Answer isolate() {
            return move(SegmentState.ISOLATED);
        }

        /** See {@link Moves}. */
        public Answer resume() {
            return move(SegmentState.OPEN);
        }

        /** See {@link Moves}. */
        public Answer close() {
            return move(SegmentState.CLOSED);
        }

        /** See {@link Moves}. */
        public SegmentState state() {
            return state;
        }
    }

    @Test
    @DisabledIfSystemProperty(named = "sun.misc.unsafe.memory.access", matches = "deny")
    void movesAreAtomicInEveryInterleaving() {
        new ModelCheckingOptions()
                .iterations(LincheckScale.iterations(10))
                .invocationsPerIteration(150)
                .threads(3)
                .actorsPerThread(2)
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
                .threads(3)
                .actorsPerThread(2)
                .sequentialSpecification(Specification.class)
                .check(Moves.class);
    }
}
