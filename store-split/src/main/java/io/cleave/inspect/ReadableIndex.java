package io.cleave.inspect;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.run.Run;
import io.cleave.core.run.RunIdentity;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.segment.SegmentManifest;
import io.cleave.core.segment.SegmentManifestFormat;
import io.cleave.core.storage.MappingFault;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import io.cleave.route.KeyMap;
import io.cleave.route.KeyMapFormat;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What can be read of an index: with its key map the segments that it names, without it those whose manifests are there.
 *
 * <p>A file that is missed proves nothing beside a live writer, which deletes what it has replaced. It is damage when key map and manifest are
 * the same after the look as before: then what they name ought to be there. Otherwise it is looked at again, but for the segments
 * that were read whole.
 *
 * <p>Belongs to one thread, used once.
 */
final class ReadableIndex {
    /** How often it is looked at while a live writer replaces what the look goes by. */
    static final int LOOKS_MAX = 32;

    private static final byte[] NOTHING = {};

    /**
     * A file that could not be read.
     *
     * @param failure why
     * @param file which
     */
    private record Miss(StoreException failure, Path file) {}

    private final Storage storage;
    private final String name;
    private final Path directory;

    /** By directory; what a writer does later makes them older, not wrong. */
    private final Map<Path, SegmentLook> whole = new HashMap<>();

    /** Of the last look: content of the files that it went by, but for those of whole segments. */
    private final Map<Path, byte[]> seen = new HashMap<>();

    private final List<Miss> missed = new ArrayList<>();

    /** What every look has missed. */
    private final Set<Path> alwaysMissed = new HashSet<>();

    /** The directories of segments that were listed because there is no key map. */
    private List<Path> listed;

    private boolean settled;

    ReadableIndex(Storage storage, String name, Path directory) {
        this.storage = storage;
        this.name = name;
        this.directory = directory;
    }

    /** Whatever can be read; what can't be is told in it. */
    IndexLook look() {
        IndexLook look = settle(this::lookOnce);
        List<Finding> unread = new ArrayList<>();
        for (Miss miss : missed) {
            if (settled || alwaysMissed.contains(miss.file())) {
                unread.add(Finding.of(miss.failure(), miss.file()).of(name));
            }
        }
        if (!settled) {
            unread.add(Finding.overtaken(directory, LOOKS_MAX).of(name));
        }
        return new IndexLook(name, directory, look.keyMap(), look.segments(), unread);
    }

    /**
     * All of it.
     *
     * @throws StoreException.Busy when a live writer has replaced something during each look
     * @throws StoreException of what can't be read
     */
    IndexLook wholeIndex() {
        IndexLook look = settle(this::lookOnce);
        requireNothingMissed();
        return look;
    }

    /** All of one segment, whether the key map names it or not. Errors: as {@link #wholeIndex}. */
    SegmentLook wholeSegment(Path segment) {
        SegmentLook look = settle(() -> segment(segment));
        requireNothingMissed();
        return look;
    }

    private void requireNothingMissed() {
        if (!settled) {
            throw new StoreException.Busy(
                    directory + " is being written: a writer has replaced its files during each of " + LOOKS_MAX
                            + " looks; look again");
        }
        if (!missed.isEmpty()) {
            throw missed.get(0).failure();
        }
    }

    private <T> T settle(Supplier<T> once) {
        T look = null;
        for (int n = 0; n < LOOKS_MAX && !settled; n++) {
            missed.clear();
            seen.clear();
            listed = null;
            look = once.get();
            List<Path> files = missed.stream().map(Miss::file).toList();
            if (n == 0) {
                alwaysMissed.addAll(files);
            }
            alwaysMissed.retainAll(files);
            settled = missed.isEmpty() || isCurrent();
        }
        return look;
    }

    /** True while everything that the last look went by is what it was. */
    private boolean isCurrent() {
        boolean sameSegments = listed == null || listed.equals(directories());
        return sameSegments
                && seen.entrySet().stream().allMatch(file -> Arrays.equals(file.getValue(), content(file.getKey())));
    }

    private byte[] content(Path file) {
        try {
            return storage.readAll(file, MetadataFormat.FILE_BYTES_MAX);
        } catch (StoreException e) {
            return NOTHING;
        }
    }

    /** Reads a file that a writer may replace, and keeps what it was. */
    private ByteBuffer bodyOf(Path file, long magic) {
        seen.put(file, NOTHING);
        byte[] content = storage.readAll(file, MetadataFormat.FILE_BYTES_MAX);
        seen.put(file, content);
        return MetadataFormat.decode(file, magic, content).body();
    }

    private IndexLook lookOnce() {
        KeyMap map = keyMap();
        if (map == null) {
            listed = directories();
        }
        List<SegmentLook> segments = new ArrayList<>();
        for (Path segment : map == null ? listed : named(map)) {
            SegmentLook look = segment(segment);
            if (look != null) {
                segments.add(look);
            }
        }
        if (map == null) {
            segments.sort((a, b) ->
                    compare(a.manifest().bounds().lower(), b.manifest().bounds().lower()));
        }
        return new IndexLook(name, directory, map, segments);
    }

    private static int compare(byte[] a, byte[] b) {
        return a == null || b == null ? Boolean.compare(a != null, b != null) : KeyOrder.compare(a, b);
    }

    private KeyMap keyMap() {
        Path file = directory.resolve(KeyMapFormat.FILE_NAME);
        try {
            return KeyMapFormat.decode(file, bodyOf(file, KeyMapFormat.MAGIC));
        } catch (StoreException e) {
            missed.add(new Miss(e, file));
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
            missed.add(new Miss(e, directory));
            return List.of();
        }
    }

    /** Null when its manifest can't be read. */
    private SegmentLook segment(Path segment) {
        SegmentLook before = whole.get(segment);
        if (before != null) {
            return before;
        }
        Path file = segment.resolve(SegmentManifest.FILE_NAME);
        SegmentManifest manifest;
        try {
            manifest = SegmentManifestFormat.decode(file, bodyOf(file, SegmentManifestFormat.MAGIC));
        } catch (StoreException e) {
            missed.add(new Miss(e, file));
            return null;
        }
        List<SegmentLook.RunLook> runs = new ArrayList<>();
        for (SegmentManifest.RunEntry entry : manifest.runs()) {
            Path path = segment.resolve(RunIdentity.fileName(entry.runNumber()));
            try (Run run = Run.openAny(storage, path)) {
                runs.add(new SegmentLook.RunLook(path, entry.runNumber(), run.properties()));
            } catch (StoreException e) {
                missed.add(new Miss(e, path));
            } catch (InternalError e) {
                missed.add(new Miss(MappingFault.of(path, e), path));
            }
        }
        SegmentLook look = new SegmentLook(segment, manifest, runs);
        if (runs.size() == manifest.runs().size()) {
            whole.put(segment, look);
            seen.remove(file);
        }
        return look;
    }
}
