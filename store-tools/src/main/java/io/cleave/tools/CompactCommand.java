package io.cleave.tools;

import io.cleave.SegmentIndex;
import io.cleave.SegmentStore;
import io.cleave.StoreOptions;
import io.cleave.core.run.Compression;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cleave compact}. */
@Command(
        name = "compact",
        description =
                "Merge the runs of each segment of an index into one. They are written as the index is kept: see stat.")
final class CompactCommand extends IndexCommand {
    @Option(names = "--all", description = "All indexes.")
    private boolean all;

    @Option(
            names = "--compression",
            description = "Keep the index with another compression from now on, and write all of it anew:"
                    + " ${COMPLETION-CANDIDATES}.")
    private Compression compression;

    @Option(names = "--force", description = "Write also those segments anew that have one run.")
    private boolean force;

    @Option(names = "--json", description = "Write JSON.")
    private boolean json;

    @Mixin
    private ProgressOption progress;

    @Override
    public Integer call() {
        if (all && hasIndexName()) {
            throw new UsageException("--all and --index exclude each other");
        }
        StoreOptions options = StoreOptions.builder().createIfMissing(false).build();
        Json result = new Json().object().name("indexes").array();
        try (SegmentStore open = SegmentStore.open(store(), options);
                ProgressBar bar = new ProgressBar(terminal(), ProgressBar.style(terminal(), progress), "compact")) {
            List<String> names = all ? List.copyOf(open.indexNames()) : List.of(indexName());
            for (String name : names) {
                SegmentIndex index = existing(open, name);
                bar.update(names.indexOf(name), names.size(), name);
                compact(open, index);
                open.awaitMaintenance();
                describe(index, result);
            }
        }
        if (json) {
            print(result.endArray().endObject().toString());
        }
        return Cleave.OK;
    }

    private void compact(SegmentStore open, SegmentIndex index) {
        if (compression != null) {
            open.alterIndex(index.name(), index.options().withCompression(compression));
        }
        if (force || compression != null) {
            index.rewrite();
        } else {
            index.compact();
        }
    }

    private void describe(SegmentIndex index, Json result) {
        var stats = index.stats();
        result.object()
                .field("name", index.name())
                .field("segments", stats.segments().size());
        result.field("entries", stats.entries())
                .field("bytes", stats.runBytes())
                .endObject();
        if (!json) {
            print("index " + quoted(index.name()) + ": "
                    + Figures.plural(stats.segments().size(), "segment") + ", "
                    + Figures.plural(stats.entries(), "entry") + ", " + Figures.bytes(stats.runBytes()));
        }
    }
}
