package io.cleave.inspect;

import io.cleave.catalog.Feature;
import io.cleave.catalog.StoreCatalog;
import io.cleave.core.parts.LogEnd;
import io.cleave.core.parts.PartId;
import io.cleave.core.parts.PartLine;
import io.cleave.core.parts.Parts;
import io.cleave.core.parts.PartsLedger;
import io.cleave.core.parts.PartsLedgerFormat;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.PartFile;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import java.nio.file.Path;

/**
 * Checks that the parts of a store are of one age, by its ledger. The ledger is read before all parts and once more after the log,
 * because a live writer may replace it in between: then what holds for a clean end does not. Belongs to one thread, used once.
 */
final class AgeVerification {
    private final Storage storage;
    private final Path store;
    private final Path file;
    private final Findings findings;

    /** As it was read, before anybody knew whether the store has one: null when it could not be. */
    private MetadataFormat.Frame first;

    private StoreException unreadable;
    private Parts parts;

    AgeVerification(Storage storage, Path store, Findings findings) {
        this.storage = storage;
        this.store = store;
        this.file = store.resolve(PartsLedger.FILE_NAME);
        this.findings = findings;
    }

    /** Reads the ledger, if there is one. */
    void readLedger() {
        try {
            first = PartsLedgerFormat.frame(storage, file);
        } catch (StoreException e) {
            unreadable = e;
        }
    }

    /**
     * What all parts are compared with from now on, the catalog first.
     *
     * @param held the catalog; null when it can't be read: then nothing tells whether there is a ledger, unless one could be read
     */
    void begin(StoreIdentity identity, PartFile.Held<StoreCatalog> held) {
        StoreCatalog catalog = held == null ? null : held.content();
        boolean tracked = catalog == null ? first != null : catalog.has(Feature.LEDGER);
        parts = tracked
                ? Parts.of(storage, store, identity, ledger(identity, catalog))
                : Parts.untracked(storage, identity);
        findings.track(parts);
        if (held != null) {
            findings.compare(PartId.CATALOG, held, PartLine.Contents.NONE);
        }
    }

    private PartsLedger ledger(StoreIdentity identity, StoreCatalog catalog) {
        boolean needed = catalog != null && catalog.nextIndexId() > 1;
        if (unreadable instanceof StoreException.NotFound && needed) {
            // The first ledger is published before the first index, and perhaps after this look at it.
            unreadable = null;
            readLedger();
        }
        if (unreadable instanceof StoreException.NotFound) {
            if (needed) {
                findings.add(Finding.error(file, 0, "ledger of the parts", "one, because there was an index", "none"));
            }
            return null;
        }
        try {
            if (unreadable != null) {
                throw unreadable;
            }
            PartsLedger ledger = PartsLedgerFormat.decode(file, first, identity);
            findings.checkedFile(file);
            return ledger;
        } catch (StoreException e) {
            findings.add(e, file);
            unreadable = e;
            return null;
        }
    }

    /** Compares the ledger with the end of the log, and the parts with the ledger if nobody is at work. */
    void end(Path log, LogEnd end) {
        if (unreadable != null && !(unreadable instanceof StoreException.NotFound)) {
            return;
        }
        try {
            if (isStillTheSame()) {
                parts.logEnded(log, end);
            } else {
                parts.requireLogReaches(log, end);
            }
        } catch (StoreException e) {
            if (parts.newerThanLedger().isEmpty()) {
                findings.add(e, file);
            }
        }
        parts.newerThanLedger().forEach(newer -> findings.add(newer, file));
    }

    private boolean isStillTheSame() {
        try {
            MetadataFormat.Frame again = PartsLedgerFormat.frame(storage, file);
            return first != null && again.partVersion() == first.partVersion() && again.checksum() == first.checksum();
        } catch (StoreException.NotFound e) {
            return first == null;
        } catch (StoreException e) {
            return false;
        }
    }
}
