package io.cleave;

import io.cleave.catalog.StoreCatalog;
import io.cleave.catalog.StoreLayout;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.storage.Storage;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/** Deletes the directories of indexes that are no more. Stateless; the caller holds the store. */
final class IndexDirectories {
    private IndexDirectories() {}

    /** Index directories that no catalog names and whose id was given out before: what is left of a drop or a creation. */
    static void deleteOrphans(Storage storage, Path store, StoreCatalog catalog) {
        boolean forced = false;
        for (String name : storage.list(store)) {
            OptionalInt id = StoreLayout.parseIndex(name);
            boolean orphan = id.isPresent()
                    && id.getAsInt() < catalog.nextIndexId()
                    && !catalog.indexes().containsValue(id.getAsInt());
            if (orphan) {
                if (!forced) {
                    // The catalog that was read may not be durable yet, and the one before it may name the directory.
                    storage.forceDirectory(store);
                    forced = true;
                }
                delete(storage, store.resolve(name));
            }
        }
    }

    /** Deletes an index: its segments, its files, itself. */
    static void delete(Storage storage, Path directory) {
        if (storage.kind(directory) != Storage.PathKind.DIRECTORY) {
            return;
        }
        List<String> names = storage.list(directory);
        for (String name : names) {
            if (SegmentDirectory.parse(name).isPresent()) {
                SegmentDirectory.delete(storage, directory.resolve(name));
            }
        }
        SegmentDirectory.deleteWithFiles(storage, directory);
    }
}
