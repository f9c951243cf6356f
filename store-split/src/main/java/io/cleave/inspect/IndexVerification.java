package io.cleave.inspect;

import io.cleave.core.parts.PartId;
import io.cleave.core.parts.PartLine;
import io.cleave.core.registry.SegmentIdAllocator;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.segment.SegmentManifest;
import io.cleave.core.storage.MetadataFile;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.PartFile;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import io.cleave.route.KeyMap;
import io.cleave.route.KeyMapFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** Checks one index: key map, mark of the segment ids, segment directories. Belongs to one thread, used once. */
final class IndexVerification {
    /** How often the key map is read again because a segment that it named has gone. */
    private static final int LOOKS_MAX = 16;

    private static final Set<String> OWN_NAMES = Set.of(
            KeyMapFormat.FILE_NAME,
            KeyMapFormat.FILE_NAME + MetadataFile.TEMPORARY_SUFFIX,
            SegmentIdAllocator.FILE_NAME,
            SegmentIdAllocator.FILE_NAME + MetadataFile.TEMPORARY_SUFFIX);

    private final Storage storage;
    private final Findings findings;
    private final StoreIdentity identity;
    private final int indexId;
    private final Path directory;
    private final Path keyMapFile;
    private final Set<Long> done = new HashSet<>();

    IndexVerification(Storage storage, Findings findings, StoreIdentity identity, int indexId, Path directory) {
        this.storage = storage;
        this.findings = findings;
        this.identity = identity;
        this.indexId = indexId;
        this.directory = directory;
        this.keyMapFile = directory.resolve(KeyMapFormat.FILE_NAME);
    }

    /**
     * Checks everything.
     *
     * @throws StoreException.NotFound when the key map is not there
     */
    void verify() {
        KeyMap map = keyMap();
        if (map == null) {
            return;
        }
        findings.checkedFile(keyMapFile);
        checkNamedOnce(map);
        List<Long> gone = verifySegments(map);
        boolean settled = gone.isEmpty();
        for (int look = 1; !settled && look < LOOKS_MAX; look++) {
            KeyMap newer = keyMap();
            settled = newer == null || newer.version() == map.version();
            if (!settled) {
                map = newer;
                gone = verifySegments(map);
                settled = gone.isEmpty();
            }
        }
        if (!settled) {
            findings.add(Finding.overtaken(directory, LOOKS_MAX));
            gone = List.of();
        }
        for (long id : gone) {
            boolean isThere = findings.kind(segment(id)) == Storage.PathKind.DIRECTORY;
            findings.missing(
                    PartId.manifest(indexId, id),
                    isThere ? segment(id).resolve(SegmentManifest.FILE_NAME) : segment(id));
        }
        checkNames(map);
    }

    /** As {@link #verify}, of segments only those that something was found about. */
    void verifyAgain(List<Finding> doubted) {
        KeyMap map = keyMap();
        if (map != null) {
            for (KeyMap.Range range : map.ranges()) {
                Path segment = segment(range.segmentId());
                boolean isThere = findings.kind(segment) == Storage.PathKind.DIRECTORY;
                if (isThere
                        && doubted.stream().noneMatch(finding -> finding.file().startsWith(segment))) {
                    done.add(range.segmentId());
                }
            }
        }
        verify();
    }

    private KeyMap keyMap() {
        try {
            PartFile.Held<KeyMap> held = KeyMapFormat.FILE.read(storage, directory, identity);
            KeyMap map = held.content();
            if (map.indexId() != indexId) {
                findings.add(Finding.error(keyMapFile, MetadataFormat.BODY_OFFSET, "index id", indexId, map.indexId()));
                return null;
            }
            findings.compare(PartId.keyMap(indexId), held, PartLine.Contents.NONE);
            return map;
        } catch (StoreException.NotFound e) {
            throw e;
        } catch (StoreException e) {
            findings.add(e, keyMapFile);
            return null;
        }
    }

    private void checkNamedOnce(KeyMap map) {
        Set<Long> ids = new HashSet<>();
        for (KeyMap.Range range : map.ranges()) {
            if (!ids.add(range.segmentId())) {
                findings.add(Finding.error(
                        keyMapFile,
                        MetadataFormat.BODY_OFFSET,
                        "segment " + range.segmentId(),
                        "in one range",
                        "in several"));
            }
        }
    }

    /** Checks the segments that were not checked before; returns those that are not there. */
    private List<Long> verifySegments(KeyMap map) {
        List<Long> gone = new ArrayList<>();
        for (int i = 0; i < map.ranges().size(); i++) {
            long id = map.ranges().get(i).segmentId();
            if (done.contains(id)) {
                continue;
            }
            if (!findings.checkDirectory(segment(id))) {
                done.add(id);
                continue;
            }
            try {
                new SegmentVerification(storage, findings, identity, indexId, segment(id)).verify(map.bounds(i));
                done.add(id);
            } catch (StoreException.NotFound e) {
                gone.add(id);
            }
        }
        return gone;
    }

    private void checkNames(KeyMap before) {
        List<String> names = findings.list(directory);
        findings.checkKind(directory.resolve(KeyMapFormat.FILE_NAME + MetadataFile.TEMPORARY_SUFFIX));
        findings.checkKind(directory.resolve(SegmentIdAllocator.FILE_NAME + MetadataFile.TEMPORARY_SUFFIX));
        long mark = mark();
        KeyMap map;
        try {
            // Read after the names: a directory that a live writer has just put to use is in it.
            map = keyMap();
        } catch (StoreException.NotFound e) {
            return;
        }
        Path markFile = directory.resolve(SegmentIdAllocator.FILE_NAME);
        if (map != null && storage.kind(markFile) == Storage.PathKind.ABSENT) {
            findings.missing(PartId.segmentIds(indexId), markFile);
        }
        for (KeyMap.Range range : before.ranges()) {
            if (mark >= 0 && range.segmentId() > mark) {
                findings.add(Finding.error(
                        keyMapFile,
                        MetadataFormat.BODY_OFFSET,
                        "segment id",
                        "at most the mark " + mark,
                        range.segmentId()));
            }
        }
        for (String name : names) {
            OptionalLong id = SegmentDirectory.parse(name);
            if (id.isEmpty() && !OWN_NAMES.contains(name)) {
                findings.add(Finding.warning(
                        directory.resolve(name), "files of an index", "no other", "a file of an unknown name"));
            }
            boolean named = id.isPresent()
                    && (before.positionOf(id.getAsLong()) >= 0 || map == null || map.positionOf(id.getAsLong()) >= 0);
            if (id.isPresent() && !named && findings.kind(directory.resolve(name)) != Storage.PathKind.ABSENT) {
                checkOrphan(id.getAsLong(), mark);
            }
        }
    }

    /** A directory that the key map does not name: what a crash left, unless it is a copy or was never given out. */
    private void checkOrphan(long id, long mark) {
        Path orphan = segment(id);
        if (mark >= 0 && id > mark) {
            findings.add(Finding.error(orphan, 0, "segment id", "at most the mark " + mark, id));
            return;
        }
        int before = findings.count();
        try {
            new SegmentVerification(storage, findings, identity, indexId, orphan).manifest();
        } catch (StoreException.NotFound e) {
            // Its making or its deletion was cut short: it is an orphan all the same.
            assert e.getMessage() != null;
        }
        if (findings.count() == before) {
            findings.add(Finding.warning(
                    orphan,
                    "segments that the key map names",
                    "no other",
                    "one, left by a crash or being written or deleted; the next open deletes it"));
        }
    }

    /** The mark, or -1 when it is damaged, which is a finding then. */
    private long mark() {
        try {
            Path file = directory.resolve(SegmentIdAllocator.FILE_NAME);
            if (storage.kind(file) == Storage.PathKind.ABSENT) {
                return 0;
            }
            PartFile.Held<Long> mark = SegmentIdAllocator.FILE.read(storage, directory, identity);
            findings.compare(PartId.segmentIds(indexId), mark, PartLine.Contents.NONE);
            findings.checkedFile(file);
            return mark.content();
        } catch (StoreException e) {
            findings.add(e, directory.resolve(SegmentIdAllocator.FILE_NAME));
            return -1;
        }
    }

    private Path segment(long id) {
        return directory.resolve(SegmentDirectory.name(id));
    }
}
