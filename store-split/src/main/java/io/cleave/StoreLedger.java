package io.cleave;

import io.cleave.core.parts.LogEnd;
import io.cleave.core.parts.PartId;
import io.cleave.core.parts.Parts;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * When an open store publishes the ledger of its parts: before its first index id, after an open that followed an unclean end, and
 * at a clean close. Stateless; each method has the thread and the lock of its caller.
 */
final class StoreLedger {
    private final StoreContext shared;

    StoreLedger(StoreContext shared) {
        this.shared = shared;
    }

    /**
     * Ends the comparisons of an open: the log goes on, its sequence number is durable. Publishes the ledger after an unclean end;
     * what nothing names may be deleted then.
     */
    void settle() {
        Parts parts = shared.context().parts();
        if (!parts.endedCleanly() && !parts.isWithoutLedger()) {
            parts.forceWhatIsAbove();
            try {
                publish(false);
            } catch (StoreException.DiskFull e) {
                // The old one still tells the truth, if less of it.
                assert e.getMessage() != null;
            }
        }
        parts.settle();
    }

    /**
     * Writes the ledger of a store that has none, before a catalog is published that says there is one; see {@link FirstLedger}.
     * The caller holds the store's lock, and publishes the catalog through what it gets.
     */
    static Parts writeFirst(Storage storage, Path store, StoreIdentity identity) {
        return new FirstLedger(storage, store, identity).write();
    }

    /** Before the first index id is used: from then on a store without a ledger has lost it. */
    void publishFirst() {
        if (shared.context().parts().isWithoutLedger()) {
            publish(false);
        }
    }

    /** True when a memtable of the store holds anything, which a clean end may not leave. */
    boolean hasDirty() {
        boolean[] dirty = {false};
        shared.indexes().forEachSlot((index, slot) -> dirty[0] |= slot.isDirty());
        return dirty[0];
    }

    /** Syncs the log, publishes the ledger of a clean close, and then marks the end of the log. Nothing is left to replay. */
    void closeLogCleanly() {
        boolean told = false;
        try {
            shared.log().writer().sync(shared.log().writer().endPosition());
            publish(true);
            told = true;
        } catch (StoreException.DiskFull e) {
            // Everything is durable; the next open looks at each segment, as after a crash.
            assert e.getMessage() != null;
        } finally {
            if (told) {
                shared.log().writer().close();
            } else {
                shared.log().writer().abandon();
            }
        }
    }

    private void publish(boolean clean) {
        Set<PartId> named = new HashSet<>();
        named.add(PartId.CATALOG);
        shared.indexes().all().forEach(index -> index.addParts(named));
        Parts parts = shared.context().parts();
        long sequence = shared.log().writer().lastSequence();
        parts.publishLedger(
                new LogEnd(sequence, clean, shared.log().writer().newestFile(), parts.ledgerVersion()), named);
    }
}
