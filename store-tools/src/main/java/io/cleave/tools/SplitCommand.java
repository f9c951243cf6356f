package io.cleave.tools;

import io.cleave.IndexStats;
import io.cleave.SegmentIndex;
import io.cleave.SegmentStore;
import io.cleave.core.storage.RealStorage;
import io.cleave.inspect.SegmentLook;
import io.cleave.inspect.StoreInspection;
import java.util.Comparator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cleave split}. */
@Command(
        name = "split",
        description =
                "Split a segment of an index in two, whatever its size; exit code 1 when it holds too few entries.")
final class SplitCommand extends IndexCommand {
    @Option(names = "--segment", paramLabel = "ID", description = "The segment. Default: the largest.")
    private Long segment;

    @Option(names = "--json", description = "Write JSON.")
    private boolean json;

    @Override
    public Integer call() {
        try (SegmentStore open = openExisting()) {
            SegmentIndex index = existing(open, indexName());
            long id = segment == null ? largest(index) : segment;
            if (!index.split(id)) {
                throw new CommandException("segment " + id + " of index " + quoted(index.name())
                        + " was not split: it holds too few entries, or was rewritten meanwhile");
            }
            int count = index.stats().segments().size();
            print(
                    json
                            ? new Json()
                                    .object()
                                    .field("split", id)
                                    .field("segments", count)
                                    .endObject()
                                    .toString()
                            : "segment " + id + " is split, the index has " + Figures.plural(count, "segment"));
        }
        return Cleave.OK;
    }

    /** The segment with the largest run files: the store itself tells nothing of segments that are not loaded. */
    private long largest(SegmentIndex index) {
        index.flush();
        return new StoreInspection(RealStorage.open(), store())
                .index(index.name()).segments().stream()
                        .max(Comparator.comparingLong(SegmentLook::runBytes))
                        .map(SegmentLook::segmentId)
                        .orElseGet(() -> first(index.stats()));
    }

    private static long first(IndexStats stats) {
        return stats.segments().get(0).id();
    }
}
