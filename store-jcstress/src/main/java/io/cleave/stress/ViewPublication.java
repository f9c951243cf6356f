package io.cleave.stress;

import io.cleave.core.bytes.KeyHash;
import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.Lookup;
import io.cleave.core.resource.Epoch;
import io.cleave.core.segment.Segment;
import io.cleave.core.segment.SegmentFixture;
import io.cleave.core.segment.SegmentState;
import io.cleave.core.segment.SegmentView;
import io.cleave.core.storage.SimulatedStorage;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A reader finds an entry in whatever view of a segment it meets, before and after its memtable is sealed; once there is no view
 * the segment says that it is closed.
 */
@JCStressTest
@Outcome(
        id = {"1, 0", "1, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "a view with the entry")
@Outcome(id = "2, 1", expect = Expect.ACCEPTABLE, desc = "no view, and closed")
@Outcome(expect = Expect.FORBIDDEN, desc = "a view without the entry, or no view and not closed")
@State
public class ViewPublication {
    private static final byte[] KEY = SegmentFixture.bytes("key");
    private static final int ABSENT = 0;
    private static final int FOUND = 1;
    private static final int NO_VIEW = 2;

    private final SegmentFixture fixture = new SegmentFixture(new SimulatedStorage(1));
    private final Segment segment = fixture.create(1);

    public ViewPublication() {
        fixture.put(segment, "key", "value");
    }

    /** Seals the memtable, which shows another view, then closes. */
    @Actor
    public void replace() {
        fixture.locked(segment::sealLocked);
        segment.close();
    }

    /** A point read. */
    @Actor
    public void find(II_Result result) {
        Epoch.Slot epoch = Epoch.enter();
        try {
            SegmentView view = segment.view();
            if (view == null) {
                result.r1 = NO_VIEW;
            } else {
                boolean found = view.find(
                        KEY,
                        KeyHash.of(KEY, KEY.length),
                        KeyOrder.prefix(KEY, KEY.length),
                        Long.MAX_VALUE,
                        new Lookup());
                result.r1 = found ? FOUND : ABSENT;
            }
            result.r2 = segment.state() == SegmentState.CLOSED ? 1 : 0;
        } finally {
            epoch.exit();
        }
    }

    /** Gives the memory back. */
    @Arbiter
    public void free() {
        fixture.close();
    }
}
