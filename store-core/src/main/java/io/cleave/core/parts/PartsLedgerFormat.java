package io.cleave.core.parts;

import io.cleave.core.storage.MetadataFile;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** The body of a ledger, and its file. Authority: docs/format/metadata.md, "Parts". Stateless, thread-safe. */
public final class PartsLedgerFormat {
    /** First bytes of the file. */
    public static final long MAGIC = MetadataFormat.magic("CLVPARTS");

    /** Largest file: room for the parts of some twenty million segments. */
    public static final int FILE_BYTES_MAX = 1 << 30;

    static final int FLAGS_OFFSET = 0;
    static final int LINE_COUNT_OFFSET = FLAGS_OFFSET + Integer.BYTES;
    static final int SEQUENCE_OFFSET = LINE_COUNT_OFFSET + Integer.BYTES;
    static final int LOG_FILE_OFFSET = SEQUENCE_OFFSET + Long.BYTES;
    static final int LINES_OFFSET = LOG_FILE_OFFSET + Long.BYTES;

    /** Within a line. */
    static final int LINE_KIND_OFFSET = 0;

    static final int LINE_INDEX_ID_OFFSET = LINE_KIND_OFFSET + Integer.BYTES;
    static final int LINE_SEGMENT_ID_OFFSET = LINE_INDEX_ID_OFFSET + Integer.BYTES;
    static final int LINE_VERSION_OFFSET = LINE_SEGMENT_ID_OFFSET + Long.BYTES;
    static final int LINE_ENTRIES_OFFSET = LINE_VERSION_OFFSET + Long.BYTES;
    static final int LINE_BYTES_OFFSET = LINE_ENTRIES_OFFSET + Long.BYTES;
    static final int LINE_CHECKSUM_OFFSET = LINE_BYTES_OFFSET + Long.BYTES;
    static final int LINE_LENGTH = LINE_CHECKSUM_OFFSET + Integer.BYTES;

    static final int CLEAN = 1;

    private static final PartId.Kind[] KINDS = PartId.Kind.values();

    private PartsLedgerFormat() {}

    /** The body of the file. */
    static byte[] encode(PartsLedger ledger) {
        int length =
                Math.addExact(LINES_OFFSET, Math.multiplyExact(ledger.lines().size(), LINE_LENGTH));
        ByteBuffer body = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        body.putInt(ledger.clean() ? CLEAN : 0).putInt(ledger.lines().size());
        body.putLong(ledger.sequence()).putLong(ledger.logFile());
        ledger.lines().forEach((part, line) -> {
            body.putInt(part.kind().code()).putInt(part.indexId()).putLong(part.segmentId());
            body.putLong(line.version());
            body.putLong(line.contents().entries()).putLong(line.contents().bytes());
            body.putInt(line.checksum());
        });
        return body.array();
    }

    /**
     * Reads a ledger.
     *
     * @throws StoreException.NotFound when there is none
     * @throws StoreException.Corrupt naming the first field that is wrong
     */
    public static PartsLedger read(Storage storage, Path file, StoreIdentity identity) {
        return decode(file, frame(storage, file), identity);
    }

    /** Reads the file and checks its frame, whatever store it belongs to. */
    public static MetadataFormat.Frame frame(Storage storage, Path file) {
        return MetadataFormat.decode(file, MAGIC, storage.readAll(file, FILE_BYTES_MAX));
    }

    /** Checks the frame's store and the body. */
    public static PartsLedger decode(Path file, MetadataFormat.Frame frame, StoreIdentity identity) {
        MetadataFile.requireOf(file, frame, identity);
        if (frame.version() == MetadataFormat.VERSION_OLDEST) {
            throw new StoreException.Corrupt(
                    file, frame.partVersionOffset(), "version", MetadataFormat.VERSION, frame.version());
        }
        return decode(file, frame);
    }

    /** @throws StoreException.Corrupt naming the first field that is wrong */
    static PartsLedger decode(Path file, MetadataFormat.Frame frame) {
        ByteBuffer body = frame.body();
        check(file, body.capacity() >= LINES_OFFSET, 0, "body length", "at least " + LINES_OFFSET, body.capacity());
        int flags = body.getInt(FLAGS_OFFSET);
        check(file, (flags & ~CLEAN) == 0, FLAGS_OFFSET, "flags", "0 or 1", flags);
        int count = body.getInt(LINE_COUNT_OFFSET);
        long length = LINES_OFFSET + (long) count * LINE_LENGTH;
        boolean fits = count >= 0 && length == body.capacity();
        check(file, fits, LINE_COUNT_OFFSET, "body length", length, body.capacity());
        long sequence = body.getLong(SEQUENCE_OFFSET);
        check(file, sequence >= 0, SEQUENCE_OFFSET, "sequence number", "at least 0", sequence);
        long logFile = body.getLong(LOG_FILE_OFFSET);
        check(file, logFile >= 0, LOG_FILE_OFFSET, "number of a log file", "at least 0", logFile);
        Map<PartId, PartLine> lines = new TreeMap<>();
        PartId before = null;
        for (int i = 0; i < count; i++) {
            int at = LINES_OFFSET + i * LINE_LENGTH;
            PartId part = part(file, body, at);
            boolean rises = before == null || before.compareTo(part) < 0;
            check(file, rises, at, "part", "behind " + before, part);
            before = part;
            lines.put(part, line(file, body, at));
        }
        return new PartsLedger(frame.partVersion(), flags == CLEAN, sequence, logFile, new TreeMap<>(lines));
    }

    private static PartId part(Path file, ByteBuffer body, int at) {
        int code = body.getInt(at + LINE_KIND_OFFSET);
        boolean isKind = code >= 1 && code <= KINDS.length;
        check(file, isKind, at + LINE_KIND_OFFSET, "kind of part", "1 to " + KINDS.length, code);
        PartId part = new PartId(
                KINDS[code - 1], body.getInt(at + LINE_INDEX_ID_OFFSET), body.getLong(at + LINE_SEGMENT_ID_OFFSET));
        boolean ofIndex = part.kind() != PartId.Kind.CATALOG;
        boolean ofSegment = part.kind() == PartId.Kind.MANIFEST;
        boolean indexFits = ofIndex ? part.indexId() >= 1 : part.indexId() == 0;
        check(file, indexFits, at + LINE_INDEX_ID_OFFSET, "index id", ofIndex ? "at least 1" : 0, part.indexId());
        boolean segmentFits = ofSegment ? part.segmentId() >= 1 : part.segmentId() == 0;
        check(
                file,
                segmentFits,
                at + LINE_SEGMENT_ID_OFFSET,
                "segment id",
                ofSegment ? "at least 1" : 0,
                part.segmentId());
        return part;
    }

    private static PartLine line(Path file, ByteBuffer body, int at) {
        long version = body.getLong(at + LINE_VERSION_OFFSET);
        check(file, version >= 0, at + LINE_VERSION_OFFSET, "version of the part", "at least 0", version);
        long entries = body.getLong(at + LINE_ENTRIES_OFFSET);
        check(file, entries >= -1, at + LINE_ENTRIES_OFFSET, "entries", "at least -1", entries);
        long bytes = body.getLong(at + LINE_BYTES_OFFSET);
        check(file, bytes >= 0, at + LINE_BYTES_OFFSET, "bytes", "at least 0", bytes);
        int checksum = body.getInt(at + LINE_CHECKSUM_OFFSET);
        return new PartLine(version, checksum, new PartLine.Contents(entries, bytes));
    }

    private static void check(Path file, boolean holds, int offset, String what, Object expected, Object found) {
        if (!holds) {
            throw new StoreException.Corrupt(file, MetadataFormat.BODY_OFFSET + offset, what, expected, found);
        }
    }
}
