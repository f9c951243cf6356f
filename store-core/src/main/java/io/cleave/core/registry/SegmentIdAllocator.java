package io.cleave.core.registry;

import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.storage.MetadataFile;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * Hands out segment ids: one more than the highest directory name and the durable mark, 1 in an empty directory. Independent
 * of the key map. The mark runs ahead of the ids by {@value #RESERVED_AT_ONCE}, so that most allocations need no sync; a
 * clean close takes it back.
 *
 * <p>Thread-safe; concurrent callers get distinct ids.
 */
public final class SegmentIdAllocator {
    /** Name of the file with the mark, in the index's directory. */
    public static final String FILE_NAME = "segment-ids";

    /** First bytes of that file. Its body is the mark, 8 bytes; authority: docs/format/metadata.md, "Segment ids". */
    public static final long MAGIC = MetadataFormat.magic("CLVSEGID");

    static final int RESERVED_AT_ONCE = 16;

    private final Storage storage;
    private final Path directory;
    private final long storeHigh;
    private final long storeLow;

    /** Highest id handed out. Guarded by this object's monitor, as is {@link #mark}. */
    private long last;
    /** No id above has been handed out, in this life or an earlier one. */
    private long mark;

    /**
     * Scans the directory and reads the mark.
     *
     * @throws StoreException.Corrupt when the mark is damaged
     */
    public SegmentIdAllocator(Storage storage, Path directory, long storeHigh, long storeLow) {
        this.storage = storage;
        this.directory = directory;
        this.storeHigh = storeHigh;
        this.storeLow = storeLow;
        long highest = 0;
        for (String name : storage.list(directory)) {
            highest = Math.max(highest, SegmentDirectory.parse(name).orElse(0));
        }
        this.mark = readMark(storage, directory, storeHigh, storeLow);
        this.last = Math.max(highest, mark);
    }

    /** The durable mark of an index directory: no id above it was handed out; 0 when none ever was. */
    public static long readMark(Storage storage, Path directory, long storeHigh, long storeLow) {
        Path file = directory.resolve(FILE_NAME);
        if (storage.kind(file) == Storage.PathKind.ABSENT) {
            return 0;
        }
        ByteBuffer body =
                MetadataFile.read(storage, file, MAGIC, storeHigh, storeLow).body();
        if (body.capacity() != Long.BYTES) {
            throw new StoreException.Corrupt(
                    file, MetadataFormat.BODY_OFFSET, "body length", Long.BYTES, body.capacity());
        }
        long mark = body.getLong(0);
        if (mark < 0 || mark > SegmentDirectory.ID_MAX) {
            throw new StoreException.Corrupt(
                    file, MetadataFormat.BODY_OFFSET, "mark", "0 to " + SegmentDirectory.ID_MAX, mark);
        }
        return mark;
    }

    /**
     * The next id; its mark is durable.
     *
     * @throws StoreException.LimitReached when there is none left
     */
    public synchronized long next() {
        if (last == SegmentDirectory.ID_MAX) {
            throw new StoreException.LimitReached("segment ids in " + directory + ": all up to " + last + " are used");
        }
        long id = last + 1;
        if (id > mark) {
            publish(Math.min(SegmentDirectory.ID_MAX, id + RESERVED_AT_ONCE - 1));
        }
        last = id;
        return id;
    }

    /** Takes back what was reserved and not used. */
    public synchronized void close() {
        if (mark > last) {
            publish(last);
        }
    }

    private void publish(long newMark) {
        byte[] body = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(newMark)
                .array();
        MetadataFile.publish(
                storage, directory.resolve(FILE_NAME), MetadataFormat.encode(MAGIC, storeHigh, storeLow, body));
        mark = newMark;
    }
}
