package io.cleave.core.registry;

import io.cleave.core.parts.PartId;
import io.cleave.core.parts.PartLine;
import io.cleave.core.parts.Parts;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.PartFile;
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

    /** The file, in the index's directory. */
    public static final PartFile<Long> FILE =
            new PartFile<>(FILE_NAME, MAGIC, SegmentIdAllocator::decode, (mark, frameVersion) -> encode(mark));

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
        boolean absent = storage.kind(FILE.in(directory)) == Storage.PathKind.ABSENT;
        this.mark = absent ? 0 : readMark(parts, indexId, directory);
        this.last = Math.max(highest, mark);
    }

    /**
     * The durable mark of an index directory, which was published before the first id was used: no id above it was handed out.
     *
     * @throws StoreException.Corrupt when it is absent, damaged or of another age than the store
     */
    public static long readMark(Parts parts, int indexId, Path directory) {
        PartId part = PartId.segmentIds(indexId);
        PartFile.Held<Long> mark = parts.read(part, FILE, directory);
        parts.compare(part, mark, PartLine.Contents.NONE);
        return mark.content();
    }

    /** The durable mark of an index directory whatever its age; 0 when none ever was. */
    public static long readMark(Storage storage, Path directory, StoreIdentity identity) {
        boolean absent = storage.kind(FILE.in(directory)) == Storage.PathKind.ABSENT;
        return absent ? 0 : FILE.read(storage, directory, identity).content();
    }

    private static byte[] encode(long mark) {
        return ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(mark)
                .array();
    }

    private static long decode(Path file, ByteBuffer body) {
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
        parts.publish(part, FILE, directory, newMark, PartLine.Contents.NONE);
        mark = newMark;
    }
}
