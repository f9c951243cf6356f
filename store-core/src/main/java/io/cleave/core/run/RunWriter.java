package io.cleave.core.run;

import io.cleave.core.bytes.KeyHash;
import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.EntryLimits;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageFile;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Writes one run from front to back.
 *
 * <p>Memory: one block, and {@link #heapBytes}: 24 bytes and up to three times a separator for each block, and with a point
 * index 16 bytes a key while writing, about 26 during {@link #finish}.
 *
 * <p>Ownership: the creator closes it. A writer that is closed before {@link #finish} succeeded deletes its file. The
 * file is forced by {@code finish}, its name is not: the caller forces the directory.
 *
 * <p>Belongs to one thread.
 *
 * <p>Errors: entries out of order or beyond {@link EntryLimits} are {@link IllegalArgumentException} and leave the
 * writer as it was; what the storage throws passes through and leaves it fit for {@code close} only.
 */
public final class RunWriter implements AutoCloseable {
    private static final byte[] NO_VALUE = {};

    private enum State {
        WRITING,
        /** In the middle of an entry or of finishing; left standing only by a failure. */
        INCOMPLETE,
        FINISHED,
        CLOSED
    }

    private final Storage storage;
    private final Path path;
    private final StorageFile file;
    private final RunHeader header;
    private final long seed;
    private final long entryOffsetMax;
    private final RunOutput output;
    private final BlockBuilder block;
    private final IndexBuilder index = new IndexBuilder();
    private final FilterBuilder filter;
    private final boolean offsetsAsPositions;

    private State state = State.WRITING;
    private byte[] lastKey = new byte[64];
    private int lastKeyLength;
    private long lastSequence;
    private byte[] smallestKey;
    private long sequenceBase;
    private long smallestSequence = Long.MAX_VALUE;
    private long largestSequence;
    private long entries;
    private long distinctKeys;
    private long tombstones;
    private long keyBytes;
    private long valueBytes;

    private RunWriter(Storage storage, Path path, RunHeader header, long entryOffsetMax) {
        this.storage = storage;
        this.path = path;
        this.header = header;
        this.entryOffsetMax = entryOffsetMax;
        this.seed = header.identity().seed();
        this.block = new BlockBuilder(header.options());
        this.filter = new FilterBuilder(header.options().filter());
        this.offsetsAsPositions = header.options().compression() == Compression.NONE;
        this.file = storage.create(path);
        this.output = new RunOutput(file);
    }

    /** Creates the file, which must not exist, and starts the run. */
    public static RunWriter create(Storage storage, Path file, RunIdentity identity, RunOptions options) {
        return create(storage, file, new RunHeader(identity, options), PointIndexFormat.POSITION_MAX);
    }

    /** As {@link #create}, with the largest entry offset that a point index holds: beyond it positions are blocks. */
    static RunWriter create(Storage storage, Path file, RunHeader header, long entryOffsetMax) {
        RunWriter writer = new RunWriter(storage, file, header, entryOffsetMax);
        try {
            writer.output.append(RunHeaderFormat.encode(header), RunHeaderFormat.LENGTH);
            return writer;
        } catch (RuntimeException | Error e) {
            writer.closeAfter(e);
            throw e;
        }
    }

    /** Appends the entry that a cursor stands on. */
    public void append(EntryCursor source) {
        int valueLength = source.valueLength();
        addKey(source.key(), source.keyLength(), source.sequence(), source.kind(), valueLength);
        block.addValue(source, valueLength);
        closeEntry();
    }

    /** Appends an entry. The arrays are copied; a tombstone has no value. */
    public void append(byte[] key, int keyLength, long sequence, byte kind, byte[] value, int valueLength) {
        if (valueLength > 0 && value.length < valueLength) {
            throw new IllegalArgumentException("value: expected " + valueLength + " bytes, found " + value.length);
        }
        addKey(key, keyLength, sequence, kind, valueLength);
        block.addValue(value == null ? NO_VALUE : value, valueLength);
        closeEntry();
    }

    /**
     * Bytes the file has so far, the block in the making counted as it is: an estimate of data only, without the
     * filter.
     */
    public long bytes() {
        return output.position() + block.length();
    }

    /** Heap that it takes, and will take while it finishes, for what was appended so far; without a block and buffers. */
    public long heapBytes() {
        return filter.heapBytes() + index.heapBytes();
    }

    /** A copy of the key appended last. */
    public byte[] largestKey() {
        return Arrays.copyOf(lastKey, lastKeyLength);
    }

    /** Entries appended so far. */
    public long entries() {
        return entries;
    }

    /**
     * Writes what stands behind the data, forces the file and closes it.
     *
     * @throws IllegalStateException when there is no entry, or the run is finished or closed
     */
    public RunProperties finish() {
        requireWriting();
        if (entries == 0) {
            throw new IllegalStateException("a run holds at least one entry");
        }
        state = State.INCOMPLETE;
        if (block.entries() > 0) {
            writeBlock();
        }
        index.addEnd(lastKey, lastKeyLength);
        long indexOffset = output.position();
        byte[] encodedIndex = index.encode(seed, indexOffset);
        output.append(encodedIndex, encodedIndex.length);
        RunFooter.PositionKind positions = settlePositions();
        long filterOffset = writeFilter();
        RunProperties properties = writeTail(indexOffset, filterOffset, positions);
        file.force();
        file.close();
        state = State.FINISHED;
        return properties;
    }

    /** Closes the file; deletes it unless the run is finished. Idempotent. */
    @Override
    public void close() {
        if (state == State.FINISHED || state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        try (file) {
            storage.delete(path);
        }
    }

    private void closeAfter(Throwable cause) {
        try {
            close();
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
        }
    }

    private void addKey(byte[] key, int keyLength, long sequence, byte kind, int valueLength) {
        requireWriting();
        checkEntry(keyLength, sequence, kind, valueLength);
        int order = entries == 0 ? -1 : KeyOrder.compare(lastKey, lastKeyLength, key, keyLength);
        if (order > 0 || (order == 0 && lastSequence <= sequence)) {
            throw new IllegalArgumentException(
                    "entry " + entries + ": expected keys ascending and versions of a key newest first, found "
                            + (order > 0 ? "a smaller key" : "the same key with a sequence number not below"));
        }
        if (entries == 0) {
            smallestKey = Arrays.copyOf(key, keyLength);
            sequenceBase = sequence;
        }
        if (block.entries() == 0) {
            if (entries > 0) {
                index.addBorder(lastKey, lastKeyLength, key, keyLength);
            }
            index.addBlock(output.position());
        }
        if (order != 0) {
            addDistinct(key, keyLength);
        }
        int common = block.sharesPrefixes() ? common(key, keyLength) : 0;
        block.addKey(key, keyLength, common, kind, valueLength, EntryFormat.storedSequence(sequenceBase, sequence));
        state = State.INCOMPLETE;
        count(keyLength, sequence, kind, valueLength);
        if (order != 0) {
            keepKey(key, keyLength);
        }
        lastSequence = sequence;
    }

    private static void checkEntry(int keyLength, long sequence, byte kind, int valueLength) {
        if (keyLength < EntryLimits.KEY_BYTES_MIN || keyLength > EntryLimits.KEY_BYTES_MAX) {
            throw new IllegalArgumentException("key length: expected " + EntryLimits.KEY_BYTES_MIN + " to "
                    + EntryLimits.KEY_BYTES_MAX + ", found " + keyLength);
        }
        if (sequence < 0 || sequence > EntryLimits.SEQUENCE_MAX) {
            throw new IllegalArgumentException(
                    "sequence: expected 0 to " + EntryLimits.SEQUENCE_MAX + ", found " + sequence);
        }
        if (!EntryKind.isKnown(kind)) {
            throw new IllegalArgumentException("kind: expected a known one, found " + kind);
        }
        int valueLengthMax = kind == EntryKind.TOMBSTONE ? 0 : EntryLimits.VALUE_BYTES_MAX;
        if (valueLength < 0 || valueLength > valueLengthMax) {
            throw new IllegalArgumentException(
                    "value length: expected 0 to " + valueLengthMax + ", found " + valueLength);
        }
    }

    /** Bytes that a key shares with the last one. */
    private int common(byte[] key, int keyLength) {
        int mismatch = Arrays.mismatch(key, 0, keyLength, lastKey, 0, lastKeyLength);
        return mismatch < 0 ? keyLength : mismatch;
    }

    private void addDistinct(byte[] key, int keyLength) {
        distinctKeys++;
        if (filter.isActive()) {
            long position = offsetsAsPositions ? output.position() + block.length() : index.blocks() - 1L;
            filter.add(KeyHash.of(key, keyLength), position);
        }
    }

    private void count(int keyLength, long sequence, byte kind, int valueLength) {
        entries++;
        keyBytes += keyLength;
        valueBytes += valueLength;
        tombstones += kind == EntryKind.TOMBSTONE ? 1 : 0;
        smallestSequence = Math.min(smallestSequence, sequence);
        largestSequence = Math.max(largestSequence, sequence);
    }

    private void keepKey(byte[] key, int keyLength) {
        if (keyLength > lastKey.length) {
            lastKey = new byte[Math.max(keyLength, 2 * lastKey.length)];
        }
        System.arraycopy(key, 0, lastKey, 0, keyLength);
        lastKeyLength = keyLength;
    }

    private void closeEntry() {
        state = State.WRITING;
        if (block.isFull()) {
            writeBlock();
        }
    }

    private void writeBlock() {
        block.writeTo(output, seed);
    }

    /** Entry offsets stay positions only where all of them fit 32 bits. */
    private RunFooter.PositionKind settlePositions() {
        if (header.options().filter() != FilterKind.POINT_INDEX || !offsetsAsPositions) {
            return RunFooter.PositionKind.BLOCK_ORDINAL;
        }
        if (filter.lastPosition() <= entryOffsetMax) {
            return RunFooter.PositionKind.ENTRY_OFFSET;
        }
        filter.toOrdinals(index.offsets());
        return RunFooter.PositionKind.BLOCK_ORDINAL;
    }

    private long writeFilter() {
        if (!filter.isActive()) {
            return output.position();
        }
        long offset = PageFormat.align(output.position());
        output.append(new byte[PageFormat.CELL_BYTES], (int) (offset - output.position()));
        for (byte[] page : filter.build()) {
            PageFormat.encodeChecksum(page, seed, output.position());
            output.append(page, page.length);
        }
        return offset;
    }

    private RunProperties writeTail(long indexOffset, long filterOffset, RunFooter.PositionKind positions) {
        byte[] largestKey = Arrays.copyOf(lastKey, lastKeyLength);
        long propertiesOffset = output.position();
        int propertiesLength =
                RunPropertiesFormat.KEYS_OFFSET + smallestKey.length + lastKeyLength + RunPropertiesFormat.CRC_BYTES;
        long fileBytes = propertiesOffset + propertiesLength + RunFooterFormat.LENGTH;
        RunProperties properties = new RunProperties(
                entries,
                distinctKeys,
                tombstones,
                keyBytes,
                valueBytes,
                smallestKey,
                largestKey,
                smallestSequence,
                largestSequence,
                indexOffset - RunHeaderFormat.LENGTH,
                fileBytes,
                index.blocks(),
                header.options().compression(),
                header.options().filter());
        output.append(RunPropertiesFormat.encode(properties, seed, propertiesOffset), propertiesLength);
        RunFooter footer = new RunFooter(
                indexOffset,
                index.bytes(),
                filterOffset,
                propertiesOffset - filterOffset,
                propertiesOffset,
                propertiesLength,
                sequenceBase,
                index.blocks(),
                positions,
                fileBytes);
        output.append(RunFooterFormat.encode(footer, seed), RunFooterFormat.LENGTH);
        return properties;
    }

    private void requireWriting() {
        if (state != State.WRITING) {
            throw new IllegalStateException("run writer: expected " + State.WRITING + ", found " + state);
        }
    }
}
