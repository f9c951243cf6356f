package io.cleave.core.registry;

import io.cleave.core.parts.PartId;
import io.cleave.core.parts.PartLine;
import io.cleave.core.parts.Parts;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.storage.MetadataFile;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
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

    private final Parts parts;
    private final PartId part;
    private final Path directory;

    /** Highest id handed out. Guarded by this object's monitor, as is {@link #mark}. */
    private long last;
    /** No id above has been handed out, in this life or an earlier one. */
    private long mark;

    /**
     * Scans the directory and reads the mark.
     *
     * @throws StoreException.Corrupt when the mark is damaged or of another age than the store
     */
    public SegmentIdAllocator(Storage storage, Parts parts, int indexId, Path directory) {
        this.parts = parts;
        this.part = PartId.segmentIds(indexId);
        this.directory = directory;
        long highest = 0;
        for (String name : storage.list(directory)) {
            highest = Math.max(highest, SegmentDirectory.parse(name).orElse(0));
        }
        Path file = directory.resolve(FILE_NAME);
        this.mark = storage.kind(file) == Storage.PathKind.ABSENT ? 0 : readMark(parts, indexId, directory);
        this.last = Math.max(highest, mark);
    }

    /**
     * The durable mark of an index directory, which was published before the first id was used: no id above it was handed out.
     *
     * @throws StoreException.Corrupt when it is absent, damaged or of another age than the store
     */
    public static long readMark(Parts parts, int indexId, Path directory) {
        Path file = directory.resolve(FILE_NAME);
        PartId part = PartId.segmentIds(indexId);
        MetadataFormat.Frame frame = parts.read(part, file, MAGIC);
        long mark = decode(file, frame);
        parts.compare(part, file, frame, PartLine.Contents.NONE);
        return mark;
    }

    /** The durable mark of an index directory whatever its age; 0 when none ever was. */
    public static long readMark(Storage storage, Path directory, StoreIdentity identity) {
        Path file = directory.resolve(FILE_NAME);
        if (storage.kind(file) == Storage.PathKind.ABSENT) {
            return 0;
        }
        return decode(file, MetadataFile.read(storage, file, MAGIC, identity));
    }

    /** The mark that a file holds. */
    public static long decode(Path file, MetadataFormat.Frame frame) {
        ByteBuffer body = frame.body();
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
        parts.publish(part, directory.resolve(FILE_NAME), MAGIC, body, PartLine.Contents.NONE);
        mark = newMark;
    }
}
