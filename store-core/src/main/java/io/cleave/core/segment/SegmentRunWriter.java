package io.cleave.core.segment;

import io.cleave.core.merge.RetainingCursor;
import io.cleave.core.resource.Shared;
import io.cleave.core.run.RunIdentity;
import io.cleave.core.run.RunWriter;
import io.cleave.core.storage.Storage;
import java.nio.file.Path;

/**
 * Writes one run of a segment from a sorted source and opens it. Its bytes and its name are durable when {@link #finish}
 * returns (steps P1 and P2 of docs/protocol/publish.md).
 *
 * <p>Ownership: whoever creates it finishes or closes it; closing an unfinished one deletes the file. Belongs to one thread.
 */
final class SegmentRunWriter implements AutoCloseable {
    private final SegmentContext context;
    private final RunIdentity identity;
    private final Path file;
    private final RunWriter writer;

    SegmentRunWriter(SegmentContext context, Path directory, int indexId, long segmentId, long runNumber) {
        this.context = context;
        this.identity = new RunIdentity(context.identity(), indexId, segmentId, runNumber);
        this.file = directory.resolve(identity.fileName());
        this.writer = RunWriter.create(
                context.storage(), file, identity, context.options().run());
    }

    /**
     * The first number from one on whose file is not there. What a crashed or failed attempt left under a number that no manifest
     * names is deleted; where the system refuses, the number is passed over.
     */
    static long firstFree(SegmentContext context, Path directory, long from) {
        long number = from;
        while (!isFree(context.storage(), directory.resolve(RunIdentity.fileName(number)))) {
            number++;
        }
        return number;
    }

    private static boolean isFree(Storage storage, Path left) {
        storage.delete(left);
        return storage.kind(left) == Storage.PathKind.ABSENT;
    }

    /** Writes every entry the source keeps, from {@code lower} on up to {@code upper}. Returns how many there were. */
    long writeAll(RetainingCursor source, byte[] lower, byte[] upper) {
        long before = writer.entries();
        for (boolean on = source.start(lower); on && source.isBelow(upper); on = source.next()) {
            writer.append(source.entry());
        }
        return writer.entries() - before;
    }

    /** Adds one entry. */
    void append(RetainingCursor source) {
        writer.append(source.entry());
    }

    long bytes() {
        return writer.bytes();
    }

    long heapBytes() {
        return writer.heapBytes();
    }

    long entries() {
        return writer.entries();
    }

    byte[] largestKey() {
        return writer.largestKey();
    }

    /**
     * Makes the run durable and opens it; the caller holds the first reference. Deletes the file when that fails.
     *
     * @param urgent whether it is of a flush or a compaction, which give memory and mappings back, and may take the last mappings;
     *     a new segment may not: whoever makes it can do without
     */
    Shared<SharedRun> finish(boolean urgent) {
        writer.finish();
        try {
            context.storage().forceDirectory(file.getParent());
            return urgent ? context.openWritten(file, identity) : context.openRun(file, identity);
        } catch (RuntimeException | Error e) {
            // Also after a failed force: no manifest names the file yet, whichever version is the durable one. The next
            // attempt takes another number, so it would stay until the segment is opened again.
            context.deleteAfter(e, file);
            throw e;
        }
    }

    /** Deletes the file when it was not finished. */
    @Override
    public void close() {
        writer.close();
    }
}
