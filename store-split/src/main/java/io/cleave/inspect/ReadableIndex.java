package io.cleave.inspect;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.run.Run;
import io.cleave.core.run.RunIdentity;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.segment.SegmentManifest;
import io.cleave.core.segment.SegmentManifestFormat;
import io.cleave.core.storage.MappingFault;
import io.cleave.core.storage.MetadataFile;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import io.cleave.route.KeyMap;
import io.cleave.route.KeyMapFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What can be read of a damaged index: with its key map the segments that it names, without it those whose manifests are there.
 * Belongs to one thread.
 */
final class ReadableIndex {
    /** How often it is looked at until two looks miss the same: between them a live writer may have replaced something. */
    private static final int LOOKS_MAX = 8;

    private final Storage storage;
    private final String name;
    private final Path directory;
    private final List<Finding> unread = new ArrayList<>();

    ReadableIndex(Storage storage, String name, Path directory) {
        this.storage = storage;
        this.name = name;
        this.directory = directory;
    }

    IndexLook look() {
        IndexLook look = lookOnce();
        for (int n = 1; n < LOOKS_MAX; n++) {
            IndexLook before = look;
            look = lookOnce();
            if (look.unread().equals(before.unread())) {
                break;
            }
        }
        return look;
    }

    private IndexLook lookOnce() {
        unread.clear();
        KeyMap map = keyMap();
        List<SegmentLook> segments = new ArrayList<>();
        for (Path segment : map == null ? directories() : named(map)) {
            SegmentLook look = segment(segment);
            if (look != null) {
                segments.add(look);
            }
        }
        if (map == null) {
            segments.sort((a, b) ->
                    compare(a.manifest().bounds().lower(), b.manifest().bounds().lower()));
        }
        return new IndexLook(name, directory, map, segments, unread);
    }

    private static int compare(byte[] a, byte[] b) {
        return a == null || b == null ? Boolean.compare(a != null, b != null) : KeyOrder.compare(a, b);
    }

    private KeyMap keyMap() {
        Path file = directory.resolve(KeyMapFormat.FILE_NAME);
        try {
            return KeyMapFormat.decode(
                    file, MetadataFile.read(storage, file, KeyMapFormat.MAGIC).body());
        } catch (StoreException e) {
            miss(e, file);
            return null;
        }
    }

    private List<Path> named(KeyMap map) {
        return map.ranges().stream()
                .map(range -> directory.resolve(SegmentDirectory.name(range.segmentId())))
                .toList();
    }

    private List<Path> directories() {
        try {
            return storage.list(directory).stream()
                    .filter(segment -> SegmentDirectory.parse(segment).isPresent())
                    .map(directory::resolve)
                    .toList();
        } catch (StoreException e) {
            miss(e, directory);
            return List.of();
        }
    }

    private SegmentLook segment(Path segment) {
        Path file = segment.resolve(SegmentManifest.FILE_NAME);
        SegmentManifest manifest;
        try {
            MetadataFormat.Frame frame = MetadataFile.read(storage, file, SegmentManifestFormat.MAGIC);
            manifest = SegmentManifestFormat.decode(file, frame.body());
        } catch (StoreException e) {
            miss(e, file);
            return null;
        }
        List<SegmentLook.RunLook> runs = new ArrayList<>();
        for (SegmentManifest.RunEntry entry : manifest.runs()) {
            Path path = segment.resolve(RunIdentity.fileName(entry.runNumber()));
            try (Run run = Run.openAny(storage, path)) {
                runs.add(new SegmentLook.RunLook(path, entry.runNumber(), run.properties()));
            } catch (StoreException e) {
                miss(e, path);
            } catch (InternalError e) {
                miss(MappingFault.of(path, e), path);
            }
        }
        return new SegmentLook(segment, manifest, runs);
    }

    private void miss(StoreException failure, Path file) {
        unread.add(Finding.of(failure, file).of(name));
    }
}
