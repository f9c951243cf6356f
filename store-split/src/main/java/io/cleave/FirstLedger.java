package io.cleave;

import io.cleave.catalog.StoreCatalog;
import io.cleave.catalog.StoreCatalogFormat;
import io.cleave.catalog.StoreLayout;
import io.cleave.core.parts.PartId;
import io.cleave.core.parts.PartLine;
import io.cleave.core.parts.Parts;
import io.cleave.core.parts.PartsLedger;
import io.cleave.core.registry.SegmentIdAllocator;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.segment.SegmentManifest;
import io.cleave.core.segment.SegmentManifestFormat;
import io.cleave.core.storage.PartFile;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.log.LogFileInfo;
import io.cleave.log.LogInspection;
import io.cleave.route.KeyMap;
import io.cleave.route.KeyMapFormat;
import java.nio.file.Path;
import java.util.TreeMap;

/**
 * The first ledger of a store that had none: the parts as they are, each of version 0, without the flag of a clean end. It counts
 * once a catalog is published that says there is one; until then nobody reads it, so it may be written again.
 *
 * <p>Belongs to one thread, which holds the store's lock. Errors: {@code Corrupt} for a part that is missing, damaged, or was
 * published when the store had a ledger, and others for one that can't be read; then no ledger was written.
 */
final class FirstLedger {
    private final Storage storage;
    private final Path store;
    private final StoreIdentity identity;
    private final TreeMap<PartId, PartLine> lines = new TreeMap<>();
    private long sequence;

    /** For a store of which nothing else is at work. */
    FirstLedger(Storage storage, Path store, StoreIdentity identity) {
        this.storage = storage;
        this.store = store;
        this.identity = identity;
    }

    /**
     * Forces every directory, so that nothing that is read here can be taken back, and publishes the ledger. Returns the parts of
     * the store as it tells them.
     */
    Parts write() {
        storage.forceDirectory(store);
        Path log = store.resolve(StoreLayout.LOG_NAME);
        if (storage.kind(log) == Storage.PathKind.DIRECTORY) {
            storage.forceDirectory(log);
        }
        StoreCatalog catalog =
                read(PartId.CATALOG, StoreCatalogFormat.FILE, store).content();
        catalog.indexes().values().forEach(this::addIndex);
        long logFile = 0;
        for (LogFileInfo file : LogInspection.files(storage, log)) {
            logFile = file.chain() == null ? logFile : file.number();
        }
        PartsLedger ledger = new PartsLedger(1, false, sequence, logFile, lines);
        Parts.write(storage, store.resolve(PartsLedger.FILE_NAME), identity, ledger);
        return Parts.of(storage, store, identity, ledger);
    }

    private void addIndex(int id) {
        Path directory = StoreLayout.indexDirectory(store, id);
        read(PartId.segmentIds(id), SegmentIdAllocator.FILE, directory);
        storage.forceDirectory(directory);
        KeyMap map = read(PartId.keyMap(id), KeyMapFormat.FILE, directory).content();
        map.ranges().forEach(range -> addSegment(id, range.segmentId(), directory));
    }

    private void addSegment(int index, long id, Path indexDirectory) {
        Path directory = indexDirectory.resolve(SegmentDirectory.name(id));
        PartId part = PartId.manifest(index, id);
        PartFile.Held<SegmentManifest> held = read(part, SegmentManifestFormat.FILE, directory);
        storage.forceDirectory(directory);
        SegmentManifest manifest = held.content();
        sequence = Math.max(sequence, manifest.flushedSequence());
        PartLine.Contents contents = new PartLine.Contents(manifest.entries(), manifest.runBytes());
        lines.put(part, line(held, contents));
    }

    private <T> PartFile.Held<T> read(PartId part, PartFile<T> file, Path directory) {
        Parts without = Parts.untracked(storage, identity);
        PartFile.Held<T> held = without.read(part, file, directory);
        without.compare(part, held, PartLine.Contents.NONE);
        lines.put(part, line(held, PartLine.Contents.NONE));
        return held;
    }

    private static PartLine line(PartFile.Held<?> held, PartLine.Contents contents) {
        return new PartLine(held.frame().partVersion(), held.frame().checksum(), contents);
    }
}
