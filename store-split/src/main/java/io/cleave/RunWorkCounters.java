package io.cleave;

import io.cleave.event.RunTraffic;
import java.util.concurrent.atomic.LongAdder;

/** Counts one kind of work on runs. Thread-safe. */
final class RunWorkCounters {
    private final LongAdder count = new LongAdder();
    private final LongAdder bytesIn = new LongAdder();
    private final LongAdder entriesIn = new LongAdder();
    private final LongAdder bytesOut = new LongAdder();
    private final LongAdder entriesOut = new LongAdder();
    private final LongAdder nanos = new LongAdder();

    void add(RunTraffic traffic, long tookNanos) {
        count.increment();
        bytesIn.add(traffic.bytesIn());
        entriesIn.add(traffic.entriesIn());
        bytesOut.add(traffic.bytesOut());
        entriesOut.add(traffic.entriesOut());
        nanos.add(tookNanos);
    }

    StoreMetrics.RunWork sum() {
        return new StoreMetrics.RunWork(
                count.sum(),
                new RunTraffic(bytesIn.sum(), entriesIn.sum(), bytesOut.sum(), entriesOut.sum()),
                nanos.sum());
    }
}
