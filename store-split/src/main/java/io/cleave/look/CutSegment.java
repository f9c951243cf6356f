package io.cleave.look;

import io.cleave.core.entry.EntryCursor;
import io.cleave.core.parts.Parts;
import io.cleave.core.run.Run;
import io.cleave.core.run.RunIdentity;
import io.cleave.core.segment.SegmentManifest;
import io.cleave.core.segment.SegmentManifestFile;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A segment as its manifest has it, whose runs are opened when they are asked for. Closing it unmaps them; they may be asked for
 * again. One whose manifest can't be read says so when it is asked for runs. Belongs to one thread.
 */
final class CutSegment implements AutoCloseable {
    private final Storage storage;
    private final Parts parts;
    private final int indexId;
    private final long id;
    private final Path directory;
    /** Null when it can't be read. */
    private final SegmentManifest manifest;

    private final List<Run> runs = new ArrayList<>();
    private StoreException failure;

    /**
     * @param parts of the store, with which the age of its manifest is compared
     * @param directory of the segment
     */
    CutSegment(Storage storage, Parts parts, int indexId, long id, Path directory) {
        this.storage = storage;
        this.parts = parts;
        this.indexId = indexId;
        this.id = id;
        this.directory = directory;
        this.manifest = read();
    }

    /** Where it is. */
    Path directory() {
        return directory;
    }

    /** Its manifest; null when it can't be read. */
    SegmentManifest manifest() {
        return manifest;
    }

    /** Up to which sequence number the runs have everything; 0 when nobody knows. */
    long flushedSequence() {
        return manifest == null ? 0 : manifest.flushedSequence();
    }

    /** True while the manifest is what it was. */
    boolean isCurrent() {
        return Objects.equals(manifest, read());
    }

    /** Its runs, open, newest first. */
    List<Run> runs() {
        if (manifest == null) {
            throw failure;
        }
        while (runs.size() < manifest.runs().size()) {
            runs.add(open(manifest.runs().get(runs.size())));
        }
        return runs;
    }

    /** A cursor for each run, newest first. */
    List<EntryCursor> cursors() {
        List<EntryCursor> cursors = new ArrayList<>();
        runs().forEach(run -> cursors.add(run.cursor()));
        return cursors;
    }

    private SegmentManifest read() {
        try {
            return SegmentManifestFile.read(parts, indexId, id, directory);
        } catch (StoreException.Corrupt
                | StoreException.NotFound
                | StoreException.Io
                | StoreException.FormatVersion e) {
            failure = e;
            return null;
        }
    }

    private Run open(SegmentManifest.RunEntry entry) {
        RunIdentity run = new RunIdentity(parts.identity(), indexId, id, entry.runNumber());
        Path file = directory.resolve(run.fileName());
        if (storage.kind(file) == Storage.PathKind.ABSENT) {
            throw new StoreException.Corrupt(file, 0, "run", "a file, because the manifest names it", "none");
        }
        Run open = Run.open(storage, file, run);
        if (open.fileBytes() != entry.fileBytes()) {
            long found = open.fileBytes();
            open.close();
            throw new StoreException.Corrupt(file, 0, "file length", entry.fileBytes(), found);
        }
        return open;
    }

    @Override
    public void close() {
        runs.forEach(Run::close);
        runs.clear();
    }
}
