package io.cleave.core.segment;

import io.cleave.core.entry.KeyBounds;
import io.cleave.core.merge.RetainingCursor;
import io.cleave.core.resource.Shared;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageLock;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.List;

/**
 * A new segment in the making: directory, lock and one run that is filled in key order. Nothing durable names it until
 * {@link #finish}, and no key map names it then.
 *
 * <p>Ownership: whoever creates it finishes or closes it; closing an unfinished one deletes the directory. Belongs to one
 * thread.
 */
public final class SegmentBuilder implements AutoCloseable {
    private static final long FIRST_RUN = 1;

    private final SegmentContext context;
    private final int indexId;
    private final long segmentId;
    private final Path directory;
    private final StorageLock lock;
    private SegmentRunWriter writer;
    private boolean finished;

    /**
     * Creates the directory.
     *
     * @throws StoreException.Locked when somebody else holds a directory of that name
     */
    public SegmentBuilder(SegmentContext context, int indexId, long segmentId, Path directory) {
        this.context = context;
        this.indexId = indexId;
        this.segmentId = segmentId;
        this.directory = directory;
        context.storage().createDirectory(directory);
        this.lock = tryLock(context.storage(), directory);
        if (lock == null) {
            throw new StoreException.Locked("segment directory " + directory + " is held by another process");
        }
    }

    /** A directory that can't be locked goes again: its id is used up, so nobody would come back for it. */
    private static StorageLock tryLock(Storage storage, Path directory) {
        try {
            return storage.tryLock(directory.resolve(SegmentDirectory.LOCK_NAME));
        } catch (StoreException e) {
            try {
                SegmentDirectory.delete(storage, directory);
            } catch (StoreException later) {
                e.addSuppressed(later);
            }
            throw e;
        }
    }

    /** Id of the segment. */
    public long segmentId() {
        return segmentId;
    }

    /** Adds the source's current entry; keys rise. */
    public void append(RetainingCursor source) {
        if (writer == null) {
            writer = new SegmentRunWriter(context, directory, indexId, segmentId, FIRST_RUN);
        }
        writer.append(source);
    }

    /** Bytes written so far. */
    public long bytes() {
        return writer == null ? 0 : writer.bytes();
    }

    /** Heap that it takes, see {@link io.cleave.core.run.RunWriter#heapBytes}. */
    public long heapBytes() {
        return writer == null ? 0 : writer.heapBytes();
    }

    /** Entries added so far. */
    public long entries() {
        return writer == null ? 0 : writer.entries();
    }

    /** A copy of the largest key added so far. Requires: there is one. */
    public byte[] largestKey() {
        return writer.largestKey();
    }

    /**
     * Makes the segment durable and opens it. When that fails closing deletes the directory, unless the failure is {@code
     * Poisoned}.
     *
     * @param bounds keys it may hold
     * @param flushedSequence everything up to here that lies in the bounds was added
     */
    public Segment finish(KeyBounds bounds, long flushedSequence) {
        List<Shared<SharedRun>> runs = List.of();
        List<SegmentManifest.RunEntry> entries = List.of();
        if (writer != null) {
            Shared<SharedRun> run = writer.finish(false);
            writer = null;
            runs = List.of(run);
            entries = List.of(SharedRun.entry(run.get().run()));
        }
        SegmentManifest manifest =
                new SegmentManifest(indexId, segmentId, bounds, flushedSequence, FIRST_RUN + 1, entries);
        try {
            Segment segment = Segment.publishNew(context, directory, lock, manifest, runs);
            finished = true;
            return segment;
        } catch (StoreException.Poisoned e) {
            // The manifest may be durable or not, and what it names stays.
            finished = true;
            throw e;
        }
    }

    /** Deletes what was written, unless it was finished or its publish left it unknown what is durable. */
    @Override
    public void close() {
        if (finished) {
            return;
        }
        finished = true;
        try {
            if (writer != null) {
                // Hands on what it has buffered, for which there may be no room.
                writer.close();
            }
        } finally {
            lock.close();
            SegmentDirectory.delete(context.storage(), directory);
        }
    }
}
