package io.cleave.log;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Two writers claim positions of the log and commit: each returns only when his is durable, and one forces at a time. */
@JCStressTest
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "both durable when they returned")
@Outcome(expect = Expect.FORBIDDEN, desc = "acknowledged before it was durable, or two forces at once")
@State
public class LogClaim {
    private final AtomicLong newest = new AtomicLong();
    /** Plain: whoever was led by another must see what that one has forced. */
    private long forced;

    private volatile boolean forcing;
    private volatile boolean overlapped;

    private final GroupCommit group = new GroupCommit(
            Path.of("log"),
            new GroupCommit.Source() {
                @Override
                public long newest() {
                    return newest.get();
                }

                @Override
                public void force(long target) {
                    overlapped |= forcing || target > newest.get();
                    forcing = true;
                    forced = Math.max(forced, target);
                    forcing = false;
                }
            },
            0);

    private int durable(long position) {
        return forced >= position && group.synced() >= position ? 1 : 0;
    }

    /** A writer who shares forces. */
    @Actor
    public void commit(III_Result result) {
        long position = newest.incrementAndGet();
        group.sync(position);
        result.r1 = durable(position);
    }

    /** A flush, which forces no more than it must. */
    @Actor
    public void commitExactly(III_Result result) {
        long position = newest.incrementAndGet();
        group.syncExactly(position);
        result.r2 = durable(position);
    }

    /** Looks back. */
    @Arbiter
    public void look(III_Result result) {
        result.r3 = overlapped ? 1 : 0;
    }
}
