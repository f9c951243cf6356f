package io.cleave.inspect;

import io.cleave.catalog.Feature;
import io.cleave.catalog.StoreCatalog;
import io.cleave.catalog.StoreCatalogFormat;
import io.cleave.catalog.StoreLayout;
import io.cleave.catalog.StoreRoot;
import io.cleave.core.parts.PartsLedger;
import io.cleave.core.parts.PartsLedgerFormat;
import io.cleave.core.registry.SegmentIdAllocator;
import io.cleave.core.run.Run;
import io.cleave.core.run.RunIdentity;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.segment.SegmentManifest;
import io.cleave.core.segment.SegmentManifestFormat;
import io.cleave.core.storage.MappingFault;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import io.cleave.log.LogFileInfo;
import io.cleave.log.LogInspection;
import io.cleave.route.KeyMap;
import io.cleave.route.KeyMapFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A look into a store's directory that changes nothing, be the store closed or in use by this or another process. Each
 * call reads anew.
 *
 * <p>Thread-safe; holds nothing open. Errors: {@link StoreException.NotFound} for what does not exist, {@link
 * StoreException.Corrupt} for damage in what was asked for.
 */
public final class StoreInspection {
    /** How often an index is looked at that is dropped and made anew meanwhile. */
    private static final int DROPS_MAX = 32;

    private final Storage storage;
    private final Path store;

    /** Looks at the store in a directory, through {@code storage}, which stays the caller's. */
    public StoreInspection(Storage storage, Path store) {
        this.storage = storage;
        this.store = StoreRoot.of(storage, store);
    }

    /** The store's directory. */
    public Path directory() {
        return store;
    }

    /** Its indexes. */
    public StoreCatalog catalog() {
        requireStore();
        return StoreCatalogFormat.FILE.read(storage, store).content();
    }

    /** Which store it is. */
    public StoreIdentity identity() {
        requireStore();
        return StoreCatalogFormat.FILE.frame(storage, store).store();
    }

    /** The catalog field by field. */
    public FileLayout catalogLayout() {
        catalog();
        return MetadataLayout.catalog(storage, catalogFile());
    }

    /**
     * The ledger of the parts field by field.
     *
     * @throws StoreException.NotFound in a store without one; what lies there under its name is nothing then
     */
    public FileLayout partsLayout() {
        if (!catalog().has(Feature.LEDGER)) {
            throw new StoreException.NotFound("store " + store + " has no ledger of its parts: it is of level "
                    + catalog().level() + ", without the feature " + Feature.LEDGER.text());
        }
        Path file = store.resolve(PartsLedger.FILE_NAME);
        StoreIdentity identity = identity();
        PartsLedgerFormat.read(storage, file, identity);
        return MetadataLayout.parts(storage, file);
    }

    /**
     * What can't be read of that which belongs to no index: the ledger of the parts, and a log that was started. Nothing of a store
     * that never had an index, or whose catalog can't be read. {@code verify} tells more.
     */
    public List<Finding> unreadParts() {
        StoreCatalog catalog;
        try {
            catalog = catalog();
        } catch (StoreException e) {
            return List.of();
        }
        List<Finding> unread = new ArrayList<>();
        if (catalog.nextIndexId() > 1) {
            Path log = store.resolve(StoreLayout.LOG_NAME);
            unreadPart(unread, log, () -> LogInspection.requireStarted(storage, log));
            if (catalog.has(Feature.LEDGER)) {
                unreadPart(unread, store.resolve(PartsLedger.FILE_NAME), this::partsLayout);
            }
        }
        return unread;
    }

    private static void unreadPart(List<Finding> unread, Path part, Runnable look) {
        try {
            look.run();
        } catch (StoreException e) {
            unread.add(Finding.of(e, part));
        }
    }

    /** Directory of an index. */
    public Path indexDirectory(String index) {
        Path directory = directoryOrNull(index);
        if (directory == null) {
            throw unknown(index);
        }
        return directory;
    }

    private Path directoryOrNull(String index) {
        Integer id = catalog().indexes().get(index);
        return id == null ? null : StoreLayout.indexDirectory(store, id);
    }

    private StoreException.NotFound unknown(String index) {
        return new StoreException.NotFound("store " + store + " has no index of that name: expected one of "
                + catalog().indexes().keySet() + ", found " + KeyText.ofName(index));
    }

    /** The key map of an index. */
    public KeyMap keyMap(String index) {
        return keyMapIn(indexDirectory(index));
    }

    /** The key map of an index field by field. */
    public FileLayout keyMapLayout(String index) {
        Path directory = indexDirectory(index);
        keyMapIn(directory);
        return MetadataLayout.keyMap(storage, directory.resolve(KeyMapFormat.FILE_NAME));
    }

    /** The mark of an index's segment ids, field by field. */
    public FileLayout segmentIdsLayout(String index) {
        Path directory = indexDirectory(index);
        StoreIdentity identity = identity();
        SegmentIdAllocator.readMark(storage, directory, identity);
        return MetadataLayout.segmentIds(storage, directory.resolve(SegmentIdAllocator.FILE_NAME));
    }

    /**
     * An index with all its segments.
     *
     * @throws StoreException.Busy when a live writer has replaced its files during each of several looks
     */
    public IndexLook index(String name) {
        return required(name, named(name, ReadableIndex::wholeIndex));
    }

    /** Hands over all indexes, one by one, as {@link #index} shows one; those that a live writer drops meanwhile are left out. */
    public void indexes(Consumer<IndexLook> shown) {
        forEach(ReadableIndex::wholeIndex, shown);
    }

    /**
     * As {@link #index}, of whatever can be read; what can't be read is told in it.
     *
     * @throws StoreException.NotFound when the catalog names no such index
     */
    public IndexLook readable(String name) {
        return required(name, named(name, ReadableIndex::look));
    }

    /**
     * All indexes as {@link #readable(String)} shows one; those that a live writer drops meanwhile are left out. Without a catalog that can
     * be read they are called as their directories are, and the first one tells of the catalog.
     */
    public List<IndexLook> readable() {
        try {
            catalog();
        } catch (StoreException.Corrupt | StoreException.Io e) {
            return withoutCatalog(e);
        }
        List<IndexLook> looks = new ArrayList<>();
        forEach(ReadableIndex::look, looks::add);
        return looks;
    }

    private void forEach(Function<ReadableIndex, IndexLook> looking, Consumer<IndexLook> shown) {
        for (String name : catalog().indexes().keySet()) {
            IndexLook look = named(name, looking);
            if (look != null) {
                shown.accept(look);
            }
        }
    }

    private IndexLook required(String name, IndexLook look) {
        if (look == null) {
            throw unknown(name);
        }
        return look;
    }

    /** Null when there is no index of that name. What is missed of one that a live writer has dropped meanwhile is no damage. */
    private IndexLook named(String name, Function<ReadableIndex, IndexLook> looking) {
        for (int n = 0; n < DROPS_MAX; n++) {
            Path directory = directoryOrNull(name);
            if (directory == null) {
                return null;
            }
            IndexLook look = null;
            StoreException.NotFound failure = null;
            try {
                look = looking.apply(new ReadableIndex(storage, name, directory));
            } catch (StoreException.NotFound e) {
                failure = e;
            }
            boolean isWhole = look != null && look.unread().isEmpty();
            if (isWhole || directory.equals(directoryOrNull(name))) {
                return found(look, failure);
            }
        }
        throw new StoreException.Busy("store " + store + " is being written: index " + KeyText.ofName(name)
                + " was dropped and made anew during each of " + DROPS_MAX + " looks; look again");
    }

    private static IndexLook found(IndexLook look, StoreException failure) {
        if (failure != null) {
            throw failure;
        }
        return look;
    }

    private List<IndexLook> withoutCatalog(StoreException failure) {
        List<IndexLook> looks = new ArrayList<>();
        for (String directory : storage.list(store)) {
            if (StoreLayout.parseIndex(directory).isPresent()) {
                IndexLook look = new ReadableIndex(storage, directory, store.resolve(directory)).look();
                if (storage.kind(look.directory()) == Storage.PathKind.ABSENT) {
                    continue;
                }
                List<Finding> unread = new ArrayList<>(look.unread());
                if (looks.isEmpty()) {
                    unread.add(0, Finding.of(failure, catalogFile()));
                }
                looks.add(new IndexLook(directory, look.directory(), look.keyMap(), look.segments(), unread));
            }
        }
        if (looks.isEmpty()) {
            throw failure;
        }
        return looks;
    }

    /**
     * A segment.
     *
     * @throws StoreException.Busy when a live writer has replaced its files during each of several looks
     */
    public SegmentLook segment(String index, long segmentId) {
        Path directory = segmentDirectory(index, segmentId);
        try {
            return new ReadableIndex(storage, index, directory.getParent()).wholeSegment(directory);
        } catch (StoreException.NotFound e) {
            // When a live writer has split or merged it meanwhile, that is what is to be told.
            segmentDirectory(index, segmentId);
            throw e;
        }
    }

    /** The manifest of a segment field by field. */
    public FileLayout manifestLayout(String index, long segmentId) {
        Path file = segmentDirectory(index, segmentId).resolve(SegmentManifest.FILE_NAME);
        manifestIn(file.getParent());
        return MetadataLayout.manifest(storage, file);
    }

    /** Opens a run for as long as {@code look} runs. The layout is not used after it has returned. */
    public <T> T run(String index, long segmentId, long runNumber, Function<RunLayout, T> look) {
        Path directory = segmentDirectory(index, segmentId);
        if (runNumber < 1) {
            throw new StoreException.NotFound("segment in " + directory + " has no run " + runNumber);
        }
        Path file = directory.resolve(RunIdentity.fileName(runNumber));
        try (Run run = Run.openAny(storage, file)) {
            return look.apply(new RunLayout(storage, run));
        } catch (InternalError e) {
            throw MappingFault.of(file, e);
        }
    }

    /** The log files, lowest number first, without those that a live writer releases meanwhile. */
    public List<LogFileInfo> logFiles() {
        return LogInspection.filesBesideWriter(storage, store.resolve(StoreLayout.LOG_NAME));
    }

    /** A log file, its blocks and records. */
    public LogLayout log(long number) {
        for (LogFileInfo file : logFiles()) {
            if (file.number() == number) {
                return new LogLayout(storage, file);
            }
        }
        throw new StoreException.NotFound(
                "log " + store.resolve(StoreLayout.LOG_NAME) + " has no file of number " + number);
    }

    private Path segmentDirectory(String index, long segmentId) {
        Path parent = indexDirectory(index);
        Path directory = segmentId < 1 ? null : parent.resolve(SegmentDirectory.name(segmentId));
        if (directory == null || storage.kind(directory) != Storage.PathKind.DIRECTORY) {
            throw new StoreException.NotFound("index in " + parent + " has no segment " + segmentId);
        }
        return directory;
    }

    private SegmentManifest manifestIn(Path directory) {
        return SegmentManifestFormat.FILE.read(storage, directory).content();
    }

    private KeyMap keyMapIn(Path directory) {
        return KeyMapFormat.FILE.read(storage, directory).content();
    }

    private void requireStore() {
        if (storage.kind(catalogFile()) == Storage.PathKind.ABSENT) {
            throw new StoreException.NotFound("no store in " + store);
        }
    }

    private Path catalogFile() {
        return store.resolve(StoreCatalog.FILE_NAME);
    }
}
