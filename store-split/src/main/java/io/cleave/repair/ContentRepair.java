package io.cleave.repair;

import io.cleave.catalog.Feature;
import io.cleave.catalog.StoreCatalog;
import io.cleave.catalog.StoreCatalogFormat;
import io.cleave.catalog.StoreLayout;
import io.cleave.catalog.StoredOptions;
import io.cleave.core.run.Run;
import io.cleave.core.run.RunIdentity;
import io.cleave.core.run.RunOptions;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.segment.SegmentManifest;
import io.cleave.core.storage.MetadataFile;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.PartFile;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import io.cleave.inspect.NewestRun;
import io.cleave.log.LogRecordKind;
import io.cleave.log.LogSalvage;
import io.cleave.log.OperationsDecoder;
import io.cleave.route.KeyMap;
import io.cleave.route.KeyMapFormat;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Makes catalog, indexes and log usable once every file is where it belongs. The log comes last: until then it holds what
 * lost runs held; the catalog comes after the indexes that it names. Belongs to one thread, used once.
 */
final class ContentRepair {
    /** Where a log is written anew before it takes the place of the old one. */
    private static final String NEW_LOG_NAME = StoreLayout.LOG_NAME + MetadataFile.TEMPORARY_SUFFIX;

    /** The last id whose successor a catalog can name. */
    private static final int INDEX_ID_MAX = Integer.MAX_VALUE - 1;

    private static final String RECOVERED = "recovered-";

    private final Salvage salvage;
    private final PlannedStorage storage;
    private final StoreIdentity identity;
    private final Path store;
    private final Path catalogFile;
    private final Path log;
    private final Path newLog;
    private final LedgerRepair ledger;

    ContentRepair(Salvage salvage, StoreIdentity identity, LedgerRepair ledger) {
        this.ledger = ledger;
        this.salvage = salvage;
        this.storage = salvage.storage();
        this.identity = identity;
        this.store = salvage.store();
        this.catalogFile = store.resolve(StoreCatalog.FILE_NAME);
        this.log = store.resolve(StoreLayout.LOG_NAME);
        this.newLog = store.resolve(NEW_LOG_NAME);
    }

    void repair() {
        finishNewLog();
        LogSalvage before = new LogSalvage(storage, log, identity);
        if (before.failure() != null) {
            salvage.requireDamage(before.failure());
        }
        StoreException failure = catalogFailure();
        StoreCatalog old = failure == null ? readCatalog(catalogFile) : null;
        StoreCatalog catalog = old == null ? rebuiltCatalog(before) : extendedCatalog(old, before);
        if (old != null && !old.has(Feature.LEDGER) && (ledger.isTracked() || before.isOfLedger())) {
            failure = new StoreException.Corrupt(
                    catalogFile, MetadataFormat.BODY_OFFSET, "ledger", "one, as parts or the log tell", "none");
            Map<Integer, StoredOptions> shown = new TreeMap<>();
            catalog.indexes().values().forEach(id -> shown.put(id, shownOptions(id)));
            catalog = catalog.upgraded(shown);
        } else if (old != null && catalog.nextIndexId() > old.nextIndexId()) {
            String expected = "at least " + catalog.nextIndexId() + ", as the log or a directory tells";
            failure = new StoreException.Corrupt(
                    catalogFile, MetadataFormat.BODY_OFFSET, "next index id", expected, old.nextIndexId());
        }
        for (Map.Entry<String, Integer> index : catalog.indexes().entrySet()) {
            new IndexRepair(salvage, identity, place(index.getKey(), index.getValue())).repair(before);
        }
        if (failure != null) {
            publishCatalog(failure, catalog);
        }
        putOtherIndexesAside(catalog);
        repairLog(before, catalog);
        if (failure != null) {
            loseIndexesOfTheLog(old == null ? 1 : old.nextIndexId(), before, catalog);
        }
    }

    private IndexPlace place(String name, int id) {
        return new IndexPlace(name, id, StoreLayout.indexDirectory(store, id));
    }

    /**
     * With catalog and directory of an index lost only the log says that there was one, or that it was dropped.
     *
     * @param from the first index id that the old catalog knew nothing of
     */
    private void loseIndexesOfTheLog(int from, LogSalvage records, StoreCatalog catalog) {
        Set<Integer> unknown = indexesOf(records);
        unknown.removeIf(id -> id < from);
        unknown.removeAll(catalog.indexes().values());
        for (int id : unknown) {
            String name = "that has left no directory, unless it was dropped";
            salvage.lose(new LostRange(name, id, log, null, null, 0, LostEntries.UNKNOWN, LostRange.Shown.NOTHING));
        }
    }

    /**
     * True for a whole store of level 1 whose log does not end cleanly. An upgrade takes none like it, and this version does not
     * open one to give it such an end.
     */
    static boolean lacksEnd(Storage storage, Path store) {
        PartFile.Held<StoreCatalog> held = StoreCatalogFormat.FILE.read(storage, store);
        StoreCatalog catalog = held.content();
        Path log = store.resolve(StoreLayout.LOG_NAME);
        return catalog.level() == StoreCatalog.LEVEL_OLDEST
                && lacksEnd(
                        catalog, LogSalvage.isClean(storage, log, held.frame().store()));
    }

    private static boolean lacksEnd(StoreCatalog catalog, boolean clean) {
        return catalog.level() == StoreCatalog.LEVEL_OLDEST && catalog.nextIndexId() > 1 && !clean;
    }

    /** An earlier repair may have been cut short between its last two steps: the old log goes when the new one is whole. */
    private void finishNewLog() {
        if (storage.kind(newLog) == Storage.PathKind.ABSENT) {
            return;
        }
        boolean whole = storage.kind(log) == Storage.PathKind.ABSENT
                && storage.kind(newLog) == Storage.PathKind.DIRECTORY
                && LogSalvage.isWhole(storage, newLog, identity);
        if (whole) {
            storage.rename(newLog, log);
            storage.forceDirectory(store);
            salvage.note("log", log, "a log", "one that an earlier repair has written", "put in its place");
        } else {
            salvage.putAside(newLog, "log", "no other", "one that an earlier repair has not finished");
        }
    }

    private StoreException catalogFailure() {
        try {
            readCatalog(catalogFile);
            return null;
        } catch (StoreException e) {
            salvage.requireDamage(e);
            return e;
        }
    }

    private StoreCatalog readCatalog(Path file) {
        return StoreCatalogFormat.FILE.readAt(storage, file, identity).content();
    }

    /**
     * Names come from a catalog that was written and not published, if there is one; so do options, else from the newest run. The
     * new catalog is of this version's level, whatever the old one was.
     */
    private StoreCatalog rebuiltCatalog(LogSalvage records) {
        Map<Integer, String> known = new TreeMap<>();
        Map<Integer, StoredOptions> options = new TreeMap<>();
        int[] highest = {0};
        try {
            StoreCatalog unpublished =
                    readCatalog(store.resolve(StoreCatalog.FILE_NAME + MetadataFile.TEMPORARY_SUFFIX));
            unpublished.indexes().forEach((name, id) -> known.put(id, name));
            options.putAll(unpublished.options());
            highest[0] = unpublished.nextIndexId() - 1;
        } catch (StoreException e) {
            salvage.requireDamage(e);
        }
        indexesOf(records).forEach(id -> highest[0] = Math.max(highest[0], Math.min(INDEX_ID_MAX, id)));
        Map<String, Integer> indexes = new TreeMap<>();
        for (String name : storage.list(store)) {
            StoreLayout.parseIndex(name).ifPresent(id -> {
                if (id > INDEX_ID_MAX) {
                    // No store has given it out. With no catalog that names it, it is put aside.
                    return;
                }
                highest[0] = Math.max(highest[0], id);
                if (new IndexRepair(salvage, identity, place(name, id)).isThere()) {
                    String given = known.getOrDefault(id, RECOVERED + "%05d".formatted(id));
                    indexes.put(indexes.containsKey(given) ? given + "-again" : given, id);
                    options.putIfAbsent(id, shownOptions(id));
                }
            });
        }
        options.keySet().retainAll(indexes.values());
        return StoreCatalog.empty().withIndexes(highest[0] + 1, indexes, options);
    }

    /**
     * A catalog that can be read, but is older than the log or than an index that lies there, with these indexes in it. One that was
     * dropped meanwhile is among them: only the catalog that is gone said so.
     */
    private StoreCatalog extendedCatalog(StoreCatalog old, LogSalvage records) {
        Map<String, Integer> indexes = new TreeMap<>(old.indexes());
        Map<Integer, StoredOptions> options = new TreeMap<>(old.options());
        Set<Integer> later = indexesOf(records);
        for (String name : storage.list(store)) {
            int id = StoreLayout.parseIndex(name).orElse(0);
            if (id >= old.nextIndexId() && id <= INDEX_ID_MAX && hasKeyMap(id)) {
                later.add(id);
                indexes.put(RECOVERED + "%05d".formatted(id), id);
                options.put(id, shownOptions(id));
            }
        }
        int highest = old.nextIndexId() - 1;
        for (int id : later) {
            highest = Math.max(highest, Math.min(INDEX_ID_MAX, id));
        }
        if (old.level() == StoreCatalog.LEVEL_OLDEST) {
            options.clear();
        }
        return old.withIndexes(highest + 1, indexes, options);
    }

    /** True when the directory of an index holds its key map, of this store. */
    private boolean hasKeyMap(int id) {
        Path directory = StoreLayout.indexDirectory(store, id);
        try {
            KeyMap map = KeyMapFormat.FILE.read(storage, directory, identity).content();
            return map.indexId() == id;
        } catch (StoreException e) {
            salvage.requireDamage(e);
            return false;
        }
    }

    private StoredOptions shownOptions(int id) {
        Path directory = StoreLayout.indexDirectory(store, id);
        return StoredOptions.of(new NewestRun(storage, identity, id, directory).options(RunOptions.defaults()));
    }

    /** The indexes that records of the log write to. */
    private static Set<Integer> indexesOf(LogSalvage records) {
        Set<Integer> found = new TreeSet<>();
        records.records(record -> {
            OperationsDecoder operation = record.decoder();
            while (record.kind() == LogRecordKind.DATA && operation.next()) {
                found.add(operation.indexId());
            }
        });
        return found;
    }

    private void publishCatalog(StoreException failure, StoreCatalog catalog) {
        String old = storage.kind(catalogFile) == Storage.PathKind.ABSENT
                ? ""
                : ", the old one " + salvage.movedTo(salvage.putAside(catalogFile));
        StoreCatalogFormat.FILE.publish(storage, store, identity, catalog);
        String names = catalog.indexes().isEmpty() ? "no index" : "indexes " + catalog.indexes();
        salvage.note(failure, catalogFile, "made anew with " + names + old);
    }

    private void putOtherIndexesAside(StoreCatalog catalog) {
        for (String name : storage.list(store)) {
            StoreLayout.parseIndex(name).ifPresent(id -> {
                if (!catalog.indexes().containsValue(id)) {
                    salvage.putAside(store.resolve(name), "index", "one that the catalog names", "another");
                }
            });
        }
    }

    private void repairLog(LogSalvage before, StoreCatalog catalog) {
        long sequence = Math.max(highestSequence(), ledger.sequence());
        boolean whole = before.failure() == null && before.isStarted() && before.lastSequence() >= sequence;
        if (whole && !lacksEnd(catalog, before.isClean())) {
            return;
        }
        before.expect(sequence);
        before.rewrite(storage, newLog, sequence, ledger.ledgerVersion());
        String done = "written anew with what can be read";
        if (storage.kind(log) != Storage.PathKind.ABSENT) {
            done += ", the old one " + salvage.movedTo(salvage.putAside(log));
        }
        storage.rename(newLog, log);
        storage.forceDirectory(store);
        if (whole) {
            salvage.note("end of the log", log, "a clean one, for the upgrade of a store of level 1", "none", done);
            return;
        }
        if (before.failure() == null) {
            salvage.note("last sequence number of the log", log, "at least " + sequence, before.lastSequence(), done);
        } else {
            salvage.note(before.failure(), log, done);
        }
        loseWhatOnlyTheLogHeld(catalog);
    }

    /** Nothing tells which records are missing, only that everything up to a segment's flushed sequence number is in its runs. */
    private void loseWhatOnlyTheLogHeld(StoreCatalog catalog) {
        catalog.indexes().forEach((name, id) -> {
            IndexPlace index = place(name, id);
            long flushed = Long.MAX_VALUE;
            for (String segment : storage.list(index.directory())) {
                SegmentManifest manifest = manifest(index, segment);
                flushed = manifest == null ? flushed : Math.min(flushed, manifest.flushedSequence());
            }
            salvage.lose(new LostRange(
                    name,
                    id,
                    log,
                    null,
                    null,
                    flushed == Long.MAX_VALUE ? 0 : flushed,
                    LostEntries.UNKNOWN,
                    LostRange.Shown.OLDER));
        });
    }

    /** The manifest in a directory of an index; null when it is none of a segment, or has none. */
    private SegmentManifest manifest(IndexPlace index, String segment) {
        return SegmentDirectory.parse(segment).isEmpty()
                ? null
                : new SegmentRepair(salvage, identity, index, index.directory().resolve(segment)).manifest();
    }

    /** The highest sequence number that a manifest or run of the store holds. */
    private long highestSequence() {
        long highest = 0;
        for (String index : storage.list(store)) {
            int id = StoreLayout.parseIndex(index).orElse(0);
            for (String name : id == 0 ? java.util.List.<String>of() : storage.list(store.resolve(index))) {
                Path directory = store.resolve(index).resolve(name);
                SegmentManifest manifest = manifest(place(index, id), name);
                if (manifest != null) {
                    highest = Math.max(highest, manifest.flushedSequence());
                    for (SegmentManifest.RunEntry run : manifest.runs()) {
                        highest = Math.max(highest, largestSequence(directory, run.runNumber()));
                    }
                }
            }
        }
        return highest;
    }

    private long largestSequence(Path directory, long runNumber) {
        try (Run run = Run.openAny(storage, directory.resolve(RunIdentity.fileName(runNumber)))) {
            return run.properties().largestSequence();
        }
    }
}
