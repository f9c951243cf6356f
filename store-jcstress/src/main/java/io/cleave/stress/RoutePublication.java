package io.cleave.stress;

import io.cleave.catalog.StoredOptions;
import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.run.RunOptions;
import io.cleave.core.segment.SegmentFixture;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.route.IndexPlace;
import io.cleave.route.KeyMap;
import io.cleave.route.RetryPolicy;
import io.cleave.route.Route;
import io.cleave.route.RoutedIndex;
import io.cleave.route.SegmentSlot;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * Whoever reads the route of an index while it is replaced sees the old one or the new one, whole, and the new one once its version
 * is told; once a segment of it is gone the index says that it is closed.
 */
@JCStressTest
@Outcome(
        id = {"1, 0, 0", "2, 0, 0", "2, 1, 0", "1, 0, 1", "2, 0, 1", "2, 1, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "the old route or the new one")
@Outcome(expect = Expect.FORBIDDEN, desc = "a part of a route, or a change that was told before it was shown")
@State
public class RoutePublication {
    private static final byte[] KEY = {'k'};
    private static final int TORN = 3;
    private static final int OPEN_WITHOUT_SEGMENTS = 4;

    private final SegmentFixture fixture = new SegmentFixture(new SimulatedStorage(1));
    private final RoutedIndex index = RoutedIndex.create(
            fixture.context(),
            new IndexPlace(
                    "test",
                    1,
                    SimulatedStorage.DIRECTORY.resolve("index-00001"),
                    StoredOptions.of(RunOptions.defaults()),
                    10,
                    new RetryPolicy(fixture.context().storage(), 1_000)));
    private final SegmentSlot first = index.route().slot(0);
    private final long version = index.version();

    /** The last step of a split, then the close. */
    @Actor
    public void replace() {
        Route old = index.route();
        KeyMap next = old.map().replace(0, 1, List.of(new KeyMap.Range(new byte[0], 2), new KeyMap.Range(KEY, 3)));
        Route shown = old.replace(
                next, 0, 1, List.of(new SegmentSlot(2, next.bounds(0)), new SegmentSlot(3, next.bounds(1))));
        index.keyMapLock().lock();
        fixture.locked(() -> index.replaceRouteLocked(shown));
        index.keyMapLock().unlock();
        index.close();
    }

    /** A reader. */
    @Actor
    public void find(III_Result result) {
        result.r2 = index.version() == version ? 0 : 1;
        Route route = index.route();
        SegmentSlot slot = route.find(KEY, KeyOrder.prefix(KEY, KEY.length));
        boolean whole = slot.bounds().contains(KEY) && route.slot(route.positionOf(slot.segmentId())) == slot;
        result.r1 = whole ? route.size() : TORN;
        boolean gone = first.view() == null;
        boolean closed = index.isClosed();
        result.r3 = gone && !closed ? OPEN_WITHOUT_SEGMENTS : closed ? 1 : 0;
    }

    /** Gives the memory back. */
    @Arbiter
    public void free() {
        fixture.close();
    }
}
