package io.cleave.route;

import io.cleave.core.parts.PartId;
import io.cleave.core.parts.PartLine;
import io.cleave.core.parts.Parts;
import io.cleave.core.registry.SegmentIdAllocator;
import io.cleave.core.segment.SegmentContext;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.PartFile;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** What lies in the directory of an index: its key map, and the directories of its segments. Stateless, thread-safe. */
final class IndexDirectory {
    private IndexDirectory() {}

    /**
     * Reads the key map and the mark of the segment ids, compares their age, and checks that everything the map names is there
     * and not above the mark, so that what is absent from the map is an orphan.
     */
    static KeyMap read(Storage storage, Parts parts, int indexId, Path directory) {
        Storage.PathKind kind = storage.kind(directory);
        if (kind == Storage.PathKind.FILE || kind == Storage.PathKind.OTHER) {
            // A link to a directory, above all: what it leads to is not this store's to read or to clean up.
            throw new StoreException.Corrupt(directory, 0, "kind of path", Storage.PathKind.DIRECTORY, kind);
        }
        KeyMap map = readKeyMap(parts, indexId, directory);
        long mark = SegmentIdAllocator.readMark(parts, indexId, directory);
        Path file = KeyMapFormat.FILE.in(directory);
        Set<Long> named = new HashSet<>();
        for (KeyMap.Range range : map.ranges()) {
            long id = range.segmentId();
            if (!named.add(id)) {
                throw new StoreException.Corrupt(file, 0, "segment named once", id, "twice");
            }
            if (id > mark) {
                throw new StoreException.Corrupt(file, 0, "segment id", "at most the mark " + mark, id);
            }
            Path segment = directory.resolve(SegmentDirectory.name(id));
            if (storage.kind(segment) != Storage.PathKind.DIRECTORY) {
                throw missingSegment(parts, indexId, id, segment);
            }
        }
        return map;
    }

    static KeyMap readKeyMap(Parts parts, int indexId, Path directory) {
        PartId part = PartId.keyMap(indexId);
        PartFile.Held<KeyMap> held = parts.read(part, KeyMapFormat.FILE, directory);
        KeyMap map = held.content();
        if (map.indexId() != indexId) {
            throw new StoreException.Corrupt(
                    held.file(), MetadataFormat.BODY_OFFSET, "index id", indexId, map.indexId());
        }
        parts.compare(part, held, PartLine.Contents.NONE);
        return map;
    }

    /** What to throw when the directory of a segment is not there that the key map names. */
    static StoreException.Corrupt missingSegment(Parts parts, int indexId, long segmentId, Path segment) {
        return parts.missing(PartId.manifest(indexId, segmentId), segment);
    }

    /** Steps P3 to P5 of docs/protocol/publish.md for a key map. */
    static void publish(SegmentContext context, KeyMap map, Path directory) {
        context.parts()
                .publish(PartId.keyMap(map.indexId()), KeyMapFormat.FILE, directory, map, PartLine.Contents.NONE);
    }

    /** Deletes the segment directories that the key map does not name and whose ids were handed out. */
    static void deleteOrphans(SegmentContext context, KeyMap map, Path directory) {
        Storage storage = context.storage();
        long mark = SegmentIdAllocator.readMark(context.parts(), map.indexId(), directory);
        Set<Long> named = new HashSet<>();
        map.ranges().forEach(range -> named.add(range.segmentId()));
        List<Path> orphans = new ArrayList<>();
        for (String name : storage.list(directory)) {
            OptionalLong id = SegmentDirectory.parse(name);
            if (id.isPresent() && id.getAsLong() <= mark && !named.contains(id.getAsLong())) {
                orphans.add(directory.resolve(name));
            }
        }
        if (!orphans.isEmpty()) {
            // The key map that was read may not be durable yet, and the one before it may name them.
            storage.forceDirectory(directory);
        }
        orphans.forEach(orphan -> SegmentDirectory.delete(storage, orphan));
    }
}
