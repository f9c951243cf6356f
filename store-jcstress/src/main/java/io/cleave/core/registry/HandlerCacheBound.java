package io.cleave.core.registry;

import io.cleave.core.segment.SegmentState;
import io.cleave.core.storage.SimulatedStorage;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Two segments are asked for where there is room for one: neither is closed under its user, and one stays. */
@JCStressTest
@Outcome(
        id = {"1, 1, 1", "1, 2, 1", "2, 1, 1", "2, 2, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "open while it is used, or BUSY: ask again")
@Outcome(expect = Expect.FORBIDDEN, desc = "closed under its user, or more than the bound when nobody uses any")
@State
public class HandlerCacheBound {
    private static final int OPEN = 1;
    private static final int BUSY = 2;
    private static final int CLOSED = 3;
    private static final int OTHER = 4;

    private final RegistryFixture fixture = new RegistryFixture(new SimulatedStorage(1), 1);

    public HandlerCacheBound() {
        fixture.createOnDisk(2);
    }

    private int get(long segmentId) {
        try (SegmentRegistryAccess access = fixture.registry.getSegment(segmentId)) {
            if (access.status() != SegmentRegistryStatus.OK) {
                return access.status() == SegmentRegistryStatus.BUSY ? BUSY : OTHER;
            }
            boolean usable = access.segment().id() == segmentId
                    && access.segment().view() != null
                    && access.segment().state() == SegmentState.OPEN;
            return usable ? OPEN : CLOSED;
        }
    }

    /** One user. */
    @Actor
    public void first(III_Result result) {
        result.r1 = get(1);
    }

    /** Another one. */
    @Actor
    public void second(III_Result result) {
        result.r2 = get(2);
    }

    /** Nobody uses any. */
    @Arbiter
    public void count(III_Result result) {
        fixture.registry.trim();
        int open = fixture.registry.loadedSegments().size();
        result.r3 = open == fixture.registry.cachedCount() && open <= 1 ? 1 : 0;
        fixture.close();
    }
}
