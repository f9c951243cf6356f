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

/** A segment is deleted while another thread wants its lock: whoever has the lock has an open segment, else it is gone. */
@JCStressTest
@Outcome(
        id = {"1, 1, 0", "2, 1, 0", "3, 1, 0"},
        expect = Expect.ACCEPTABLE,
        desc = "deleted, before or after the user, or told to ask again")
@Outcome(
        id = {"1, 2, 1", "2, 2, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "not deleted because somebody was at it")
@Outcome(expect = Expect.FORBIDDEN, desc = "closed under its lock, gone without being deleted, or there after it was")
@State
public class HandlerDeletion {
    private static final int OPEN = 1;
    private static final int BUSY = 2;
    private static final int ABSENT = 3;
    private static final int CLOSED = 4;
    private static final int OTHER = 5;

    private final RegistryFixture fixture = new RegistryFixture(new SimulatedStorage(1), 2);

    public HandlerDeletion() {
        fixture.createOnDisk(1);
    }

    private static int code(SegmentRegistryStatus status) {
        return switch (status) {
            case OK -> OPEN;
            case BUSY -> BUSY;
            case NOT_FOUND -> ABSENT;
            default -> OTHER;
        };
    }

    /** A user, who locks what he changes. */
    @Actor
    public void lock(III_Result result) {
        try (SegmentRegistryAccess access = fixture.registry.getSegment(1)) {
            SegmentRegistryStatus locked = access.lock();
            boolean closed =
                    locked == SegmentRegistryStatus.OK && access.segment().state() != SegmentState.OPEN;
            result.r1 = closed ? CLOSED : code(locked);
        }
    }

    /** The end of a split. */
    @Actor
    public void delete(III_Result result) {
        try (SegmentRegistryAccess access = fixture.registry.deleteSegment(1)) {
            result.r2 = code(access.status());
        }
    }

    /** Whether it is there. */
    @Arbiter
    public void look(III_Result result) {
        try (SegmentRegistryAccess access = fixture.registry.getSegment(1)) {
            result.r3 = access.status() == SegmentRegistryStatus.OK ? 1 : 0;
        }
        fixture.close();
    }
}
