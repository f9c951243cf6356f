package io.cleave.repair;

import io.cleave.catalog.StoreCatalogFormat;
import io.cleave.catalog.StoreLayout;
import io.cleave.core.run.Run;
import io.cleave.core.run.RunIdentity;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.segment.SegmentManifest;
import io.cleave.core.segment.SegmentManifestFormat;
import io.cleave.core.storage.MetadataFile;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.PartFile;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageFile;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import io.cleave.log.LogIdentity;
import io.cleave.log.LogSalvage;
import io.cleave.route.KeyMap;
import io.cleave.route.KeyMapFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Every file of a store that says what it is, and with it where it belongs: catalogs, key maps, manifests, runs and log files
 * carry the identity of the store and their own. Finds the identity of a store whose catalog is lost, and puts back what was
 * renamed or swapped. Belongs to one thread.
 */
final class FilePlaces {
    /** Ending of the name under which a file waits for its own name to become free. */
    static final String WAITING_SUFFIX = ".found";

    /**
     * One file.
     *
     * @param path where it is
     * @param home where it belongs
     * @param identity of the store
     */
    private record Place(Path path, Path home, StoreIdentity identity) {
        boolean isAtHome() {
            return path.equals(home);
        }
    }

    private static final long LOG_MAGIC = MetadataFormat.magic("CLEAVLOG");
    private static final long RUN_MAGIC = MetadataFormat.magic("CLEAVRUN");

    private final Salvage salvage;
    private final PlannedStorage storage;
    private final Path store;
    private final List<Place> places = new ArrayList<>();
    private final Map<StoreIdentity, Integer> votes = new LinkedHashMap<>();

    FilePlaces(Salvage salvage) {
        this.salvage = salvage;
        this.storage = salvage.storage();
        this.store = salvage.store();
        walk(store);
    }

    /** The identity that most files carry, that of the catalog when there are as many others; null when none does. */
    StoreIdentity identity() {
        StoreIdentity most = null;
        for (Map.Entry<StoreIdentity, Integer> vote : votes.entrySet()) {
            if (most == null || vote.getValue() > votes.get(most)) {
                most = vote.getKey();
            }
        }
        return most;
    }

    /**
     * Puts each file of the store where it belongs, unless what it says it is lies there already: then it is a copy, and stays
     * for others to judge. A crash leaves files under their own name or with {@value #WAITING_SUFFIX} behind it, in the
     * directory where they belong; both are found again.
     */
    void putBack(StoreIdentity identity) {
        Map<Path, Place> moving = new LinkedHashMap<>();
        List<Path> taken = new ArrayList<>();
        for (Place place : places) {
            if (place.identity().equals(identity) && place.isAtHome()) {
                taken.add(place.home());
            }
        }
        for (Place place : places) {
            boolean own = place.identity().equals(identity);
            if (own && !place.isAtHome() && !taken.contains(place.home())) {
                moving.putIfAbsent(place.home(), place);
            }
        }
        moving.values().removeIf(place -> !hasRoom(place.home().getParent(), moving));
        for (Place place : moving.values()) {
            Path waiting = waiting(place.home());
            if (!place.path().equals(waiting)) {
                salvage.makeDirectories(place.home().getParent());
                storage.rename(place.path(), waiting);
                storage.forceDirectory(waiting.getParent());
                storage.forceDirectory(place.path().getParent());
            }
        }
        for (Place place : moving.values()) {
            Path home = place.home();
            if (storage.kind(home) != Storage.PathKind.ABSENT) {
                salvage.putAside(home, "file in its place", "the one that says it belongs there", "another");
            }
            storage.rename(waiting(home), home);
            storage.forceDirectory(home.getParent());
            salvage.note(
                    "file in its place",
                    place.path(),
                    "in " + store.relativize(home),
                    "here",
                    "moved to " + store.relativize(home));
        }
    }

    private static Path waiting(Path home) {
        return home.resolveSibling(home.getFileName() + WAITING_SUFFIX);
    }

    /** A run alone is no reason to make the directory of its segment anew: that one may have been deleted for good. */
    private boolean hasRoom(Path directory, Map<Path, Place> moving) {
        Storage.PathKind kind = storage.kind(directory);
        boolean needed = directory.equals(store.resolve(StoreLayout.LOG_NAME))
                || moving.containsKey(directory.resolve(SegmentManifest.FILE_NAME))
                || moving.containsKey(directory.resolve(KeyMapFormat.FILE_NAME));
        return kind == Storage.PathKind.DIRECTORY || (kind == Storage.PathKind.ABSENT && needed);
    }

    private void walk(Path directory) {
        for (String name : storage.list(directory)) {
            Path path = directory.resolve(name);
            // A lock file is never opened: closing it would drop the lock.
            boolean skipped = name.endsWith(MetadataFile.TEMPORARY_SUFFIX)
                    || name.equals(StoreLayout.LOCK_NAME)
                    || (directory.equals(store) && StoreLayout.isAside(name));
            switch (skipped ? Storage.PathKind.OTHER : storage.kind(path)) {
                case DIRECTORY -> walk(path);
                case FILE -> look(path);
                case OTHER, ABSENT -> {}
            }
        }
    }

    private void look(Path path) {
        try {
            long magic = magic(path);
            if (magic == RUN_MAGIC) {
                addRun(path);
            } else if (magic == LOG_MAGIC) {
                LogIdentity log = LogSalvage.identityOf(storage, path);
                if (log != null && log.number() > 0) {
                    add(path, LogSalvage.file(store.resolve(StoreLayout.LOG_NAME), log.number()), log.store());
                }
            } else if (magic == StoreCatalogFormat.MAGIC) {
                MetadataFormat.Frame frame = MetadataFile.read(storage, path, magic);
                add(path, StoreCatalogFormat.FILE.in(store), frame.store());
            } else if (magic == KeyMapFormat.MAGIC) {
                PartFile.Held<KeyMap> held = KeyMapFormat.FILE.readAt(storage, path);
                int index = held.content().indexId();
                if (index > 0) {
                    add(
                            path,
                            KeyMapFormat.FILE.in(StoreLayout.indexDirectory(store, index)),
                            held.frame().store());
                }
            } else if (magic == SegmentManifestFormat.MAGIC) {
                PartFile.Held<SegmentManifest> held = SegmentManifestFormat.FILE.readAt(storage, path);
                SegmentManifest manifest = held.content();
                if (manifest.indexId() > 0 && manifest.segmentId() > 0) {
                    Path segment = segment(manifest.indexId(), manifest.segmentId());
                    add(
                            path,
                            SegmentManifestFormat.FILE.in(segment),
                            held.frame().store());
                }
            }
        } catch (StoreException e) {
            // If damaged, it does not say what it is, or can't be trusted to.
            salvage.requireDamage(e);
        }
    }

    private void addRun(Path path) {
        RunIdentity run;
        try (Run open = Run.openAny(storage, path)) {
            run = open.identity();
        }
        if (run.indexId() > 0 && run.segmentId() > 0 && run.runNumber() > 0) {
            add(path, segment(run.indexId(), run.segmentId()).resolve(run.fileName()), run.store());
        }
    }

    private void add(Path path, Path home, StoreIdentity identity) {
        places.add(new Place(path, home, identity));
        votes.merge(identity, 1, Integer::sum);
    }

    private Path segment(int indexId, long segmentId) {
        return StoreLayout.indexDirectory(store, indexId).resolve(SegmentDirectory.name(segmentId));
    }

    private long magic(Path path) {
        byte[] bytes = new byte[Long.BYTES];
        try (StorageFile file = storage.openForReading(path)) {
            file.read(0, bytes, 0, bytes.length);
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }
}
