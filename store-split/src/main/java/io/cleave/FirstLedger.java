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
import io.cleave.core.storage.MetadataFormat;
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
        Path catalogFile = store.resolve(StoreCatalog.FILE_NAME);
        MetadataFormat.Frame frame = read(PartId.CATALOG, catalogFile, StoreCatalogFormat.MAGIC);
        StoreCatalogFormat.decode(catalogFile, frame.body()).indexes().values().forEach(this::addIndex);
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
        read(PartId.segmentIds(id), directory.resolve(SegmentIdAllocator.FILE_NAME), SegmentIdAllocator.MAGIC);
        storage.forceDirectory(directory);
        Path keyMapFile = directory.resolve(KeyMapFormat.FILE_NAME);
        KeyMap map = KeyMapFormat.decode(
                keyMapFile,
                read(PartId.keyMap(id), keyMapFile, KeyMapFormat.MAGIC).body());
        map.ranges().forEach(range -> addSegment(id, range.segmentId(), directory));
    }

    private void addSegment(int index, long id, Path indexDirectory) {
        Path directory = indexDirectory.resolve(SegmentDirectory.name(id));
        Path file = directory.resolve(SegmentManifest.FILE_NAME);
        PartId part = PartId.manifest(index, id);
        MetadataFormat.Frame frame = read(part, file, SegmentManifestFormat.MAGIC);
        storage.forceDirectory(directory);
        SegmentManifest manifest = SegmentManifestFormat.decode(file, frame.body());
        sequence = Math.max(sequence, manifest.flushedSequence());
        PartLine.Contents contents = new PartLine.Contents(manifest.entries(), manifest.runBytes());
        lines.put(part, new PartLine(frame.partVersion(), frame.checksum(), contents));
    }

    private MetadataFormat.Frame read(PartId part, Path file, long magic) {
        Parts without = Parts.untracked(storage, identity);
        MetadataFormat.Frame frame = without.read(part, file, magic);
        without.compare(part, file, frame, PartLine.Contents.NONE);
        lines.put(part, new PartLine(frame.partVersion(), frame.checksum(), PartLine.Contents.NONE));
        return frame;
    }
}
