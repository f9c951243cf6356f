package io.cleave;

import io.cleave.catalog.CatalogParts;
import io.cleave.catalog.StoreCatalog;
import io.cleave.catalog.StoreCatalogFormat;
import io.cleave.catalog.StoreLayout;
import io.cleave.catalog.StoreOwnership;
import io.cleave.catalog.StoreRoot;
import io.cleave.core.parts.LogEnd;
import io.cleave.core.parts.Parts;
import io.cleave.core.resource.Epoch;
import io.cleave.core.resource.StackRoom;
import io.cleave.core.segment.LogCoverage;
import io.cleave.core.segment.MemtableLayer;
import io.cleave.core.segment.Segment;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.storage.MappingFault;
import io.cleave.core.storage.PartFile;
import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageLimits;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import io.cleave.log.LogInspection;
import io.cleave.log.LogRecord;
import io.cleave.log.OperationsDecoder;
import io.cleave.log.ReplaySink;
import io.cleave.route.KeyMapFormat;
import io.cleave.route.Route;
import io.cleave.route.RoutedIndex;
import io.cleave.route.SegmentSlot;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Opens a store: takes the lock, finds or makes the catalog, replays the log into memtables, deletes what a crash left.
 * Belongs to the opening thread.
 */
final class StoreRecovery implements ReplaySink {
    private final StoreEngine engine;
    private final MemtableLayer.Entry entry = new MemtableLayer.Entry();
    /** Directories of the segments whose manifests say that they hold what is in the log. */
    private final Set<Path> relied = new LinkedHashSet<>();
    /** Why the last put found no memory. */
    private StoreException.LimitReached refused;

    private boolean compared;

    StoreRecovery(StoreEngine engine) {
        this.engine = engine;
    }

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

    /**
     * Makes durable what was published before: a process that died between rename and force of the directory has left versions
     * that can be read and that a power cut takes back. Before the log is released, which the older versions need.
     */
    void forceWhatWasReliedOn() {
        engine.indexes().forEach(index -> engine.storage().forceDirectory(index.directory()));
        relied.forEach(engine.storage()::forceDirectory);
    }

    /** Replays one record: every operation that its segment does not have in its runs goes to the segment's memtable. */
    @Override
    public void record(LogRecord record) {
        if (engine.budget().exceeded()) {
            // Of the records before: the bytes of a large one are given up by now, and need not lie beside those of a
            // flush.
            engine.maintenance().flushLargestNow();
        }
        OperationsDecoder operations = record.decoder();
        while (operations.next()) {
            replay(record, operations);
        }
        engine.context().snapshots().publish(record.lastSequence());
    }

    /** The ledger is compared with the log. */
    @Override
    public void read(LogEnd end) {
        engine.context().parts().logEnded(engine.directory().resolve(StoreLayout.LOG_NAME), end);
    }

    /** A segment that holds more than the log proves that the log has lost its end: what is left of that must stay. */
    @Override
    public void ended() {
        compareManifests();
    }

    /**
     * Compares every manifest with its line and with the end of the log. One that can't be read, or is of another age, is told
     * when its segment is loaded.
     */
    private void compareManifests() {
        compared = true;
        for (RoutedIndex index : engine.indexes()) {
            Route route = index.route();
            for (int i = 0; i < route.size(); i++) {
                long segmentId = route.slot(i).segmentId();
                LogCoverage.require(engine.context(), index.indexId(), segmentId, index.segmentDirectory(segmentId));
            }
        }
    }

    private void replay(LogRecord record, OperationsDecoder operation) {
        RoutedIndex index = engine.indexById(operation.indexId());
        if (index == null) {
            boolean dropped = operation.indexId() < engine.catalog().nextIndexId();
            if (!dropped) {
                throw new StoreException.Corrupt(
                        record.file(),
                        record.offset(),
                        "index id",
                        "below " + engine.catalog().nextIndexId(),
                        operation.indexId());
            }
            return;
        }
        byte[] key = operation.key();
        SegmentSlot slot = loadedSlot(index, key);
        Segment segment = slot.segment();
        if (operation.sequence() <= segment.flushedSequence()) {
            relied.add(segment.directory());
            return;
        }
        entry.set(key, operation.sequence(), operation.kind(), CommitPath.NO_VALUE)
                .setValue(operation.valueBytes(), operation.valueFrom(), operation.valueLength());
        if (!tryPut(index, slot, operation, record.position())) {
            engine.maintenance().flushLargestNow();
            index.load(slot);
            if (!tryPut(index, slot, operation, record.position())) {
                throw refused;
            }
        }
    }

    /** Puts the entry; false when there is no memory for it. */
    private boolean tryPut(RoutedIndex index, SegmentSlot slot, OperationsDecoder operation, long position) {
        engine.context().commitLock().lock();
        try {
            slot.reserveLocked(operation.sequence(), operation.keyLength(), operation.valueLength());
            index.putLocked(slot, entry, position);
            return true;
        } catch (StoreException.LimitReached e) {
            refused = e;
            return false;
        } finally {
            engine.context().commitLock().unlock();
        }
    }

    /** As {@link #compareManifests}, unless that was done before the log went on or the store had a clean end. */
    void compareWhatIsLeft() {
        if (!compared && !engine.context().parts().endedCleanly()) {
            compareManifests();
        }
    }

    /** What was replayed so far is flushed and closed when its segments take all the descriptors or mappings there are. */
    private SegmentSlot loadedSlot(RoutedIndex index, byte[] key) {
        try {
            return index.loadedSlot(key);
        } catch (StoreException.LimitReached e) {
            for (RoutedIndex each : engine.indexes()) {
                StoreMaintenance.forEachSlot(each, slot -> {
                    if (StoreMaintenance.isDirty(slot)) {
                        engine.maintenance().maintain(each, slot, SegmentWork.FLUSH);
                    }
                });
            }
            if (!engine.idle().close()) {
                throw e;
            }
            return index.loadedSlot(key);
        }
    }

    /** Index directories that no catalog names and whose id was given out before: what is left of a drop or a creation. */
    static void deleteOrphanIndexes(StoreEngine engine) {
        StoreCatalog catalog = engine.catalog();
        boolean forced = false;
        for (String name : engine.storage().list(engine.directory())) {
            OptionalInt id = StoreLayout.parseIndex(name);
            boolean orphan = id.isPresent()
                    && id.getAsInt() < catalog.nextIndexId()
                    && !catalog.indexes().containsValue(id.getAsInt());
            if (orphan) {
                if (!forced) {
                    // The catalog that was read may not be durable yet, and the one before it may name the directory.
                    engine.storage().forceDirectory(engine.directory());
                    forced = true;
                }
                deleteIndexDirectory(engine.storage(), engine.directory().resolve(name));
            }
        }
    }

    /** Deletes an index: its segments, its files, itself. */
    static void deleteIndexDirectory(Storage storage, Path directory) {
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
