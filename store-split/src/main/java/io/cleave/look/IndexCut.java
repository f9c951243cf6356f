package io.cleave.look;

import io.cleave.catalog.CatalogParts;
import io.cleave.catalog.StoreCatalog;
import io.cleave.catalog.StoreLayout;
import io.cleave.core.bytes.KeyHash;
import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.entry.Lookup;
import io.cleave.core.merge.MergeCursor;
import io.cleave.core.parts.Parts;
import io.cleave.core.run.Run;
import io.cleave.core.segment.LogCoverage;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.storage.MappingFault;
import io.cleave.core.storage.PartFile;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import io.cleave.log.LogInspection;
import io.cleave.route.KeyMap;
import io.cleave.route.Route;
import io.cleave.route.RoutedIndex;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The entries of one index within bounds, at one moment: a key map, the manifests of the segments that it leads to there, and what only the log
 * holds, in memory. Runs are opened when something is asked of them.
 *
 * <p>Ownership: whoever got it closes it, after its cursors. Belongs to one thread at a time. Reads take no lock and enter no epoch: nobody
 * else lets go of what it holds.
 *
 * <p>Errors: {@code Busy} when a writer has come meanwhile and a run that was not opened yet is gone; {@code Corrupt} for
 * damage.
 */
public final class IndexCut implements AutoCloseable {
    private final StoreLook look;
    private final StoreMoment moment;
    private final StoreIdentity identity;
    private final Parts parts;
    private final int indexId;
    private final Path directory;
    private final KeyBounds bounds;
    private final Route route;
    /** Position of the first slot that reaches into the bounds. */
    private final int first;

    private final List<CutSegment> segments = new ArrayList<>();
    private final Lookup lookup = new Lookup();
    private LogTail tail;
    private long sequence;

    private IndexCut(StoreLook look, StoreMoment moment, Parts parts, int indexId, KeyBounds bounds) {
        Storage storage = look.storage();
        this.look = look;
        this.moment = moment;
        this.identity = parts.identity();
        this.parts = parts;
        this.indexId = indexId;
        this.directory = StoreLayout.indexDirectory(look.directory(), indexId);
        this.bounds = bounds;
        KeyMap map = RoutedIndex.readChecked(storage, parts, indexId, directory);
        this.route = Route.of(map);
        this.first = bounds.lower() == null ? 0 : position(bounds.lower());
        for (int i = first; i < route.size() && (i == first || reaches(i)); i++) {
            long id = route.slot(i).segmentId();
            segments.add(new CutSegment(storage, parts, indexId, id, directory.resolve(SegmentDirectory.name(id))));
        }
    }

    /**
     * Reads what there is; whether it belongs together is for {@link StoreLook#cut} to say.
     *
     * @param moment what the store was before
     */
    static IndexCut read(StoreLook look, StoreMoment moment, String index, KeyBounds bounds) {
        PartFile.Held<StoreCatalog> held = look.readCatalog();
        StoreCatalog catalog = held.content();
        Parts parts = CatalogParts.of(look.storage(), look.directory(), held);
        IndexCut cut = new IndexCut(look, moment, parts, look.indexId(catalog, index), bounds);
        boolean done = false;
        try {
            cut.readLog(catalog);
            done = true;
            return cut;
        } finally {
            if (!done) {
                cut.close();
            }
        }
    }

    private void readLog(StoreCatalog catalog) {
        Path log = look.directory().resolve(StoreLayout.LOG_NAME);
        if (catalog.nextIndexId() > 1) {
            LogInspection.requireStarted(look.storage(), log);
        }
        tail = new LogTail(look.storage(), this, catalog);
        LogInspection.Continuity read = LogInspection.replay(look.storage(), log, identity, tail);
        parts.logEnded(log, read.ending());
        tail.memtable();
        sequence = read.lastSequence();
        for (CutSegment segment : segments) {
            if (segment.manifest() != null) {
                LogCoverage.require(segment.directory(), segment.manifest(), sequence);
            }
        }
        if (!read.clean()) {
            // One segment that holds more than the log, wherever it is, proves that the log has lost its end.
            catalog.indexes().values().forEach(this::requireCoverage);
        }
    }

    private void requireCoverage(int index) {
        Path place = StoreLayout.indexDirectory(look.directory(), index);
        KeyMap map = RoutedIndex.readKeyMap(parts, index, place);
        for (KeyMap.Range range : map.ranges()) {
            Path segment = place.resolve(SegmentDirectory.name(range.segmentId()));
            LogCoverage.require(parts, index, range.segmentId(), segment, sequence);
        }
    }

    /** Directory of the index. */
    public Path directory() {
        return directory;
    }

    /** What it holds. */
    public KeyBounds bounds() {
        return bounds;
    }

    /** The value of a key, a new array, or null when it is absent. Requires: the key lies within the bounds. */
    public byte[] get(byte[] key) {
        if (!bounds.contains(key)) {
            throw new IllegalArgumentException(
                    "key of " + key.length + " bytes: expected one within the bounds of the cut");
        }
        try {
            return find(key) && lookup.kind() == EntryKind.PUT ? value() : null;
        } catch (InternalError e) {
            throw MappingFault.of(directory, e);
        } finally {
            lookup.clear();
        }
    }

    /** A cursor over what of it lies within bounds. The caller closes it. */
    public CutCursor cursor(KeyBounds range) {
        return new CutCursor(this, range.intersect(bounds), false);
    }

    /** The same, largest key first. */
    public CutCursor descendingCursor(KeyBounds range) {
        return new CutCursor(this, range.intersect(bounds), true);
    }

    int indexId() {
        return indexId;
    }

    /** The newest sequence number there is. */
    long sequence() {
        return sequence;
    }

    /** Up to which sequence number the segment of a key has everything in its runs. */
    long flushedSequence(byte[] key) {
        return segments.get(segmentOf(key)).flushedSequence();
    }

    /** Which of its segments holds a key, the nearest one for a key outside of all. */
    int segmentOf(byte[] key) {
        return Math.max(0, Math.min(segments.size() - 1, position(key) - first));
    }

    /** How many segments it reaches into. */
    int segments() {
        return segments.size();
    }

    /** The keys of a segment that lie within the bounds. */
    KeyBounds bounds(int segment) {
        return route.slot(first + segment).bounds().intersect(bounds);
    }

    /** All versions of the keys of a segment, and of others. */
    EntryCursor source(int segment) {
        List<EntryCursor> sources = new ArrayList<>();
        if (!tail.memtable().isEmpty()) {
            sources.add(tail.memtable().cursor());
        }
        sources.addAll(opened(segment).cursors());
        return MergeCursor.of(sources);
    }

    /** Unmaps what was mapped of a segment. */
    void leave(int segment) {
        segments.get(segment).close();
    }

    /** True while the manifests are those that were read. */
    boolean isCurrent() {
        return segments.stream().allMatch(CutSegment::isCurrent);
    }

    private CutSegment opened(int segment) {
        CutSegment chosen = segments.get(segment);
        try {
            chosen.runs();
            return chosen;
        } catch (StoreException.Corrupt | StoreException.NotFound e) {
            if (look.isChanged(directory, moment)) {
                StoreException.Busy busy = new StoreException.Busy("store " + look.directory()
                        + " was opened for writing while it was read, and " + chosen.directory()
                        + " is no more what it was: read it again");
                busy.addSuppressed(e);
                throw busy;
            }
            throw e;
        }
    }

    private boolean find(byte[] key) {
        long hash = KeyHash.of(key, key.length);
        long prefix = KeyOrder.prefix(key, key.length);
        if (tail.memtable().find(key, key.length, hash, prefix, sequence, lookup)) {
            return true;
        }
        for (Run run : opened(segmentOf(key)).runs()) {
            if (run.find(key, key.length, hash, prefix, sequence, lookup)) {
                return true;
            }
        }
        return false;
    }

    private byte[] value() {
        byte[] value = new byte[lookup.valueLength()];
        lookup.copyValue(value, 0, value.length);
        return value;
    }

    private int position(byte[] key) {
        return route.position(key, KeyOrder.prefix(key, key.length));
    }

    private boolean reaches(int slot) {
        byte[] lower = route.slot(slot).bounds().lower();
        return bounds.upper() == null || KeyOrder.compare(lower, bounds.upper()) < 0;
    }

    @Override
    public void close() {
        segments.forEach(CutSegment::close);
        if (tail != null) {
            tail.close();
        }
    }
}
