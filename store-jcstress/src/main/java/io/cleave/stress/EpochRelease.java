package io.cleave.stress;

import io.cleave.core.resource.Epoch;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A point read inside an epoch, while what it reads is replaced and retired: nothing is released under it, and all is in the end. */
@JCStressTest
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "not released while it is read, released afterwards")
@Outcome(expect = Expect.FORBIDDEN, desc = "released under its reader, or never")
@State
public class EpochRelease {
    private static final int RECLAIMS_MAX = 1_000_000;

    /** What readers reach through a volatile; released is what unmapping a file does. */
    private static final class Resource {
        private int released;
    }

    private final Resource first = new Resource();
    private volatile Resource current = first;
    private volatile boolean done;

    /** The writer. */
    @Actor
    public void replace() {
        current = new Resource();
        Epoch.retire(() -> {
            first.released = 1;
            done = true;
        });
    }

    /** The reader; two entries, one after the other. */
    @Actor
    public void read(II_Result result) {
        for (int i = 0; i < 2; i++) {
            Epoch.Slot slot = Epoch.enter();
            Resource found = current;
            result.r1 |= found.released;
            slot.exit();
        }
    }

    /** Other readers of the run may keep it a while. */
    @Arbiter
    public void reclaim(II_Result result) {
        for (int i = 0; i < RECLAIMS_MAX && !done; i++) {
            Epoch.reclaim();
        }
        result.r2 = first.released;
    }
}
