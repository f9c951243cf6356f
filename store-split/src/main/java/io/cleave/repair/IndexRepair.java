package io.cleave.repair;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.registry.SegmentIdAllocator;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.segment.SegmentManifest;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import io.cleave.log.LogSalvage;
import io.cleave.route.KeyMap;
import io.cleave.route.KeyMapFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * Makes one index usable: its key map, its mark of segment ids, its segments.
 *
 * <p>A segment that a readable key map names was live, whatever state it is in: it keeps its range. Ranges whose segment has no
 * directory any more, or all of them without a key map, go to the segments that {@link SegmentTiling} finds, then to segments that
 * have lost their manifest and whose runs fit between the others; what is left goes to new, empty segments, into which recovery
 * replays what the log holds. All other segment directories are put aside.
 *
 * <p>Order: the mark before an id is used; segments before the key map that names them; the key map before the segments that it
 * no longer names are moved. Belongs to one thread, used once.
 */
final class IndexRepair {
    /**
     * An id that no store reaches by giving out one after the other. A directory with such a name says nothing about the ids that
     * were given out, and the last name that there is would leave none.
     */
    private static final long ID_REACHED_MAX = SegmentDirectory.ID_MAX / 2;

    private final Salvage salvage;
    private final PlannedStorage storage;
    private final StoreIdentity identity;
    private final IndexPlace index;
    private final int indexId;
    private final Path directory;
    private final Path keyMapFile;
    private final Path markFile;

    /** Manifests by segment id; null for those that have lost it. */
    private final TreeMap<Long, SegmentManifest> segments = new TreeMap<>();

    private KeyMap keyMap;
    private long mark;
    private long highestId;

    IndexRepair(Salvage salvage, StoreIdentity identity, IndexPlace index) {
        this.salvage = salvage;
        this.storage = salvage.storage();
        this.identity = identity;
        this.index = index;
        this.indexId = index.id();
        this.directory = index.directory();
        this.keyMapFile = directory.resolve(KeyMapFormat.FILE_NAME);
        this.markFile = directory.resolve(SegmentIdAllocator.FILE_NAME);
    }

    /** True when there is anything of an index in the directory. */
    boolean isThere() {
        return storage.kind(directory) == Storage.PathKind.DIRECTORY
                && storage.list(directory).stream()
                        .anyMatch(name -> name.equals(KeyMapFormat.FILE_NAME)
                                || SegmentDirectory.parse(name).isPresent());
    }

    void repair(LogSalvage log) {
        salvage.makeDirectories(directory);
        keyMap = readKeyMap();
        for (String name : storage.list(directory)) {
            SegmentDirectory.parse(name)
                    .ifPresent(id ->
                            segments.put(id, new SegmentRepair(salvage, identity, index, segment(id)).manifest()));
        }
        List<SegmentTiling.Tile> tiles = fillWithoutManifest(tiles(log));
        tiles = withMark(tiles);
        Set<Long> used = new HashSet<>();
        for (SegmentTiling.Tile tile : tiles) {
            used.add(tile.segmentId());
            SegmentRepair segment = new SegmentRepair(salvage, identity, index, segment(tile.segmentId()));
            if (segments.containsKey(tile.segmentId())) {
                segment.repair(tile.bounds(), log);
            } else {
                segment.makeEmpty(tile.bounds());
                lose(tile, log);
            }
        }
        publishKeyMap(tiles);
        for (long id : segments.keySet()) {
            if (!used.contains(id)) {
                salvage.putAside(segment(id), "segment that holds a range", "named by the key map", "not used");
            }
        }
    }

    private void lose(SegmentTiling.Tile tile, LogSalvage log) {
        boolean firstOfAll = tile.bounds().equals(KeyBounds.ALL) && segments.isEmpty() && keyMap == null;
        salvage.note(
                "segment of a range",
                segment(tile.segmentId()),
                "one that holds it",
                firstOfAll ? "no segment at all" : "none",
                "a new, empty one");
        if (!log.holdsAll(1, log.lastSequence())) {
            new SegmentLosses(salvage, index)
                    .loseAll(
                            segment(tile.segmentId()),
                            tile.bounds(),
                            entriesOf(tile.bounds()),
                            LostRange.Shown.NOTHING);
        }
    }

    /** Entries of the segments that the key map gives these keys and no others, by the ledger, when none of them is there. */
    private LostEntries entriesOf(KeyBounds bounds) {
        long all = 0;
        for (int i = 0; i < (keyMap == null ? 0 : keyMap.ranges().size()); i++) {
            KeyBounds common = keyMap.bounds(i).intersect(bounds);
            if (common.isEmpty()) {
                continue;
            }
            long id = keyMap.ranges().get(i).segmentId();
            long entries = salvage.entriesOf(indexId, id);
            if (entries < 0 || segments.containsKey(id) || !common.equals(keyMap.bounds(i))) {
                return LostEntries.UNKNOWN;
            }
            all += entries;
        }
        return keyMap == null ? LostEntries.UNKNOWN : LostEntries.exactly(all);
    }

    private KeyMap readKeyMap() {
        try {
            KeyMap map = KeyMapFormat.FILE.read(storage, directory, identity).content();
            Set<Long> ids = new HashSet<>();
            boolean once = map.ranges().stream().allMatch(range -> ids.add(range.segmentId()));
            if (map.indexId() != indexId || !once) {
                throw new StoreException.Corrupt(
                        keyMapFile, MetadataFormat.BODY_OFFSET, "index id, segments once", indexId, "another");
            }
            return map;
        } catch (StoreException e) {
            salvage.requireDamage(e);
            String what = storage.kind(keyMapFile) == Storage.PathKind.ABSENT
                    ? "made anew"
                    : "made anew, the old one " + salvage.movedTo(salvage.putAside(keyMapFile));
            salvage.note(e, keyMapFile, what);
            return null;
        }
    }

    /** The ranges that the key map gives to segments that are there, and in between what can be found. */
    private List<SegmentTiling.Tile> tiles(LogSalvage log) {
        List<SegmentTiling.Tile> fixed = new ArrayList<>();
        Set<Long> named = new HashSet<>();
        for (int i = 0; keyMap != null && i < keyMap.ranges().size(); i++) {
            long id = keyMap.ranges().get(i).segmentId();
            SegmentManifest manifest = segments.get(id);
            boolean there = segments.containsKey(id)
                    && (manifest == null || manifest.bounds().equals(keyMap.bounds(i)));
            fixed.add(new SegmentTiling.Tile(keyMap.bounds(i), there ? id : SegmentTiling.Tile.NOBODY));
            if (there) {
                named.add(id);
            }
        }
        if (fixed.isEmpty()) {
            fixed.add(SegmentTiling.Tile.free(KeyBounds.ALL));
        }
        List<SegmentTiling.Candidate> candidates = new ArrayList<>();
        segments.forEach((id, manifest) -> {
            KeyBounds bounds = manifest == null || named.contains(id) ? null : asInKeyMap(manifest.bounds());
            if (bounds != null) {
                candidates.add(new SegmentTiling.Candidate(id, bounds, manifest.flushedSequence()));
            }
        });
        long logSequence = log.failure() == null ? log.lastSequence() : Long.MAX_VALUE;
        List<SegmentTiling.Tile> tiles = new ArrayList<>();
        for (int i = 0; i < fixed.size(); i++) {
            SegmentTiling.Tile tile = fixed.get(i);
            if (!tile.isFree()) {
                tiles.add(tile);
                continue;
            }
            int last = i;
            while (last + 1 < fixed.size() && fixed.get(last + 1).isFree()) {
                last++;
            }
            KeyBounds gap = new KeyBounds(
                    tile.bounds().lower(), fixed.get(last).bounds().upper());
            tiles.addAll(SegmentTiling.cover(gap, candidates, logSequence));
            i = last;
        }
        return tiles;
    }

    /** No key lies below the empty one: as a lower bound it is none, and below it there is no range, which is null. */
    private static KeyBounds asInKeyMap(KeyBounds bounds) {
        byte[] lower = bounds.lower() != null && bounds.lower().length == 0 ? null : bounds.lower();
        return bounds.upper() != null && bounds.upper().length == 0 ? null : new KeyBounds(lower, bounds.upper());
    }

    /** Gives what nobody holds to segments that have lost their manifest and whose runs lie in it, newest first. */
    private List<SegmentTiling.Tile> fillWithoutManifest(List<SegmentTiling.Tile> tiles) {
        Set<Long> used = new HashSet<>();
        tiles.forEach(tile -> used.add(tile.segmentId()));
        List<SegmentTiling.Tile> filled = new ArrayList<>(tiles);
        for (long id : segments.descendingKeySet()) {
            KeyBounds keys = segments.get(id) != null || used.contains(id)
                    ? null
                    : new SegmentRepair(salvage, identity, index, segment(id)).keysOfRuns();
            for (int i = 0; keys != null && i < filled.size(); i++) {
                SegmentTiling.Tile tile = filled.get(i);
                if (tile.isFree()
                        && tile.bounds().contains(keys.lower())
                        && tile.bounds().contains(keys.upper())) {
                    filled.set(i, new SegmentTiling.Tile(tile.bounds(), id));
                    splitOff(filled, i, keys);
                    break;
                }
            }
        }
        return filled;
    }

    /** Leaves the keys below the segment's first one to others that have lost their manifest, as long as there are any. */
    private void splitOff(List<SegmentTiling.Tile> filled, int at, KeyBounds keys) {
        SegmentTiling.Tile tile = filled.get(at);
        List<KeyBounds> others = new ArrayList<>();
        segments.forEach((id, manifest) -> {
            if (manifest == null && filled.stream().noneMatch(one -> one.segmentId() == id)) {
                KeyBounds its = new SegmentRepair(salvage, identity, index, segment(id)).keysOfRuns();
                if (its != null
                        && tile.bounds().contains(its.lower())
                        && tile.bounds().contains(its.upper())) {
                    others.add(its);
                }
            }
        });
        byte[] above = others.stream()
                .map(KeyBounds::lower)
                .filter(key -> KeyOrder.compare(key, keys.upper()) > 0)
                .min(Comparator.comparing(key -> key, KeyOrder::compare))
                .orElse(null);
        boolean below = others.stream().anyMatch(other -> KeyOrder.compare(other.upper(), keys.lower()) < 0);
        byte[] from = below ? keys.lower() : tile.bounds().lower();
        byte[] to = above == null ? tile.bounds().upper() : above;
        filled.set(at, new SegmentTiling.Tile(new KeyBounds(from, to), tile.segmentId()));
        if (above != null) {
            filled.add(
                    at + 1,
                    SegmentTiling.Tile.free(new KeyBounds(above, tile.bounds().upper())));
        }
        if (below) {
            filled.add(at, SegmentTiling.Tile.free(new KeyBounds(tile.bounds().lower(), from)));
        }
    }

    /** Gives ids to new segments, and publishes the mark when it is damaged or below an id. */
    private List<SegmentTiling.Tile> withMark(List<SegmentTiling.Tile> tiles) {
        StoreException failure = readMark();
        highestId = mark;
        segments.keySet().forEach(this::reached);
        if (keyMap != null) {
            keyMap.ranges().forEach(range -> reached(range.segmentId()));
        }
        List<SegmentTiling.Tile> numbered = new ArrayList<>();
        for (SegmentTiling.Tile tile : tiles) {
            long id = tile.isFree() ? nextId() : tile.segmentId();
            numbered.add(new SegmentTiling.Tile(tile.bounds(), id));
        }
        long needed =
                numbered.stream().mapToLong(SegmentTiling.Tile::segmentId).max().orElse(0);
        if (failure == null && needed <= mark) {
            return numbered;
        }
        if (failure != null) {
            String what = storage.kind(markFile) == Storage.PathKind.ABSENT
                    ? "made anew"
                    : "made anew, the old one " + salvage.movedTo(salvage.putAside(markFile));
            salvage.note(failure, markFile, what);
        } else {
            salvage.note("mark of segment ids", markFile, "at least " + Math.max(highestId, needed), mark, "raised");
        }
        SegmentIdAllocator.FILE.publish(storage, directory, identity, Math.max(highestId, needed));
        return numbered;
    }

    private void reached(long id) {
        highestId = id <= ID_REACHED_MAX ? Math.max(highestId, id) : highestId;
    }

    private long nextId() {
        do {
            if (highestId == SegmentDirectory.ID_MAX) {
                throw new StoreException.LimitReached(
                        "segment ids in " + directory + ": all up to " + highestId + " are used");
            }
            highestId++;
        } while (segments.containsKey(highestId));
        return highestId;
    }

    private StoreException readMark() {
        try {
            if (storage.kind(markFile) == Storage.PathKind.ABSENT) {
                return new StoreException.NotFound(markFile + ": no such file");
            }
            mark = SegmentIdAllocator.readMark(storage, directory, identity);
            return null;
        } catch (StoreException e) {
            salvage.requireDamage(e);
            mark = 0;
            return e;
        }
    }

    private void publishKeyMap(List<SegmentTiling.Tile> tiles) {
        List<KeyMap.Range> ranges = new ArrayList<>();
        boolean same = keyMap != null && keyMap.ranges().size() == tiles.size();
        for (int i = 0; i < tiles.size(); i++) {
            SegmentTiling.Tile tile = tiles.get(i);
            byte[] lower = tile.bounds().lower();
            ranges.add(new KeyMap.Range(lower == null ? new byte[0] : lower, tile.segmentId()));
            same = same
                    && keyMap.ranges().get(i).segmentId() == tile.segmentId()
                    && keyMap.bounds(i).equals(tile.bounds());
        }
        if (same) {
            return;
        }
        KeyMap next = new KeyMap(indexId, keyMap == null ? 1 : keyMap.version() + 1, ranges);
        KeyMapFormat.FILE.publish(storage, directory, identity, next);
        salvage.note(
                "key map",
                keyMapFile,
                "the segments that are there",
                keyMap == null ? "none" : "others",
                "published with " + ranges.size() + " ranges");
    }

    private Path segment(long id) {
        return directory.resolve(SegmentDirectory.name(id));
    }
}
