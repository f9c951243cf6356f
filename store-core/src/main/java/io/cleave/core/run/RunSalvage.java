package io.cleave.core.run;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryLimits;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * What can still be read of a run that is damaged: every data block whose checksum holds, whatever else is wrong. Header, filter,
 * sparse index, properties and footer may all be gone; a new run that is written from the blocks has them anew.
 *
 * <p>What only they told and the blocks do not is told by what is left: without an index blocks are searched for, see {@link
 * BlockSearch}; without a footer sequence numbers are known as distances from each other, and stand where the properties say, or
 * else above those of older runs, see {@link #placeAbove}; without properties nobody knows how many entries there were.
 *
 * <p>Owned and closed by its opener; belongs to one thread. Memory: a block, two keys for each place where something is missing,
 * and 16 bytes a block. Errors: {@code FormatVersion} for a header of another version; reads that fail are told to a consumer,
 * which may throw.
 */
public final class RunSalvage implements AutoCloseable {
    /** A sparse index whose checksum does not hold is a list of places to look at, up to this length. */
    private static final int INDEX_BYTES_MAX = 64 << 20;

    /**
     * A part of the run of which nothing can be read.
     *
     * @param offset file offset
     * @param bytes how many of them
     * @param after last key before it, null when nothing is
     * @param upTo first key behind it, null when nothing is
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Gap(long offset, long bytes, byte[] after, byte[] upTo) {}

    private final Path path;
    private final RunIdentity expected;
    private final SalvageReader reader;
    private final List<BlockSearch.Extent> blocks = new ArrayList<>();
    private final List<Gap> gaps = new ArrayList<>();

    private RunHeader header;
    private boolean foreign;
    private RunFooter footer;
    private RunProperties properties;
    private Compression found;
    private boolean placed;
    private long base;
    private boolean complete;
    private long entries;
    private long smallestDistance = Long.MAX_VALUE;
    private long largestDistance = Long.MIN_VALUE;
    private byte[] lastKey;
    private long lastDistance;

    private RunSalvage(Path path, RunIdentity expected, SalvageReader reader) {
        this.path = path;
        this.expected = expected;
        this.reader = reader;
    }

    /**
     * Reads a file once.
     *
     * @param expected the run that it has to be
     * @param fileBytes the length that it should have; what stands behind is not looked at when a footer is there. Negative when
     *     nothing tells
     * @return null when it can't be read at all, and {@code unreadable} has not thrown
     */
    public static RunSalvage open(
            Storage storage, Path path, RunIdentity expected, long fileBytes, Consumer<StoreException> unreadable) {
        SalvageReader reader = SalvageReader.open(storage, path, unreadable);
        if (reader == null) {
            return null;
        }
        RunSalvage salvage = new RunSalvage(path, expected, reader);
        try {
            salvage.read(fileBytes);
            return salvage;
        } catch (Throwable failure) {
            reader.close();
            throw failure;
        }
    }

    private void read(long fileBytes) {
        readHeader();
        if (foreign) {
            gaps.add(new Gap(0, reader.length(), null, null));
            return;
        }
        readFooter(reader.length());
        if (footer == null && fileBytes != reader.length()) {
            readFooter(fileBytes);
        }
        if (footer != null) {
            base = footer.sequenceBase();
            placed = true;
            properties = propertiesAt(footer);
        } else {
            properties = propertiesBefore(reader.length() - RunFooterFormat.LENGTH);
            if (properties == null) {
                properties = propertiesBefore(fileBytes - RunFooterFormat.LENGTH);
            }
        }
        readBlocks();
        if (properties != null) {
            placeAbove(properties.smallestSequence() - 1);
        }
    }

    private void readHeader() {
        byte[] bytes = reader.bytes(0, RunHeaderFormat.LENGTH);
        try {
            header = bytes == null ? null : RunHeaderFormat.decode(path, bytes);
            foreign = header != null && !header.identity().equals(expected);
        } catch (StoreException.Corrupt e) {
            assert header == null : e;
        }
    }

    /** The header, or while that is not known all that it could be. */
    private List<RunHeader> headers() {
        if (header != null) {
            return List.of(header);
        }
        List<RunHeader> possible = new ArrayList<>();
        for (Compression compression : Compression.values()) {
            for (FilterKind filter : FilterKind.values()) {
                possible.add(new RunHeader(expected, RunOptions.of(compression, filter)));
            }
        }
        return possible;
    }

    private void readFooter(long fileBytes) {
        byte[] bytes = reader.bytes(fileBytes - RunFooterFormat.LENGTH, RunFooterFormat.LENGTH);
        for (RunHeader possible : bytes == null ? List.<RunHeader>of() : headers()) {
            try {
                footer = RunFooterFormat.decode(path, possible, bytes, fileBytes);
                return;
            } catch (StoreException.Corrupt e) {
                assert footer == null : e;
            }
        }
    }

    private RunProperties propertiesAt(RunFooter found) {
        byte[] bytes = reader.bytes(found.propertiesOffset(), found.propertiesLength());
        try {
            return bytes == null
                    ? null
                    : RunPropertiesFormat.decode(path, headers().get(0), found, bytes);
        } catch (StoreException.Corrupt e) {
            assert properties == null : e;
            return null;
        }
    }

    /** Looks for properties that end at an offset; only the length of their keys tells where they start. */
    private RunProperties propertiesBefore(long end) {
        long from = Math.max(RunHeaderFormat.LENGTH, end - RunPropertiesFormat.LENGTH_MAX);
        byte[] bytes = reader.bytes(from, end - from);
        for (int at = bytes == null ? -1 : bytes.length - RunPropertiesFormat.LENGTH_MIN; at >= 0; at--) {
            long keys = Integer.toUnsignedLong(
                            LittleEndian.getInt(bytes, at + RunPropertiesFormat.SMALLEST_KEY_LENGTH_OFFSET))
                    + Integer.toUnsignedLong(
                            LittleEndian.getInt(bytes, at + RunPropertiesFormat.LARGEST_KEY_LENGTH_OFFSET));
            if (keys == bytes.length - at - RunPropertiesFormat.KEYS_OFFSET - RunPropertiesFormat.CRC_BYTES) {
                RunFooter guessed = new RunFooter(
                        from + at,
                        0,
                        from + at,
                        0,
                        from + at,
                        end - from - at,
                        0,
                        1,
                        RunFooter.PositionKind.ofCode(0),
                        end);
                RunProperties found = propertiesAt(guessed);
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    private Compression compression() {
        return header == null ? found : header.options().compression();
    }

    private void readBlocks() {
        long dataEnd = footer == null ? reader.length() : Math.min(footer.indexOffset(), reader.length());
        LongList starts = new LongList();
        boolean indexed = footer != null && readStarts(starts);
        long at = RunHeaderFormat.LENGTH;
        BlockSearch search = new BlockSearch(reader, expected.seed(), compression());
        for (long i = 0; i < starts.size(); i++) {
            long start = starts.get(i);
            long end = i + 1 < starts.size() ? starts.get(i + 1) : footer.indexOffset();
            if (start >= at && end - start >= BlockFormat.BLOCK_BYTES_MIN && isBlock(start, end)) {
                if (start > at && !indexed) {
                    search(search, at, start);
                }
                take(new BlockSearch.Extent(start, end));
                at = end;
            }
        }
        if (at < dataEnd && !indexed) {
            search(search, at, dataEnd);
        }
        finishGaps(dataEnd);
    }

    /** The starts of blocks as the sparse index has them; false when its checksum does not hold: then they may be wrong. */
    private boolean readStarts(LongList starts) {
        long length = footer.indexLength();
        boolean whole = reader.holds(expected.seed(), footer.indexOffset(), length - IndexFormat.CRC_BYTES);
        byte[] bytes = whole || length <= INDEX_BYTES_MAX ? reader.bytes(footer.indexOffset(), length) : null;
        if (bytes == null || length < IndexFormat.separatorsAt(footer.blocks())) {
            return false;
        }
        int offsetsAt = (int) IndexFormat.offsetsAt(footer.blocks());
        for (int i = 0; i < footer.blocks(); i++) {
            starts.add(LittleEndian.getLong(bytes, offsetsAt + IndexFormat.OFFSET_BYTES * i));
        }
        return whole;
    }

    private boolean isBlock(long start, long end) {
        return reader.holds(expected.seed(), start, end - start - Integer.BYTES);
    }

    private void search(BlockSearch search, long from, long to) {
        search.over(from, to);
        long at = from;
        for (BlockSearch.Extent found = search.next(at); found != null; found = search.next(at)) {
            take(found);
            at = found.end();
        }
    }

    /** Takes a block whose checksum holds, unless it is none or out of order. */
    private void take(BlockSearch.Extent extent) {
        SalvagedBlock block = block(extent);
        if (block == null) {
            return;
        }
        byte[] first = null;
        long entriesBefore = entries;
        while (block.next()) {
            if (first == null) {
                int order = lastKey == null
                        ? -1
                        : KeyOrder.compare(lastKey, lastKey.length, block.key(), block.keyLength());
                if (order > 0 || (order == 0 && lastDistance <= block.distance())) {
                    return;
                }
                first = block.copyKey();
            }
            entries++;
            smallestDistance = Math.min(smallestDistance, block.distance());
            largestDistance = Math.max(largestDistance, block.distance());
        }
        assert entries > entriesBefore : "a block without an entry";
        long at = blocks.isEmpty()
                ? RunHeaderFormat.LENGTH
                : blocks.get(blocks.size() - 1).end();
        if (extent.start() > at) {
            gaps.add(new Gap(at, extent.start() - at, lastKey, first));
        }
        blocks.add(extent);
        lastKey = block.copyKey();
        lastDistance = block.distance();
    }

    private SalvagedBlock block(BlockSearch.Extent extent) {
        byte[] stored = reader.bytes(extent.start(), extent.end() - extent.start());
        SalvagedBlock block = stored == null ? null : SalvagedBlock.of(stored, compression());
        found = block == null ? found : block.compression();
        return block;
    }

    /** Is there anything behind the last block that was one? */
    private void finishGaps(long dataEnd) {
        long at = blocks.isEmpty()
                ? RunHeaderFormat.LENGTH
                : blocks.get(blocks.size() - 1).end();
        boolean atEnd = footer != null ? at == footer.indexOffset() : !blocks.isEmpty() && indexFollows(at);
        boolean allCounted = properties != null && properties.entries() == entries;
        if (!atEnd && !allCounted) {
            gaps.add(new Gap(at, Math.max(0, dataEnd - at), lastKey, null));
        }
        complete = gaps.isEmpty() || allCounted;
        if (complete) {
            gaps.clear();
        }
    }

    /** Without a footer: true when the sparse index of the blocks that were found, and of no others, starts at an offset. */
    private boolean indexFollows(long at) {
        int count = blocks.size();
        byte[] end = reader.bytes(at + IndexFormat.endsAt(count) + (count - 1L) * IndexFormat.END_BYTES, Integer.BYTES);
        long length = end == null
                ? -1
                : IndexFormat.separatorsAt(count) + Integer.toUnsignedLong(LittleEndian.getInt(end, 0));
        return length >= 0 && reader.holds(expected.seed(), at, length);
    }

    /** True when the header is whole and tells of another run: nothing in the file belongs here. */
    public boolean isForeign() {
        return foreign;
    }

    /** What the run held by its own words; null when they can't be read. */
    public RunProperties properties() {
        return properties;
    }

    /** Length of the whole file by its footer; negative when that can't be read. */
    public long fileBytes() {
        return footer == null ? -1 : footer.fileBytes();
    }

    /** Entries that can be read. */
    public long entries() {
        return entries;
    }

    /** True when it is known that no entry is missing. */
    public boolean isComplete() {
        return complete;
    }

    /** Where entries are missing, in key order; where nothing can be read, one from end to end. */
    public List<Gap> gaps() {
        return gaps;
    }

    /** True when sequence numbers are known, or at least a range of which nothing but this run has any. */
    public boolean isPlaced() {
        return placed;
    }

    /**
     * Tells what is known when the file does not say: that each of its sequence numbers is above another one. They get the
     * lowest ones that are; since the true ones are not below, none meets those of newer runs. Without effect when it is known.
     */
    public void placeAbove(long sequence) {
        if (!placed && entries > 0) {
            base = Math.max(0, sequence + 1 - smallestDistance);
            placed = true;
        }
    }

    /** The smallest sequence number of what can be read. */
    public long smallestSequence() {
        return base + smallestDistance;
    }

    /** The largest sequence number of what can be read. */
    public long largestSequence() {
        return base + largestDistance;
    }

    /** How the run was written, as far as that can be read. */
    public RunOptions options() {
        Compression form = found == null ? Compression.NONE : found;
        return header == null ? RunOptions.of(form, form.filterDefault()) : header.options();
    }

    /**
     * Writes a whole run with what can be read and lies within bounds; returns null, and leaves no file, when that is nothing.
     *
     * @param sequenceMax entries above it are left out
     */
    public RunProperties writeTo(Storage out, Path file, KeyBounds bounds, long sequenceMax) {
        if (!placed || entries == 0) {
            return null;
        }
        try (RunWriter writer = RunWriter.create(out, file, expected, options())) {
            for (BlockSearch.Extent extent : blocks) {
                SalvagedBlock block = block(extent);
                while (block != null && block.next()) {
                    append(writer, block, bounds, sequenceMax);
                }
            }
            return writer.entries() == 0 ? null : writer.finish();
        }
    }

    private void append(RunWriter writer, SalvagedBlock block, KeyBounds bounds, long sequenceMax) {
        long sequence = base + block.distance();
        boolean right = sequence >= 0 && sequence <= Math.min(sequenceMax, EntryLimits.SEQUENCE_MAX);
        byte[] key = block.copyKey();
        if (right && bounds.contains(key)) {
            byte[] value = block.copyValue();
            writer.append(key, key.length, sequence, block.kind(), value, value.length);
        }
    }

    @Override
    public void close() {
        reader.close();
    }

    @Override
    public String toString() {
        return path + ": " + entries + " entries in " + blocks.size() + " blocks, " + gaps.size() + " gaps, "
                + Arrays.toString(new boolean[] {header != null, footer != null, properties != null});
    }
}
