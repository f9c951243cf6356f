package io.cleave.stress;

import io.cleave.IndexStats;
import io.cleave.SegmentIndex;
import io.cleave.SegmentStore;
import io.cleave.StoreOptions;
import io.cleave.core.storage.SimulatedStorage;
import java.nio.file.Path;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A write beside the split of its segment: its writer sees it at once, it is there after the split, and nothing else has changed. */
@JCStressTest
@Outcome(id = "2, 2, 2", expect = Expect.ACCEPTABLE, desc = "written once, found in one of two segments")
@Outcome(expect = Expect.FORBIDDEN, desc = "a write that is lost, old, or where nobody looks")
@State
public class SplitApply {
    private static final byte[] LOW = {'a'};
    private static final byte[] HIGH = {'z'};
    private static final byte[] OLD = {1};
    private static final byte[] NEW = {2};

    private final SegmentStore store = SegmentStore.open(
            Path.of("/sim"),
            StoreOptions.builder()
                    .storage(new SimulatedStorage(1))
                    .maintenanceThreads(0)
                    .syncIntervalMillis(0)
                    .logFileBytes(4 << 10)
                    .memtableBytesMax(1 << 20)
                    .build());
    private final SegmentIndex index = store.index("main");

    public SplitApply() {
        index.put(LOW, OLD);
        index.put(HIGH, OLD);
    }

    private int value(byte[] key) {
        byte[] value = index.get(key);
        return value == null ? 0 : value[0];
    }

    /** The split; what it found is its own. */
    @Actor
    public void split() {
        List<IndexStats.SegmentStats> segments = index.stats().segments();
        index.split(segments.get(0).id());
    }

    /** A writer. */
    @Actor
    public void put(III_Result result) {
        index.put(HIGH, NEW);
        result.r1 = value(HIGH);
    }

    /** Both have ended. */
    @Arbiter
    public void look(III_Result result) {
        result.r2 = value(HIGH);
        boolean kept = value(LOW) == OLD[0];
        result.r3 = kept ? index.stats().segments().size() : 0;
        store.close();
    }
}
