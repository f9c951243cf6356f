package io.cleave;

import io.cleave.catalog.CatalogParts;
import io.cleave.catalog.StoreCatalog;
import io.cleave.catalog.StoreCatalogFormat;
import io.cleave.catalog.StoreLayout;
import io.cleave.catalog.StoreOwnership;
import io.cleave.catalog.StoreRoot;
import io.cleave.core.parts.Parts;
import io.cleave.core.resource.Epoch;
import io.cleave.core.resource.StackRoom;
import io.cleave.core.storage.MappingFault;
import io.cleave.core.storage.PartFile;
import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageLimits;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import io.cleave.log.LogInspection;
import io.cleave.route.KeyMapFormat;
import java.nio.file.Path;

/**
 * Opens a store: takes the lock, finds or makes the catalog, replays the log into memtables, deletes what a crash left.
 * Belongs to the opening thread.
 */
final class StoreOpening {
    private StoreOpening() {}

    static StoreEngine open(Path path, StoreOptions options) {
        touchClasses();
        Storage machine = options.storage() == null ? openStorage(options) : options.storage();
        Path directory = StoreRoot.of(machine, path);
        prepareDirectory(machine, directory, options);
        // Before anything is written there: a directory that is not a store, or another user's, stays as it is.
        StoreRoot.requireOwner(machine, directory);
        if (isStore(machine, directory, options)) {
            requireWritable(machine, directory, options);
        }
        StoreOwnership ownership = StoreOwnership.take(machine, directory);
        StoreEngine engine = null;
        try {
            Storage storage = ownership.storage();
            PartFile.Held<StoreCatalog> held = readOrCreateCatalog(storage, directory, options);
            requireLog(storage, directory, held.content());
            if (options.upgrade()) {
                new StoreUpgrade(storage, directory, options, held).run();
                held = StoreCatalogFormat.FILE.read(storage, directory);
            }
            StoreCatalog catalog = held.content();
            catalog.requireWritable(directory);
            Parts parts = CatalogParts.of(storage, directory, held);
            requireNoLaterIndex(storage, directory, catalog);
            engine = new StoreEngine(directory, options, storage, ownership, parts);
            engine.start(catalog);
            return engine;
        } catch (RuntimeException | Error e) {
            if (engine == null) {
                ownership.close();
            } else {
                engine.abandon();
            }
            if (e instanceof InternalError fault) {
                throw MappingFault.of(directory, fault);
            }
            throw e;
        }
    }

    /** A store whose features this version must not write, or that lacks some and is not to be upgraded, stays as it is. */
    private static void requireWritable(Storage storage, Path directory, StoreOptions options) {
        StoreCatalog catalog = StoreCatalogFormat.FILE.read(storage, directory).content();
        if (options.upgrade()) {
            catalog.requireKnown(directory);
        } else {
            catalog.requireWritable(directory);
        }
    }

    /** A class whose first use meets the end of the stack stays broken for the life of the process. */
    private static void touchClasses() {
        StackRoom.requireForWork();
        Epoch.Slot epoch = CallerState.own().epoch();
        epoch.enter();
        epoch.exit();
    }

    private static Storage openStorage(StoreOptions options) {
        StoreLimits limits = options.limits();
        return RealStorage.open(
                options.mapper(),
                StorageLimits.defaults()
                        .withMappedBytesMax(limits.mappedBytesMax())
                        .withFilesMax(limits.openFilesMax()));
    }

    private static void prepareDirectory(Storage storage, Path directory, StoreOptions options) {
        if (storage.kind(directory) == Storage.PathKind.DIRECTORY) {
            return;
        }
        if (!options.createIfMissing()) {
            throw new StoreException.NotFound("store " + directory + " does not exist");
        }
        StoreRoot.create(storage, directory);
    }

    private static PartFile.Held<StoreCatalog> readOrCreateCatalog(
            Storage storage, Path directory, StoreOptions options) {
        if (!isStore(storage, directory, options)) {
            Path parent = directory.getParent();
            if (parent != null) {
                // Also when the directory was there: whoever made it may have died before its name was durable.
                storage.forceDirectory(parent);
            }
            Parts parts = Parts.of(storage, directory, StoreIdentity.random(storage), null);
            IndexSet.writeCatalog(parts, directory, StoreCatalog.empty());
        }
        return StoreCatalogFormat.FILE.read(storage, directory);
    }

    private static void requireLog(Storage storage, Path directory, StoreCatalog catalog) {
        Path log = directory.resolve(StoreLayout.LOG_NAME);
        Storage.PathKind kind = storage.kind(log);
        if (kind != Storage.PathKind.DIRECTORY && kind != Storage.PathKind.ABSENT) {
            throw new StoreException.Corrupt(log, 0, "kind of path", "a directory", "something else");
        }
        if (catalog.nextIndexId() > 1) {
            LogInspection.requireStarted(storage, log);
        }
    }

    /** An index is made after its id was taken: one that lies there with a later id proves that the catalog is an older one. */
    private static void requireNoLaterIndex(Storage storage, Path directory, StoreCatalog catalog) {
        for (String name : storage.list(directory)) {
            int id = StoreLayout.parseIndex(name).orElse(0);
            if (id == 0 || (id < catalog.nextIndexId() && !catalog.indexes().containsValue(id))) {
                continue;
            }
            if (storage.kind(directory.resolve(name)) != Storage.PathKind.DIRECTORY) {
                throw new StoreException.Corrupt(
                        directory.resolve(name), 0, "kind of path", "a directory", "something else");
            }
            Path keyMap = directory.resolve(name).resolve(KeyMapFormat.FILE_NAME);
            if (id >= catalog.nextIndexId() && storage.kind(keyMap) == Storage.PathKind.FILE) {
                throw new StoreException.Corrupt(
                        directory.resolve(name), 0, "index id", "below " + catalog.nextIndexId(), id);
            }
        }
    }

    private static boolean isStore(Storage storage, Path directory, StoreOptions options) {
        boolean there = StoreRoot.isStore(storage, directory);
        if (!there && !options.createIfMissing()) {
            throw new StoreException.NotFound("no store in " + directory);
        }
        return there;
    }
}
