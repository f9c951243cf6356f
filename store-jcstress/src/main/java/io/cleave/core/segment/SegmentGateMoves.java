package io.cleave.core.segment;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/** A rewrite isolates a segment while another thread closes it: each move has one winner, and shows what was done before it. */
@JCStressTest
@Outcome(
        id = {"1, 1, 1, 1", "1, 1, 2, 1", "2, 1, 2, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "isolated and closed, or closed and not isolated any more")
@Outcome(expect = Expect.FORBIDDEN, desc = "an edge that is not there, or a state without what it stands for")
@State
public class SegmentGateMoves {
    private static final int ALREADY = 0;
    private static final int MOVED = 1;
    private static final int REFUSED = 2;
    private static final int NOT_ISOLATED = 2;

    private final SegmentGate gate = new SegmentGate("segment-00001");
    /** Plain: published by the move. */
    private int prepared;

    private int move(SegmentState next) {
        try {
            return gate.move(next) ? MOVED : ALREADY;
        } catch (IllegalStateException e) {
            return REFUSED;
        }
    }

    /** A split begins. */
    @Actor
    public void isolate(IIII_Result result) {
        prepared = 1;
        result.r1 = move(SegmentState.ISOLATED);
    }

    /** The index closes. */
    @Actor
    public void close(IIII_Result result) {
        result.r3 = gate.state() == SegmentState.ISOLATED ? prepared : NOT_ISOLATED;
        result.r2 = move(SegmentState.CLOSED);
    }

    /** Closed is the last state. */
    @Arbiter
    public void look(IIII_Result result) {
        result.r4 = gate.state() == SegmentState.CLOSED ? 1 : 0;
    }
}
