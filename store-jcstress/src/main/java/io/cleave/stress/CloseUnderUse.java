package io.cleave.stress;

import io.cleave.core.resource.UseGate;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A cursor is closed by another thread than the one that uses it: its mapping goes once, and never in the middle of a use. */
@JCStressTest
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "given back once, outside of every use")
@Outcome(expect = Expect.FORBIDDEN, desc = "given back in the middle of a use, twice, or never")
@State
public class CloseUnderUse {
    private static final int USES = 4;

    private final UseGate gate = new UseGate();
    /** Plain, as the memory behind a mapping is. */
    private int unmapped;

    private int releases;

    private void giveBack() {
        unmapped = 1;
        releases++;
    }

    /** The user: only the first of its uses comes after a fence. */
    @Actor
    public void use(II_Result result) {
        gate.take();
        for (int i = 0; i < USES; i++) {
            gate.enter();
            if (!gate.isClosed()) {
                result.r1 |= unmapped;
            }
            if (gate.exit()) {
                giveBack();
            }
        }
    }

    /** Somebody else. */
    @Actor
    public void close() {
        if (gate.close()) {
            giveBack();
        }
    }

    /** Counts. */
    @Arbiter
    public void count(II_Result result) {
        result.r2 = releases;
    }
}
