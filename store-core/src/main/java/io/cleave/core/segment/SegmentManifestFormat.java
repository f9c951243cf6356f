package io.cleave.core.segment;

import io.cleave.core.entry.EntryLimits;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.PartFile;
import io.cleave.error.StoreException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The body of a segment manifest. Authority: docs/format/metadata.md, "Manifest". */
public final class SegmentManifestFormat {
    /** First bytes of the file. */
    public static final long MAGIC = MetadataFormat.magic("CLVMANIF");

    /** The file. */
    public static final PartFile<SegmentManifest> FILE = new PartFile<>(
            SegmentManifest.FILE_NAME, MAGIC, SegmentManifestFormat::decode, SegmentManifestFormat::encode);

    static final int INDEX_ID_OFFSET = 0;
    static final int FLAGS_OFFSET = INDEX_ID_OFFSET + Integer.BYTES;
    static final int SEGMENT_ID_OFFSET = FLAGS_OFFSET + Integer.BYTES;
    static final int FLUSHED_SEQUENCE_OFFSET = SEGMENT_ID_OFFSET + Long.BYTES;
    static final int NEXT_RUN_NUMBER_OFFSET = FLUSHED_SEQUENCE_OFFSET + Long.BYTES;
    static final int RUN_COUNT_OFFSET = NEXT_RUN_NUMBER_OFFSET + Long.BYTES;
    static final int LOWER_LENGTH_OFFSET = RUN_COUNT_OFFSET + Integer.BYTES;
    static final int UPPER_LENGTH_OFFSET = LOWER_LENGTH_OFFSET + Integer.BYTES;
    static final int RUNS_OFFSET = UPPER_LENGTH_OFFSET + Integer.BYTES;

    /** Within a run: number, length of the file and, behind {@link #ENTRIES_PRESENT}, its entries. */
    static final int RUN_NUMBER_OFFSET = 0;

    static final int RUN_FILE_BYTES_OFFSET = RUN_NUMBER_OFFSET + Long.BYTES;
    static final int RUN_ENTRIES_OFFSET = RUN_FILE_BYTES_OFFSET + Long.BYTES;
    static final int RUN_BYTES = RUN_ENTRIES_OFFSET + Long.BYTES;

    /** More than there will ever be; what counts on from here does not overflow. */
    static final long RUN_NUMBER_MAX = 1L << 62;

    static final int LOWER_PRESENT = 1;
    static final int UPPER_PRESENT = 2;

    /** Set at level 2. */
    static final int ENTRIES_PRESENT = 4;

    /** No run has more, and no manifest so many runs that their sum is no long. */
    private static final long RUN_ENTRIES_MAX = 1L << 40;

    private SegmentManifestFormat() {}

    /** The body of a file of {@link MetadataFormat#VERSION_OLDEST}. */
    public static byte[] encode(SegmentManifest manifest) {
        return encode(manifest, MetadataFormat.VERSION_OLDEST);
    }

    /**
     * The body of the file.
     *
     * @param frameVersion version of the frame around it; only a body of {@link MetadataFormat#VERSION} tells the entries of runs
     */
    public static byte[] encode(SegmentManifest manifest, int frameVersion) {
        boolean tellsEntries = frameVersion >= MetadataFormat.VERSION && manifest.entries() >= 0;
        byte[] lower = orEmpty(manifest.bounds().lower());
        byte[] upper = orEmpty(manifest.bounds().upper());
        int runBytes = manifest.runs().size() * (tellsEntries ? RUN_BYTES : RUN_ENTRIES_OFFSET);
        ByteBuffer body = ByteBuffer.allocate(RUNS_OFFSET + runBytes + lower.length + upper.length)
                .order(ByteOrder.LITTLE_ENDIAN);
        int flags = (manifest.bounds().lower() == null ? 0 : LOWER_PRESENT)
                | (manifest.bounds().upper() == null ? 0 : UPPER_PRESENT)
                | (tellsEntries ? ENTRIES_PRESENT : 0);
        body.putInt(manifest.indexId()).putInt(flags).putLong(manifest.segmentId());
        body.putLong(manifest.flushedSequence()).putLong(manifest.nextRunNumber());
        body.putInt(manifest.runs().size()).putInt(lower.length).putInt(upper.length);
        for (SegmentManifest.RunEntry run : manifest.runs()) {
            body.putLong(run.runNumber()).putLong(run.fileBytes());
            if (tellsEntries) {
                body.putLong(run.entries());
            }
        }
        return body.put(lower).put(upper).array();
    }

    /** @throws StoreException.Corrupt naming the first field that is wrong */
    public static SegmentManifest decode(Path path, ByteBuffer body) {
        check(path, body.capacity() >= RUNS_OFFSET, 0, "body length", "at least " + RUNS_OFFSET, body.capacity());
        int flags = body.getInt(FLAGS_OFFSET);
        boolean known = (flags & ~(LOWER_PRESENT | UPPER_PRESENT | ENTRIES_PRESENT)) == 0;
        check(path, known, FLAGS_OFFSET, "flags", "0 to 7", flags);
        int runBytes = tellsEntries(flags) ? RUN_BYTES : RUN_ENTRIES_OFFSET;
        int runCount = body.getInt(RUN_COUNT_OFFSET);
        int lowerLength = boundLength(path, body, LOWER_LENGTH_OFFSET, flags & LOWER_PRESENT);
        int upperLength = boundLength(path, body, UPPER_LENGTH_OFFSET, flags & UPPER_PRESENT);
        long expected = RUNS_OFFSET + (long) runCount * runBytes + lowerLength + upperLength;
        check(
                path,
                runCount >= 0 && expected == body.capacity(),
                RUN_COUNT_OFFSET,
                "body length",
                expected,
                body.capacity());
        long flushed = body.getLong(FLUSHED_SEQUENCE_OFFSET);
        boolean isSequence = flushed >= 0 && flushed <= EntryLimits.SEQUENCE_MAX;
        String sequences = "0 to " + EntryLimits.SEQUENCE_MAX;
        check(path, isSequence, FLUSHED_SEQUENCE_OFFSET, "flushed sequence number", sequences, flushed);
        long nextRunNumber = body.getLong(NEXT_RUN_NUMBER_OFFSET);
        boolean isNumber = nextRunNumber >= 1 && nextRunNumber <= RUN_NUMBER_MAX;
        check(path, isNumber, NEXT_RUN_NUMBER_OFFSET, "next run number", "1 to " + RUN_NUMBER_MAX, nextRunNumber);
        int lowerOffset = RUNS_OFFSET + runCount * runBytes;
        byte[] lower = bound(body, flags & LOWER_PRESENT, lowerOffset, lowerLength);
        byte[] upper = bound(body, flags & UPPER_PRESENT, lowerOffset + lowerLength, upperLength);
        return new SegmentManifest(
                body.getInt(INDEX_ID_OFFSET),
                body.getLong(SEGMENT_ID_OFFSET),
                new KeyBounds(lower, upper),
                flushed,
                nextRunNumber,
                runs(path, body, runCount, nextRunNumber, runBytes));
    }

    /** True when the flags of a body say that each run tells its entries. */
    public static boolean tellsEntries(int flags) {
        return (flags & ENTRIES_PRESENT) != 0;
    }

    private static List<SegmentManifest.RunEntry> runs(
            Path path, ByteBuffer body, int runCount, long nextRunNumber, int runBytes) {
        List<SegmentManifest.RunEntry> runs = new ArrayList<>();
        Set<Long> numbers = new HashSet<>();
        for (int i = 0; i < runCount; i++) {
            int at = RUNS_OFFSET + i * runBytes;
            long number = body.getLong(at);
            check(path, number > 0 && number < nextRunNumber, at, "run number", "1 to " + (nextRunNumber - 1), number);
            check(path, numbers.add(number), at, "run number", "each once", number + " twice");
            long entries = SegmentManifest.RunEntry.ENTRIES_UNKNOWN;
            if (runBytes == RUN_BYTES) {
                entries = body.getLong(at + RUN_ENTRIES_OFFSET);
                boolean possible = entries >= 0 && entries <= RUN_ENTRIES_MAX;
                check(path, possible, at + RUN_ENTRIES_OFFSET, "entries of a run", "0 to " + RUN_ENTRIES_MAX, entries);
            }
            runs.add(new SegmentManifest.RunEntry(number, body.getLong(at + RUN_FILE_BYTES_OFFSET), entries));
        }
        return runs;
    }

    private static int boundLength(Path path, ByteBuffer body, int offset, int present) {
        int length = body.getInt(offset);
        int lengthMax = present == 0 ? 0 : EntryLimits.KEY_BYTES_MAX + 1;
        check(path, length >= 0 && length <= lengthMax, offset, "bound length", "0 to " + lengthMax, length);
        return length;
    }

    private static byte[] bound(ByteBuffer body, int present, int offset, int length) {
        if (present == 0) {
            return null;
        }
        byte[] key = new byte[length];
        body.get(offset, key);
        return key;
    }

    private static byte[] orEmpty(byte[] key) {
        return key == null ? new byte[0] : key;
    }

    private static void check(Path path, boolean holds, int offset, String what, Object expected, Object found) {
        if (!holds) {
            throw new StoreException.Corrupt(path, MetadataFormat.BODY_OFFSET + offset, what, expected, found);
        }
    }
}
