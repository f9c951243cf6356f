package io.cleave.core.registry;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A registry is closed while it fails: one of both wins, and its state is the last (R1.1). */
@JCStressTest
@Outcome(id = "1, 0, 1", expect = Expect.ACCEPTABLE, desc = "closed")
@Outcome(id = "0, 1, 2", expect = Expect.ACCEPTABLE, desc = "failed")
@Outcome(expect = Expect.FORBIDDEN, desc = "two winners or none, or a terminal state that was left")
@State
public class RegistryGateMoves {
    private final SegmentRegistryGate gate = new SegmentRegistryGate();

    private int move(SegmentRegistryState next) {
        return gate.tryMove(next) ? 1 : 0;
    }

    /** The index closes. */
    @Actor
    public void close(III_Result result) {
        result.r1 = move(SegmentRegistryState.CLOSED);
    }

    /** Something is beyond recovery. */
    @Actor
    public void fail(III_Result result) {
        result.r2 = move(SegmentRegistryState.ERROR);
    }

    /** What is left. */
    @Arbiter
    public void state(III_Result result) {
        result.r3 = switch (gate.state()) {
            case READY -> 0;
            case CLOSED -> 1;
            case ERROR -> 2;
        };
    }
}
