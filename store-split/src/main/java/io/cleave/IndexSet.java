package io.cleave;

import io.cleave.catalog.StoreCatalog;
import io.cleave.catalog.StoreCatalogFormat;
import io.cleave.catalog.StoreLayout;
import io.cleave.catalog.StoredOptions;
import io.cleave.core.parts.PartId;
import io.cleave.core.parts.PartLine;
import io.cleave.core.parts.Parts;
import io.cleave.core.resource.RankedLock;
import io.cleave.error.StoreException;
import io.cleave.event.SegmentPlace;
import io.cleave.route.IndexPlace;
import io.cleave.route.OpenIndexes;
import io.cleave.route.RetryPolicy;
import io.cleave.route.Route;
import io.cleave.route.RoutedIndex;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The indexes of one open store: the catalog that names them, and the open indexes themselves. Creates, alters and drops
 * them, each by one publish of the catalog under the store lock.
 *
 * <p>Ownership: the engine closes the indexes. Thread-safe.
 */
final class IndexSet {
    private static final int NAMES_SHOWN = 10;

    private final StoreContext shared;
    private final RankedLock storeLock;
    private final StoreLedger ledger;
    private final StoreMaintenance maintenance;
    private final OpenIndexes indexes;

    /** Guarded by the store lock for writing. */
    private volatile StoreCatalog catalog;

    /**
     * None is open yet.
     *
     * @param storeLock guards the catalog, and the life of the store
     * @param ledger is there before the first index is
     * @param maintenance looks at segments that are loaded, and at the log after a drop
     * @param found what the catalog says at the beginning
     */
    IndexSet(
            StoreContext shared,
            RankedLock storeLock,
            StoreLedger ledger,
            StoreMaintenance maintenance,
            StoreCatalog found) {
        this.shared = shared;
        this.storeLock = storeLock;
        this.ledger = ledger;
        this.maintenance = maintenance;
        this.indexes = shared.indexes();
        this.catalog = found;
    }

    /** Opens what the catalog names. */
    void openAll() {
        catalog.indexes().forEach((name, id) -> {
            StoredOptions stored = catalog.options().get(id);
            indexes.add(RoutedIndex.open(shared.context(), place(name, id, stored == null ? initial() : stored)));
        });
    }

    StoreCatalog catalog() {
        return catalog;
    }

    /** Names and open indexes, by name. */
    Map<String, RoutedIndex> byName() {
        Map<String, RoutedIndex> named = new LinkedHashMap<>();
        catalog.indexes().forEach((name, id) -> {
            RoutedIndex index = indexes.byId(id);
            if (index != null) {
                named.put(name, index);
            }
        });
        return named;
    }

    /** True when there is an index of that name. */
    boolean has(String name) {
        shared.gate().requireOpen();
        return find(name) != null;
    }

    /** The index of that name. */
    RoutedIndex existing(String name) {
        shared.gate().requireOpen();
        RoutedIndex index = find(name);
        if (index == null) {
            throw new StoreException.NotFound(
                    "store " + shared.directory() + " has no index \"" + name + "\"" + names());
        }
        return index;
    }

    /** The index of that name, created with {@code options} when absent; null for those of the store. */
    RoutedIndex open(String name, IndexOptions options) {
        StoreCatalogFormat.nameBytes(name);
        shared.gate().requireOpen();
        RoutedIndex present = find(name);
        if (present != null) {
            return present;
        }
        StoredOptions stored = options == null ? initial() : checked(options);
        shared.notices().requireOutside("creating an index");
        RoutedIndex created;
        storeLock.lock();
        try {
            shared.gate().requireWritable();
            RoutedIndex meanwhile = find(name);
            if (meanwhile != null) {
                return meanwhile;
            }
            created = create(name, stored);
        } catch (StoreException.Io | StoreException.Poisoned e) {
            // A failed force or write, as in background work: it is not known what the disk holds.
            shared.gate().poison(e);
            throw e;
        } finally {
            storeLock.unlock();
        }
        SegmentPlace first = indexes.place(created, created.route().slot(0).segmentId());
        shared.notices().tell(listener -> listener.segmentCreated(first));
        return created;
    }

    /** Keeps what an index writes from now on in another way, durably. */
    void alter(String name, IndexOptions options) {
        StoredOptions checked = checked(options);
        shared.gate().requireOpen();
        shared.notices().requireOutside("altering an index");
        storeLock.lock();
        try {
            shared.gate().requireWritable();
            RoutedIndex index = existing(name);
            ByteBuffer later = index.options().later();
            StoredOptions next =
                    new StoredOptions(checked.run(), checked.segmentBytesMax(), checked.segmentEntriesMax(), later);
            if (!next.equals(index.options())) {
                publish(catalog.withOptions(index.indexId(), next));
                index.alter(next);
            }
        } catch (StoreException.Io | StoreException.Poisoned e) {
            shared.gate().poison(e);
            throw e;
        } finally {
            storeLock.unlock();
        }
    }

    /**
     * Drops an index: the catalog no longer names it, then its files go. False when there is none of that name. What fails after
     * the publish is thrown, but the index is gone all the same, and the rest is done.
     */
    boolean drop(String name) {
        shared.gate().requireOpen();
        shared.notices().requireOutside("dropping an index");
        RoutedIndex index = null;
        storeLock.lock();
        try {
            shared.gate().requireWritable();
            Integer id = catalog.indexes().get(name);
            if (id == null) {
                return false;
            }
            publish(catalog.withoutIndex(name));
            index = indexes.remove(id);
            shared.context().parts().forgetIndex(id);
            deleteDropped(index);
        } catch (StoreException.Io | StoreException.Poisoned e) {
            shared.gate().poison(e);
            throw e;
        } finally {
            storeLock.unlock();
            if (index != null) {
                afterDrop(index);
            }
        }
        return true;
    }

    /** Replaces the catalog of a store. */
    static void writeCatalog(Parts parts, Path store, StoreCatalog catalog) {
        parts.publish(PartId.CATALOG, StoreCatalogFormat.FILE, store, catalog, PartLine.Contents.NONE);
    }

    private void deleteDropped(RoutedIndex index) {
        Closing closing = new Closing();
        // Closing waits for the work that is under way in each segment, so that nothing publishes into the directory
        // while it is being deleted.
        closing.run(index::closeDropped);
        closing.run(() -> IndexDirectories.delete(shared.storage(), index.directory()));
        closing.throwFirst();
    }

    private void afterDrop(RoutedIndex index) {
        maintenance.log().requestRelease();
        Route last = index.route();
        for (int i = 0; i < last.size(); i++) {
            SegmentPlace dropped = indexes.place(index, last.slot(i).segmentId());
            shared.notices().tell(listener -> listener.segmentDropped(dropped));
        }
    }

    private RoutedIndex find(String name) {
        Integer id = catalog.indexes().get(name);
        return id == null ? null : indexes.byId(id);
    }

    private RoutedIndex create(String name, StoredOptions options) {
        int id = catalog.nextIndexId();
        if (id == Integer.MAX_VALUE) {
            throw new StoreException.LimitReached(
                    "store " + shared.directory() + ": all index ids below " + id + " are used");
        }
        ledger.publishFirst();
        // The mark first: should the rest fail, a directory of this id is an orphan below the mark.
        publish(catalog.withIdTaken());
        RoutedIndex index = RoutedIndex.create(shared.context(), place(name, id, options));
        try {
            shared.storage().forceDirectory(shared.directory());
            publish(catalog.withIndex(name, id, options));
        } catch (RuntimeException | Error e) {
            // Its directory is an orphan below the mark, which the next open deletes.
            index.closeAfter(e);
            throw e;
        }
        indexes.add(index);
        return index;
    }

    private void publish(StoreCatalog next) {
        writeCatalog(shared.context().parts(), shared.directory(), next);
        catalog = next;
    }

    /** What a new index gets when nothing else is asked for. */
    private StoredOptions initial() {
        return shared.options().indexOptions().stored();
    }

    private StoredOptions checked(IndexOptions options) {
        long most = shared.options().segmentBytesMost();
        if (options.segmentBytesMax() > most) {
            throw new IllegalArgumentException("segmentBytesMax: expected at most " + most + " with mapper "
                    + shared.options().mapper() + ", found " + options.segmentBytesMax());
        }
        return options.stored();
    }

    /** The names that there are, a few of many. */
    private String names() {
        List<String> names = new ArrayList<>(catalog.indexes().keySet());
        if (names.isEmpty()) {
            return ", and no other";
        }
        boolean all = names.size() <= NAMES_SHOWN;
        String shown = String.join("\", \"", all ? names : names.subList(0, NAMES_SHOWN));
        return ": expected \"" + shown + '"' + (all ? "" : " or one of " + (names.size() - NAMES_SHOWN) + " others");
    }

    private IndexPlace place(String name, int indexId, StoredOptions options) {
        return new IndexPlace(
                name,
                indexId,
                StoreLayout.indexDirectory(shared.directory(), indexId),
                options,
                shared.options().openSegmentsMax(),
                new RetryPolicy(shared.storage(), shared.options().waitMillisMax()),
                shared.options().limits().holdersMax(),
                (index, slot) -> maintenance.due().afterLoad(index, slot));
    }
}
