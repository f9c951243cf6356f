package io.cleave.core.segment;

import io.cleave.core.resource.Shared;
import io.cleave.core.run.Run;
import io.cleave.event.RunTraffic;
import java.util.List;

/** Counts what a merge of memtables or runs into one run has read and written. All parts must be held by the caller. */
final class MergeTraffic {
    private MergeTraffic() {}

    static RunTraffic of(List<MemtableLayer> memtables, List<Run> runs, Shared<SharedRun> output) {
        long bytes = 0;
        long entries = 0;
        for (MemtableLayer layer : memtables) {
            bytes += layer.bytes();
            entries += layer.memtable().entries();
        }
        for (Run run : runs) {
            bytes += run.fileBytes();
            entries += run.properties().entries();
        }
        return traffic(bytes, entries, output);
    }

    /** {@code output} is null when no entry was left. */
    private static RunTraffic traffic(long bytes, long entries, Shared<SharedRun> output) {
        if (output == null) {
            return new RunTraffic(bytes, entries, 0, 0);
        }
        Run run = output.get().run();
        return new RunTraffic(bytes, entries, run.fileBytes(), run.properties().entries());
    }
}
