package io.cleave;

import io.cleave.ProtocolTrace.Event;
import io.cleave.ProtocolTrace.Kind;
import io.cleave.catalog.StoreCatalog;
import io.cleave.catalog.StoreCatalogFormat;
import io.cleave.catalog.StoreLayout;
import io.cleave.core.registry.SegmentIdAllocator;
import io.cleave.core.run.RunIdentity;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.segment.SegmentManifest;
import io.cleave.core.segment.SegmentManifestFormat;
import io.cleave.core.storage.MetadataFile;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.log.LogFileBytes;
import io.cleave.route.KeyMap;
import io.cleave.route.KeyMapFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Checks a {@link ProtocolTrace} of one store against the rules of order on which its crash safety rests, translated to its
 * files:
 *
 * <ol>
 *   <li>What a published file names has its bytes forced: runs named by a manifest, the identity block of a log file.
 *   <li>... and its directory: runs, manifests of the segments in a key map, key maps of the indexes in a catalog, log files.
 *   <li>... and the parent of a new directory: segment, index, log, store.
 *   <li>Catalog, key map, mark and manifest change only by force of the temporary file, rename, force of the directory.
 *   <li>Nothing that the last durable version of them names, or one that may be durable, is unlinked; no log file before all
 *       that it holds is in runs.
 *   <li>An acknowledgement, and a publish of runs that hold what the log holds, follow the force of the log.
 *   <li>A log file is made and forced only after its predecessor, and released in that order.
 *   <li>An id or sequence number is used only after its mark is durable, and once.
 * </ol>
 *
 * <p>Used once, by one thread.
 */
final class OrderingRules {
    /** What was checked, for the count. */
    enum Publish {
        CATALOG,
        KEY_MAP,
        SEGMENT_IDS,
        MANIFEST,
        LOG_FILE,
        RUN_NAMED,
        DIRECTORY_MADE,
        DELETION,
        ACKNOWLEDGEMENT
    }

    private static final String SEGMENT_IDS = SegmentIdAllocator.FILE_NAME;

    private static final Set<String> METADATA =
            Set.of(StoreCatalog.FILE_NAME, KeyMapFormat.FILE_NAME, SEGMENT_IDS, SegmentManifest.FILE_NAME);

    private final Path store;
    private final TracedDisk disk = new TracedDisk();
    private final LogOrderingRules log;
    /** What metadata files hold, and what they hold after a power cut at worst. */
    private final Map<Path, Object> current = new HashMap<>();

    private final Map<Path, Object> durable = new HashMap<>();
    /** By thread: what it has renamed and not made durable. */
    private final Map<Long, Path> renamed = new HashMap<>();

    private final Set<Path> directoriesMade = new HashSet<>();
    private final Map<Publish, Integer> counts;

    private OrderingRules(Path store, Map<Publish, Integer> counts) {
        this.store = store;
        this.counts = counts;
        this.log = new LogOrderingRules(store.resolve(StoreLayout.LOG_NAME), disk, this::durable, counts);
    }

    /**
     * Checks a whole trace and adds to the counts.
     *
     * @throws AssertionError that begins with the number of the rule
     */
    static void check(Path store, List<Event> events, Map<Publish, Integer> counts) {
        OrderingRules rules = new OrderingRules(store, counts);
        for (int i = 0; i < events.size(); i++) {
            try {
                rules.take(events.get(i));
            } catch (AssertionError e) {
                throw new AssertionError(
                        e.getMessage() + ", at event " + i + " of " + events.size() + ": " + events.get(i), e);
            }
        }
        rules.requireNothingRenamed("the end of the trace");
    }

    /** Throws unless a rule holds. */
    static void require(boolean holds, int rule, String otherwise) {
        if (!holds) {
            throw new AssertionError("rule " + rule + ": " + otherwise);
        }
    }

    private void take(Event event) {
        Path path = event.path();
        Path half = renamed.remove(event.thread());
        boolean completes = event.kind() == Kind.FORCE_DIRECTORY
                && half != null
                && half.getParent().equals(path);
        require(
                half == null || completes || event.kind() == Kind.KILLED,
                4,
                half + " was renamed, and then came " + event);
        switch (event.kind()) {
            case CREATE, CREATE_WRITABLE, APPEND, PUT, PUT_INT ->
                require(!isMetadata(path), 4, path + " is written in place");
            case RENAME -> beforeRename(event);
            case DELETE -> beforeDelete(path);
            case CREATE_DIRECTORY -> beforeCreateDirectory(path);
            default -> {
                // Nothing to check before it.
            }
        }
        log.before(event);
        disk.apply(event);
        log.after(event);
        after(event);
    }

    private void after(Event event) {
        Path path = event.path();
        switch (event.kind()) {
            case KILLED -> renamed.clear();
            case BASE_DIRECTORY -> directoriesMade.add(path);
            case BASE_FILE -> {
                if (isMetadata(path)) {
                    current.put(path, decode(path, event.bytes()));
                    durable.put(path, current.get(path));
                }
            }
            case FORCE_DIRECTORY ->
                current.forEach((file, version) -> {
                    if (file.getParent().equals(path)) {
                        durable.put(file, version);
                    }
                });
            case RENAME -> {
                if (isMetadata(event.target())) {
                    renamed.put(event.thread(), event.target());
                }
            }
            case DELETE -> {
                current.remove(path);
                durable.remove(path);
            }
            default -> {
                // Nothing to remember.
            }
        }
    }

    private void requireNothingRenamed(String when) {
        require(renamed.isEmpty(), 4, renamed.values() + " was renamed, and then came " + when);
    }

    private void beforeRename(Event event) {
        Path target = event.target();
        require(!isMetadata(event.path()), 4, event.path() + " is renamed away");
        if (!isMetadata(target)) {
            return;
        }
        String temporary = target.getFileName() + MetadataFile.TEMPORARY_SUFFIX;
        require(event.path().getFileName().toString().equals(temporary), 4, target + " comes from " + event.path());
        TracedDisk.Content content = disk.file(event.path());
        require(content != null && content.isForced(), 4, target + " is replaced by bytes that are not forced");
        Object next = decode(target, content.bytes());
        publish(target, next);
        current.put(target, next);
    }

    private void publish(Path file, Object next) {
        if (next instanceof StoreCatalog catalog) {
            count(Publish.CATALOG);
            checkCatalog(catalog, (StoreCatalog) current.get(file));
        } else if (next instanceof KeyMap map) {
            count(Publish.KEY_MAP);
            map.ranges().forEach(range -> checkSegment(file.getParent(), range.segmentId()));
        } else if (next instanceof SegmentManifest manifest) {
            count(Publish.MANIFEST);
            checkRuns(file.getParent(), manifest);
            KeyMap map = (KeyMap) current.get(keyMap(file.getParent().getParent()));
            if (map != null && map.positionOf(manifest.segmentId()) >= 0) {
                log.requireForcedUpTo(manifest.flushedSequence(), file);
            }
        } else {
            count(Publish.SEGMENT_IDS);
            directoriesMade.stream()
                    .filter(made -> made.getParent().equals(file.getParent()))
                    .forEach(made -> {
                        long id = SegmentDirectory.parse(made.getFileName().toString())
                                .orElse(0);
                        require((Long) next >= id, 8, "mark " + next + " below " + made);
                    });
        }
    }

    private void checkCatalog(StoreCatalog next, StoreCatalog before) {
        require(disk.isNameDurable(store), 3, "parent of " + store + " is not forced");
        require(
                before == null || next.nextIndexId() >= before.nextIndexId(),
                8,
                "next index id " + next.nextIndexId() + " after " + (before == null ? 0 : before.nextIndexId()));
        for (int id : next.indexes().values()) {
            Path index = StoreLayout.indexDirectory(store, id);
            require(disk.isDirectory(index) && disk.isNameDurable(index), 3, "parent of " + index + " is not forced");
            require(isDurable(keyMap(index)), 2, keyMap(index) + " is named, its directory is not forced");
        }
    }

    private void checkSegment(Path index, long id) {
        Path segment = index.resolve(SegmentDirectory.name(id));
        require(disk.isDirectory(segment) && disk.isNameDurable(segment), 3, "parent of " + segment + " is not forced");
        Path file = segment.resolve(SegmentManifest.FILE_NAME);
        require(isDurable(file), 2, file + " is named, its directory is not forced");
        require(id <= (Long) durable.getOrDefault(index.resolve(SEGMENT_IDS), 0L), 8, segment + " is above the mark");
        SegmentManifest manifest = (SegmentManifest) current.get(file);
        checkRuns(segment, manifest);
        log.requireForcedUpTo(manifest.flushedSequence(), file);
    }

    private void checkRuns(Path segment, SegmentManifest manifest) {
        for (Path run : runs(segment, manifest)) {
            count(Publish.RUN_NAMED);
            TracedDisk.Content content = disk.file(run);
            require(content != null && content.isForced(), 1, run + " is named, its bytes are not forced");
            require(disk.isNameDurable(run), 2, run + " is named, its directory is not forced");
        }
    }

    private static List<Path> runs(Path segment, SegmentManifest manifest) {
        List<Path> runs = new ArrayList<>();
        for (SegmentManifest.RunEntry run : manifest.runs()) {
            RunIdentity identity =
                    new RunIdentity(new StoreIdentity(0, 0), manifest.indexId(), manifest.segmentId(), run.runNumber());
            runs.add(segment.resolve(identity.fileName()));
        }
        return runs;
    }

    private void beforeCreateDirectory(Path path) {
        String name = path.getFileName().toString();
        boolean index = StoreLayout.parseIndex(name).isPresent();
        if (!index && SegmentDirectory.parse(name).isEmpty()) {
            return;
        }
        count(Publish.DIRECTORY_MADE);
        require(directoriesMade.add(path), 8, path + " is made a second time");
        if (index) {
            StoreCatalog catalog = (StoreCatalog) durable.get(catalog());
            int id = StoreLayout.parseIndex(name).getAsInt();
            require(catalog != null && id < catalog.nextIndexId(), 8, path + " is made before its id is durable");
        } else {
            long mark = (Long) durable.getOrDefault(path.getParent().resolve(SEGMENT_IDS), 0L);
            long id = SegmentDirectory.parse(name).getAsLong();
            require(id <= mark, 8, path + " is made at the durable mark " + mark);
        }
    }

    private void beforeDelete(Path path) {
        if (LogFileBytes.number(path).isPresent()
                || path.getFileName().toString().endsWith(".tmp")) {
            return;
        }
        count(Publish.DELETION);
        for (Map<Path, Object> version : List.of(durable, current)) {
            require(!named(version).contains(path), 5, path + " is unlinked while something names it");
        }
    }

    /** Everything that one version of the published files needs. */
    private Set<Path> named(Map<Path, Object> version) {
        Set<Path> named = new HashSet<>(List.of(store, catalog(), store.resolve(StoreLayout.LOG_NAME)));
        StoreCatalog catalog = (StoreCatalog) version.get(catalog());
        if (catalog == null) {
            return named;
        }
        for (int id : catalog.indexes().values()) {
            Path index = StoreLayout.indexDirectory(store, id);
            named.addAll(List.of(index, keyMap(index), index.resolve(SEGMENT_IDS)));
            for (Map<Path, Object> maps : List.of(durable, current)) {
                KeyMap map = (KeyMap) maps.get(keyMap(index));
                if (map != null) {
                    map.ranges()
                            .forEach(range ->
                                    nameSegment(index.resolve(SegmentDirectory.name(range.segmentId())), named));
                }
            }
        }
        return named;
    }

    private void nameSegment(Path segment, Set<Path> named) {
        Path file = segment.resolve(SegmentManifest.FILE_NAME);
        named.add(segment);
        named.add(file);
        for (Map<Path, Object> version : List.of(durable, current)) {
            SegmentManifest manifest = (SegmentManifest) version.get(file);
            if (manifest != null) {
                named.addAll(runs(segment, manifest));
            }
        }
    }

    private boolean isDurable(Path file) {
        return current.get(file) != null && Objects.equals(current.get(file), durable.get(file));
    }

    private Object durable(Path file) {
        return durable.get(file);
    }

    private Path catalog() {
        return store.resolve(StoreCatalog.FILE_NAME);
    }

    private static Path keyMap(Path index) {
        return index.resolve(KeyMapFormat.FILE_NAME);
    }

    private static boolean isMetadata(Path path) {
        return METADATA.contains(path.getFileName().toString());
    }

    private static Object decode(Path file, byte[] bytes) {
        long magic = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        ByteBuffer body = MetadataFormat.decode(file, magic, bytes).body();
        return switch (file.getFileName().toString()) {
            case StoreCatalog.FILE_NAME -> StoreCatalogFormat.decode(file, body);
            case KeyMapFormat.FILE_NAME -> KeyMapFormat.decode(file, body);
            case SegmentManifest.FILE_NAME -> SegmentManifestFormat.decode(file, body);
            default -> body.getLong(0);
        };
    }

    private void count(Publish publish) {
        counts.merge(publish, 1, Integer::sum);
    }
}
