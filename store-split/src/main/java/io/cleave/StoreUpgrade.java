package io.cleave;

import io.cleave.catalog.Feature;
import io.cleave.catalog.StoreCatalog;
import io.cleave.catalog.StoreLayout;
import io.cleave.catalog.StoredOptions;
import io.cleave.core.parts.Parts;
import io.cleave.core.run.RunOptions;
import io.cleave.core.storage.PartFile;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import io.cleave.inspect.NewestRun;
import io.cleave.log.LogInspection;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Gives a store the features that it lacks, under its lock and before anything of it is open. What needs to be durable before
 * is forced; then one publish of the catalog decides: a crash leaves a store of before or one of after. Used once.
 */
final class StoreUpgrade {
    private final Storage storage;
    private final Path store;
    private final StoreOptions options;
    private final StoreIdentity identity;
    private final StoreCatalog before;

    /** Of a store whose catalog was read as {@code held}. */
    StoreUpgrade(Storage storage, Path store, StoreOptions options, PartFile.Held<StoreCatalog> held) {
        this.storage = storage;
        this.store = store;
        this.options = options;
        this.identity = held.frame().store();
        this.before = held.content();
    }

    /** Publishes the catalog with every feature that this version knows, if it is not there already. */
    void run() {
        if (before.isCurrent()) {
            return;
        }
        requireClosed();
        // First, because it looks at everything that is named.
        Parts parts = StoreLedger.writeFirst(storage, store, identity);
        IndexSet.writeCatalog(parts, store, before.upgraded(optionsFound()));
    }

    /** So that what is in memory only, or was left by a crash, is none of the upgrade's business. */
    private void requireClosed() {
        Path log = store.resolve(StoreLayout.LOG_NAME);
        if (before.nextIndexId() == 1 && !LogInspection.isStarted(storage, log)) {
            // Killed before it held anything.
            return;
        }
        LogInspection.Continuity found = LogInspection.verify(storage, log, identity);
        if (!before.has(Feature.LEDGER)) {
            Parts.untracked(storage, identity).logEnded(log, found.ending());
        }
        if (!found.clean()) {
            throw new StoreException.FormatVersion("store " + store + ": expected one of level " + before.level()
                    + " that was closed, found a log without a clean end: open and close it with the version that wrote"
                    + " it, or run \"cleave repair " + store + "\", before the upgrade");
        }
    }

    /** How each index has been kept, as its newest run shows, with the limits of the options. */
    private Map<Integer, StoredOptions> optionsFound() {
        Map<Integer, StoredOptions> found = new TreeMap<>();
        for (int id : before.indexes().values()) {
            RunOptions run = new NewestRun(storage, identity, id, StoreLayout.indexDirectory(store, id))
                    .options(options.runOptions());
            found.put(id, new StoredOptions(run, options.segmentBytesMax(), options.segmentEntriesMax()));
        }
        return found;
    }
}
