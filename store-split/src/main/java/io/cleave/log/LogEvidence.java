package io.cleave.log;

import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageFile;
import io.cleave.error.StoreException;
import java.nio.file.Path;

/**
 * What stands behind the last readable record of a log: whole records and header blocks, and how far they say the log
 * was durable. Tells a torn tail from damage.
 *
 * <p>Belongs to one recovery. Reads, changes nothing.
 */
final class LogEvidence {
    /**
     * Where the records of a log end.
     *
     * @param file the file
     * @param offset where the next record would stand
     * @param limit end of the part of the file that belongs to the log
     * @param found what stands there
     */
    record Hole(LogFileInfo file, long offset, long limit, LogReader.Found found) {}

    private final Storage storage;
    private final long storeHigh;
    private final long storeLow;

    /** Highest position that something says was durable. */
    private long mark;
    /** The first thing found behind the end, null when there is none. */
    private String first;

    LogEvidence(Storage storage, long storeHigh, long storeLow) {
        this.storage = storage;
        this.storeHigh = storeHigh;
        this.storeLow = storeLow;
    }

    /** Collects the whole records of a part of a file. */
    void search(LogReader reader, long from, long limit) {
        for (long at = reader.search(from, limit); at >= 0; at = reader.search(reader.recordEnd(), limit)) {
            add(reader.recordSynced(), "a whole record at offset " + at);
        }
    }

    /** Collects the header of a later file and its whole records. */
    void search(LogFileInfo file, long limit) {
        add(file.chain().synced(), "a later file, " + file.path());
        try (LogReader reader =
                new LogReader(storage, file.path(), file.base(), file.identity().seed())) {
            search(reader, LogChainFormat.FILE_HEADER_BYTES, limit);
        }
    }

    /**
     * Rule R6: a file behind the last started one must hold nothing. Only when it was made in an earlier boot may its
     * chain block be lost while records of it are there; their marks count then.
     */
    void requireUnused(LogFileInfo file, long bootId) {
        long seed = LogIdentity.seed(storeHigh, storeLow, file.number());
        LogIdentity identity = file.identity();
        if (identity == null && chainIsWhole(file, seed)) {
            throw new StoreException.Corrupt(file.path(), 0, "identity block", "a whole one", "a damaged one");
        }
        try (LogReader reader = new LogReader(storage, file.path(), 0, seed)) {
            long limit = file.bytes();
            long at = reader.search(LogChainFormat.FILE_HEADER_BYTES, limit);
            if (at < 0) {
                return;
            }
            if (identity == null) {
                throw new StoreException.Corrupt(
                        file.path(), 0, "identity block", "a whole one before the record at " + at, "a damaged one");
            }
            if (identity.isOfBoot(bootId)) {
                throw new StoreException.Corrupt(
                        file.path(),
                        LogChainFormat.AT,
                        "chain block",
                        "one before the record at " + at,
                        "a damaged one");
            }
            search(reader, at, limit);
        }
    }

    /** On the same boot nothing is lost in the middle: a hole is the end only when it is empty and nothing follows. */
    void requireNothing(Hole hole) {
        if (hole.found() == LogReader.Found.DAMAGE) {
            throw new StoreException.Corrupt(
                    hole.file().path(), hole.offset(), "record", "a whole one or a zero length", "a damaged one");
        }
        if (first != null) {
            throw new StoreException.Corrupt(
                    hole.file().path(), hole.offset(), "record", "one, because there is " + first, "none");
        }
    }

    /** A hole below what was known to be durable is damage. */
    void requireNoMarkAbove(long position, Path file, long offset) {
        if (mark > position) {
            throw new StoreException.Corrupt(
                    file,
                    offset,
                    "record",
                    "one, because the log was durable up to position " + mark,
                    "none at position " + position);
        }
    }

    private void add(long synced, String what) {
        mark = Math.max(mark, synced);
        if (first == null) {
            first = what;
        }
    }

    private boolean chainIsWhole(LogFileInfo file, long seed) {
        byte[] block = new byte[LogChainFormat.LENGTH];
        try (StorageFile reading = storage.openForReading(file.path())) {
            return reading.read(LogChainFormat.AT, block, 0, block.length) == block.length
                    && LogChainFormat.decode(block, seed) != null;
        }
    }
}
