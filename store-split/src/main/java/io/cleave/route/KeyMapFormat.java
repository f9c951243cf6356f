package io.cleave.route;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryLimits;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.PartFile;
import io.cleave.error.StoreException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The body of a key map file. Authority: docs/format/metadata.md, "Key map". */
public final class KeyMapFormat {
    /** Name of the file in the index's directory. */
    public static final String FILE_NAME = "key-map";

    /** First bytes of the file. */
    public static final long MAGIC = MetadataFormat.magic("CLVKEYMP");

    /** The file, in the index's directory. */
    public static final PartFile<KeyMap> FILE =
            new PartFile<>(FILE_NAME, MAGIC, KeyMapFormat::decode, (map, frameVersion) -> encode(map));

    static final int INDEX_ID_OFFSET = 0;
    static final int RANGE_COUNT_OFFSET = INDEX_ID_OFFSET + Integer.BYTES;
    static final int VERSION_OFFSET = RANGE_COUNT_OFFSET + Integer.BYTES;
    static final int RANGES_OFFSET = VERSION_OFFSET + Long.BYTES;

    /** Within a range: segment id, length of the lower key, the key itself. */
    static final int RANGE_SEGMENT_OFFSET = 0;

    static final int RANGE_LENGTH_OFFSET = RANGE_SEGMENT_OFFSET + Long.BYTES;
    static final int RANGE_LOWER_OFFSET = RANGE_LENGTH_OFFSET + Integer.BYTES;

    private KeyMapFormat() {}

    /**
     * Refuses a split before it has written all of its parts.
     *
     * @param directory of the index
     * @param map as it is
     * @param lower lower key of a range that would come in
     * @param ranges how many like it would come in
     * @throws StoreException.LimitReached when the key map could not be read again with so much more in it
     */
    public static void requireRoom(Path directory, KeyMap map, byte[] lower, int ranges) {
        long more = ranges * (long) (RANGE_LOWER_OFFSET + lower.length);
        long bytes = MetadataFormat.BODY_OFFSET + bodyBytes(map) + MetadataFormat.TRAILER_BYTES + more;
        if (bytes > MetadataFormat.FILE_BYTES_MAX) {
            throw new StoreException.LimitReached(directory.resolve(FILE_NAME) + ": at most "
                    + MetadataFormat.FILE_BYTES_MAX + " bytes, the lower keys of " + ranges
                    + " more segments would make it " + bytes + ": segments are not split any more");
        }
    }

    private static long bodyBytes(KeyMap map) {
        long length = RANGES_OFFSET;
        for (KeyMap.Range range : map.ranges()) {
            length += RANGE_LOWER_OFFSET + range.lower().length;
        }
        return length;
    }

    /** The body of the file. */
    public static byte[] encode(KeyMap map) {
        int length = Math.toIntExact(bodyBytes(map));
        ByteBuffer body = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        body.putInt(map.indexId()).putInt(map.ranges().size()).putLong(map.version());
        for (KeyMap.Range range : map.ranges()) {
            body.putLong(range.segmentId()).putInt(range.lower().length).put(range.lower());
        }
        return body.array();
    }

    /** @throws StoreException.Corrupt naming the first field that is wrong */
    public static KeyMap decode(Path path, ByteBuffer body) {
        check(path, body.capacity() >= RANGES_OFFSET, 0, "body length", "at least " + RANGES_OFFSET, body.capacity());
        int count = body.getInt(RANGE_COUNT_OFFSET);
        int countMax = (body.capacity() - RANGES_OFFSET) / RANGE_LOWER_OFFSET;
        check(path, count >= 1 && count <= countMax, RANGE_COUNT_OFFSET, "ranges", "1 to " + countMax, count);
        List<KeyMap.Range> ranges = new ArrayList<>(count);
        int at = RANGES_OFFSET;
        byte[] before = null;
        for (int i = 0; i < count; i++) {
            check(path, at + RANGE_LOWER_OFFSET <= body.capacity(), at, "range", "inside the body", "cut off");
            long segmentId = body.getLong(at + RANGE_SEGMENT_OFFSET);
            int length = body.getInt(at + RANGE_LENGTH_OFFSET);
            int lengthMax = Math.min(EntryLimits.KEY_BYTES_MAX, body.capacity() - at - RANGE_LOWER_OFFSET);
            check(
                    path,
                    length >= 0 && length <= lengthMax,
                    at + RANGE_LENGTH_OFFSET,
                    "length of lower key",
                    "0 to " + lengthMax,
                    length);
            byte[] lower = new byte[length];
            body.get(at + RANGE_LOWER_OFFSET, lower);
            boolean rises = before == null ? length == 0 : KeyOrder.compare(before, lower) < 0;
            check(path, rises, at, "lower key", "above the one before, empty for the first", "out of order");
            boolean isId = segmentId >= 1 && segmentId <= SegmentDirectory.ID_MAX;
            check(path, isId, at, "segment id", "1 to " + SegmentDirectory.ID_MAX, segmentId);
            ranges.add(new KeyMap.Range(lower, segmentId));
            before = lower;
            at += RANGE_LOWER_OFFSET + length;
        }
        check(path, at == body.capacity(), at, "body length", at, body.capacity());
        return new KeyMap(body.getInt(INDEX_ID_OFFSET), body.getLong(VERSION_OFFSET), ranges);
    }

    private static void check(Path path, boolean holds, int offset, String what, Object expected, Object found) {
        if (!holds) {
            throw new StoreException.Corrupt(path, MetadataFormat.BODY_OFFSET + offset, what, expected, found);
        }
    }
}
