package io.cleave.repair;

import io.cleave.catalog.Feature;
import io.cleave.catalog.StoreCatalog;
import io.cleave.catalog.StoreCatalogFormat;
import io.cleave.catalog.StoreLayout;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.parts.LogEnd;
import io.cleave.core.parts.PartId;
import io.cleave.core.parts.PartLine;
import io.cleave.core.parts.Parts;
import io.cleave.core.parts.PartsLedger;
import io.cleave.core.parts.PartsLedgerFormat;
import io.cleave.core.registry.SegmentIdAllocator;
import io.cleave.core.run.Run;
import io.cleave.core.run.RunIdentity;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.segment.SegmentManifest;
import io.cleave.core.segment.SegmentManifestFormat;
import io.cleave.core.storage.MetadataFile;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import io.cleave.log.LogInspection;
import io.cleave.route.KeyMap;
import io.cleave.route.KeyMapFormat;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes the ledger of a store tell the truth again. Looks at the parts before anything else does, for those that are older than
 * the ledger; after everything else gives each part that was made anew, or is older, a version above its line, and publishes the
 * ledger last. A store without a ledger gets none. Belongs to one thread, used once.
 *
 * <p>What a part that is older than the rest does not name any more is lost: its keys are among the lost ranges.
 */
final class LedgerRepair {
    /** A part as a file holds it. */
    private record Found(Path file, long magic, MetadataFormat.Frame frame) {}

    private final Salvage salvage;
    private final PlannedStorage storage;
    private final Path store;
    private final Path file;
    private final StoreIdentity identity;

    /** Null when there is none that can be read, as in a store without one. */
    private PartsLedger ledger;

    private StoreException failure;
    private boolean tracked;

    /** A part was published again. */
    private boolean changed;

    /** Versions of all parts before the repair. */
    private final Map<PartId, Long> before = new TreeMap<>();

    /** Parts that were older than the ledger before the repair, with their versions. */
    private final Map<PartId, Long> older = new TreeMap<>();

    LedgerRepair(Salvage salvage, StoreIdentity identity) {
        this.salvage = salvage;
        this.storage = salvage.storage();
        this.store = salvage.store();
        this.file = store.resolve(PartsLedger.FILE_NAME);
        this.identity = identity;
    }

    /** Looks at the ledger and at all parts. */
    void look() {
        try {
            ledger = PartsLedgerFormat.read(storage, file, identity);
        } catch (StoreException e) {
            salvage.requireDamage(e);
            failure = e;
        }
        Map<PartId, Found> parts = parts();
        tracked = isTracked(parts);
        if (!tracked) {
            ledger = null;
            return;
        }
        if (ledger != null && ledger.clean() && endsAsTold()) {
            salvage.countBy(ledger);
        }
        parts.forEach((part, found) -> {
            before.put(part, found.frame().partVersion());
            if (!fits(found, lineOf(part))) {
                older.put(part, found.frame().partVersion());
            }
        });
    }

    /** True when the log ends as the ledger of a clean close tells. */
    private boolean endsAsTold() {
        try {
            LogEnd end = LogInspection.verify(storage, store.resolve(StoreLayout.LOG_NAME), identity)
                    .ending();
            return end.closed() && end.lastSequence() == ledger.sequence();
        } catch (StoreException e) {
            salvage.requireDamage(e);
            return false;
        }
    }

    /**
     * As the parts look: a catalog that tells of no ledger may be older than an upgrade. A ledger alone tells nothing if that catalog
     * can be read, because an upgrade that was cut short leaves one.
     */
    private boolean isTracked(Map<PartId, Found> parts) {
        if (parts.values().stream().anyMatch(part -> part.frame().version() != MetadataFormat.VERSION_OLDEST)) {
            return true;
        }
        Found catalog = parts.get(PartId.CATALOG);
        if (catalog != null) {
            try {
                return StoreCatalogFormat.decode(catalog.file(), catalog.frame().body())
                        .has(Feature.LEDGER);
            } catch (StoreException.Corrupt e) {
                assert e.getMessage() != null;
            }
        }
        return ledger != null;
    }

    /** True when the store has a ledger, or has had one. */
    boolean isTracked() {
        return tracked;
    }

    /** Version of the ledger that is there, for log files that are written anew. */
    long ledgerVersion() {
        if (!tracked) {
            return LogEnd.NO_LEDGER;
        }
        return ledger == null ? 0 : ledger.version();
    }

    /** The log reached this sequence number, as the ledger tells; 0 when it tells nothing. */
    long sequence() {
        return ledger == null ? 0 : ledger.sequence();
    }

    /** Gives versions to the parts and publishes the ledger, when everything else is in order. */
    void finish() {
        if (!catalog().has(Feature.LEDGER)) {
            return;
        }
        loseUnnamedIndexes();
        TreeMap<PartId, PartLine> lines = new TreeMap<>();
        for (Map.Entry<PartId, Found> part : namedParts().entrySet()) {
            lines.put(part.getKey(), line(part.getKey(), part.getValue()));
        }
        LogInspection.Continuity log = LogInspection.verify(storage, store.resolve(StoreLayout.LOG_NAME), identity);
        LogEnd end = log.ending();
        long version = Math.max(ledger == null ? 0 : ledger.version(), end.ledgerVersion());
        PartsLedger same = new PartsLedger(version, isClosed(end), end.lastSequence(), end.newestFile(), lines);
        if (ledger != null && !changed && isTold(same)) {
            return;
        }
        PartsLedger next = new PartsLedger(version + 1, same.clean(), same.sequence(), same.logFile(), lines);
        if (storage.kind(file) != Storage.PathKind.ABSENT && ledger == null) {
            salvage.note(failure, file, "made anew, the old one " + salvage.movedTo(salvage.putAside(file)));
        } else if (ledger == null) {
            salvage.note("ledger of the parts", file, "one", "none", "made anew from the parts that are there");
        } else {
            String found = "version " + ledger.version();
            salvage.note(
                    "ledger of the parts", file, "one that fits them", found, "published as version " + (version + 1));
        }
        Parts.write(storage, file, identity, next);
    }

    /** A log without a mark of its end, and one of a store that had no ledger, tell nothing of a clean end. */
    private static boolean isClosed(LogEnd end) {
        return end.closed() && end.ledgerVersion() != LogEnd.NO_LEDGER;
    }

    /** True when the ledger that is there tells the same, or what the lines tell may have come after it. */
    private boolean isTold(PartsLedger next) {
        if (ledger.version() < next.version()
                || ledger.sequence() > next.sequence()
                || ledger.logFile() > next.logFile()) {
            return false;
        }
        boolean sameEnd = ledger.clean() && ledger.sequence() == next.sequence();
        return next.clean() ? sameEnd && ledger.lines().equals(next.lines()) : older.isEmpty() && isBelow(next);
    }

    private boolean isBelow(PartsLedger next) {
        return next.lines().entrySet().stream().noneMatch(line -> {
            PartLine told = ledger.line(line.getKey());
            return told == null || told.version() > line.getValue().version();
        });
    }

    private PartLine lineOf(PartId part) {
        return ledger == null ? null : ledger.line(part);
    }

    private static boolean fits(Found found, PartLine line) {
        MetadataFormat.Frame frame = found.frame();
        return line == null
                || frame.partVersion() > line.version()
                || (frame.partVersion() == line.version() && frame.checksum() == line.checksum());
    }

    /** The line of a part, which is published again when it does not fit what the ledger tells, or tells no version. */
    private PartLine line(PartId part, Found found) {
        PartLine told = lineOf(part);
        boolean madeAnew = found.frame().version() == MetadataFormat.VERSION_OLDEST
                && (told == null || found.frame().checksum() != told.checksum());
        if (!madeAnew && fits(found, told)) {
            if (told == null || found.frame().partVersion() > told.version()) {
                storage.forceDirectory(found.file().getParent());
            }
            return new PartLine(found.frame().partVersion(), found.frame().checksum(), contents(part, found));
        }
        long version = Math.max(told == null ? 0 : told.version(), before.getOrDefault(part, 0L)) + 1;
        if (older.containsKey(part)) {
            String which = told == null ? "" : Long.toString(told.version());
            salvage.note(
                    "version of the " + part,
                    found.file(),
                    which,
                    older.get(part) + ", older than the rest of the store",
                    (madeAnew ? "made anew" : "kept as it is") + ", as version " + version);
            lose(part, found);
        }
        byte[] framed = MetadataFormat.encode(found.magic(), identity, version, body(part, found));
        MetadataFile.publish(storage, found.file(), framed);
        changed = true;
        return new PartLine(version, MetadataFormat.checksum(framed), contents(part, found));
    }

    private static byte[] bytes(ByteBuffer body) {
        byte[] bytes = new byte[body.capacity()];
        body.get(0, bytes);
        return bytes;
    }

    private byte[] body(PartId part, Found found) {
        if (part.kind() != PartId.Kind.MANIFEST) {
            return bytes(found.frame().body());
        }
        return SegmentManifestFormat.encode(manifest(found), MetadataFormat.VERSION);
    }

    private PartLine.Contents contents(PartId part, Found found) {
        if (part.kind() != PartId.Kind.MANIFEST) {
            return PartLine.Contents.NONE;
        }
        SegmentManifest manifest = manifest(found);
        return new PartLine.Contents(manifest.entries(), manifest.runBytes());
    }

    /** The manifest, with the entries of runs for which it does not tell them. */
    private SegmentManifest manifest(Found found) {
        SegmentManifest manifest =
                SegmentManifestFormat.decode(found.file(), found.frame().body());
        return manifest.withEntries(run -> {
            Path path = found.file().resolveSibling(RunIdentity.fileName(run));
            try (Run open = Run.openAny(storage, path)) {
                return open.properties().entries();
            }
        });
    }

    private void lose(PartId part, Found found) {
        String index = catalog().nameOf(part.indexId());
        switch (part.kind()) {
            case MANIFEST -> {
                SegmentManifest manifest =
                        SegmentManifestFormat.decode(found.file(), found.frame().body());
                salvage.lose(older(index, part.indexId(), found.file(), manifest.bounds()));
            }
            case KEY_MAP -> salvage.lose(older(index, part.indexId(), found.file(), KeyBounds.ALL));
            case CATALOG, SEGMENT_IDS -> {
                // Indexes that an older catalog does not name are lost by themselves; ids hold no entries.
            }
        }
    }

    private static LostRange older(String index, int indexId, Path path, KeyBounds bounds) {
        return new LostRange(
                index, indexId, path, bounds.lower(), bounds.upper(), 0, LostEntries.UNKNOWN, LostRange.Shown.OLDER);
    }

    /** Indexes of which the ledger tells, and which a catalog older than it does not name. */
    private void loseUnnamedIndexes() {
        if (ledger == null || !older.containsKey(PartId.CATALOG)) {
            return;
        }
        StoreCatalog catalog = catalog();
        ledger.lines().keySet().stream()
                .filter(part -> part.kind() == PartId.Kind.KEY_MAP)
                .filter(part -> !catalog.indexes().containsValue(part.indexId()))
                .forEach(part -> salvage.lose(new LostRange(
                        "that the older catalog does not name, unless it was dropped",
                        part.indexId(),
                        StoreLayout.indexDirectory(store, part.indexId()),
                        null,
                        null,
                        0,
                        LostEntries.UNKNOWN,
                        LostRange.Shown.NOTHING)));
    }

    private StoreCatalog catalog() {
        return StoreCatalogFormat.FILE.read(storage, store, identity).content();
    }

    /** The parts that catalog and key maps name. */
    private Map<PartId, Found> namedParts() {
        Map<PartId, Found> named = new LinkedHashMap<>();
        put(named, PartId.CATALOG, store.resolve(StoreCatalog.FILE_NAME), StoreCatalogFormat.MAGIC);
        for (int id : catalog().indexes().values()) {
            Path directory = StoreLayout.indexDirectory(store, id);
            put(
                    named,
                    PartId.segmentIds(id),
                    directory.resolve(SegmentIdAllocator.FILE_NAME),
                    SegmentIdAllocator.MAGIC);
            put(named, PartId.keyMap(id), directory.resolve(KeyMapFormat.FILE_NAME), KeyMapFormat.MAGIC);
            Found map = named.get(PartId.keyMap(id));
            KeyMap keyMap = KeyMapFormat.decode(map.file(), map.frame().body());
            keyMap.ranges().forEach(range -> putManifest(named, id, directory, range.segmentId()));
        }
        return named;
    }

    /** All parts that can be read, whatever names them. */
    private Map<PartId, Found> parts() {
        Map<PartId, Found> all = new TreeMap<>();
        putIfReadable(all, PartId.CATALOG, store.resolve(StoreCatalog.FILE_NAME), StoreCatalogFormat.MAGIC);
        for (String name : storage.list(store)) {
            Path directory = store.resolve(name);
            int id = StoreLayout.parseIndex(name).orElse(0);
            if (id == 0 || storage.kind(directory) != Storage.PathKind.DIRECTORY) {
                continue;
            }
            putIfReadable(
                    all,
                    PartId.segmentIds(id),
                    directory.resolve(SegmentIdAllocator.FILE_NAME),
                    SegmentIdAllocator.MAGIC);
            putIfReadable(all, PartId.keyMap(id), directory.resolve(KeyMapFormat.FILE_NAME), KeyMapFormat.MAGIC);
            for (String segment : storage.list(directory)) {
                Path manifest = directory.resolve(segment).resolve(SegmentManifest.FILE_NAME);
                SegmentDirectory.parse(segment)
                        .ifPresent(number ->
                                putIfReadable(all, PartId.manifest(id, number), manifest, SegmentManifestFormat.MAGIC));
            }
        }
        return all;
    }

    private void putIfReadable(Map<PartId, Found> parts, PartId part, Path path, long magic) {
        try {
            put(parts, part, path, magic);
        } catch (StoreException e) {
            salvage.requireDamage(e);
        }
    }

    private void putManifest(Map<PartId, Found> parts, int index, Path directory, long segment) {
        Path path = directory.resolve(SegmentDirectory.name(segment)).resolve(SegmentManifest.FILE_NAME);
        put(parts, PartId.manifest(index, segment), path, SegmentManifestFormat.MAGIC);
    }

    private void put(Map<PartId, Found> parts, PartId part, Path path, long magic) {
        MetadataFormat.Frame frame = MetadataFile.read(storage, path, magic, identity);
        parts.put(part, new Found(path, magic, frame));
    }
}
