package io.cleave.stress;

import io.cleave.core.resource.Shared;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A reference that is taken while the last one goes: it is refused, or nothing is released under it, and there is one release. */
@JCStressTest
@Outcome(
        id = {"0, 0, 1", "1, 0, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "refused, or whole until given back")
@Outcome(expect = Expect.FORBIDDEN, desc = "released under a holder, twice, or never")
@State
public class LastRelease {
    /** Plain, as the memory behind a mapping is. */
    private int freed;

    private int releases;

    private final Shared<LastRelease> shared = new Shared<>(this, () -> {
        freed = 1;
        releases++;
    });

    /** The owner gives its reference back. */
    @Actor
    public void release() {
        shared.release();
    }

    /** A reader. */
    @Actor
    public void use(III_Result result) {
        if (shared.tryAcquire()) {
            result.r1 = 1;
            result.r2 = freed;
            shared.release();
        }
    }

    /** Counts the releases. */
    @Arbiter
    public void count(III_Result result) {
        result.r3 = releases;
    }
}
