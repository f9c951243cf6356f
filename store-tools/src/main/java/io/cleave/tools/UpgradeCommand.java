package io.cleave.tools;

import io.cleave.SegmentStore;
import io.cleave.catalog.StoreCatalog;
import io.cleave.core.storage.RealStorage;
import io.cleave.inspect.StoreInspection;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cleave upgrade}. */
@Command(
        name = "upgrade",
        description =
                "Give a store of an older version the features of this one, without which it is read and not written."
                        + " It must have been closed or repaired. Older versions do not open it any more. A crash leaves the store"
                        + " of before or the one of after.")
final class UpgradeCommand extends StoreCommand {
    @Option(names = "--json", description = "Write JSON.")
    private boolean json;

    @Override
    public Integer call() {
        StoreInspection inspection = new StoreInspection(RealStorage.open(), store());
        StoreCatalog before = inspection.catalog();
        try (SegmentStore open = openUpgraded()) {
            assert !open.directory().toString().isEmpty();
        }
        StoreCatalog after = inspection.catalog();
        if (json) {
            Json result = new Json().object().field("upgraded", !before.isCurrent());
            KeptText.format(result, after);
            print(result.endObject().toString());
            return Cleave.OK;
        }
        print(
                before.isCurrent()
                        ? "nothing to do: " + KeptText.format(after)
                        : "from level " + before.level() + " to " + KeptText.format(after));
        for (Map.Entry<String, Integer> index : after.indexes().entrySet()) {
            print("index " + quoted(index.getKey()) + ": " + KeptText.options(after, index.getValue()));
        }
        return Cleave.OK;
    }
}
