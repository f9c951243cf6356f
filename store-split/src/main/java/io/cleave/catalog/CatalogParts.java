package io.cleave.catalog;

import io.cleave.core.parts.PartId;
import io.cleave.core.parts.PartLine;
import io.cleave.core.parts.Parts;
import io.cleave.core.parts.PartsLedger;
import io.cleave.core.parts.PartsLedgerFormat;
import io.cleave.core.storage.PartFile;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import java.nio.file.Path;

/** How the parts of a store are found from its catalog, which says whether there is a ledger. Stateless, thread-safe. */
public final class CatalogParts {
    private CatalogParts() {}

    /**
     * The parts of a store: what its ledger tells of them, and the catalog compared with that.
     *
     * @param held the catalog as it was read
     * @throws StoreException.Corrupt when the ledger is missing or damaged, or the catalog of another age than it
     */
    public static Parts of(Storage storage, Path store, PartFile.Held<StoreCatalog> held) {
        StoreIdentity identity = held.frame().store();
        StoreCatalog catalog = held.content();
        if (!catalog.has(Feature.LEDGER)) {
            return Parts.untracked(storage, identity);
        }
        Path file = store.resolve(PartsLedger.FILE_NAME);
        PartsLedger ledger = null;
        if (storage.kind(file) != Storage.PathKind.ABSENT) {
            ledger = PartsLedgerFormat.read(storage, file, identity);
        } else if (catalog.nextIndexId() > 1) {
            throw new StoreException.Corrupt(file, 0, "ledger of the parts", "one, because there was an index", "none");
        }
        Parts parts = Parts.of(storage, store, identity, ledger);
        parts.compare(PartId.CATALOG, held, PartLine.Contents.NONE);
        return parts;
    }
}
