package io.cleave.core.run;

import io.cleave.core.entry.EntryCursor;
import io.cleave.core.storage.HeapRoom;
import java.util.Arrays;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;

/**
 * Collects the entries of one data block after the other. An entry is added in two steps, head and key, then the value,
 * so that a value is copied once only.
 *
 * <p>Belongs to one thread.
 */
final class BlockBuilder {
    /** A buffer that grew beyond this for one large entry is given up afterwards. */
    private static final int KEPT_BYTES_MAX = 1 << 20;

    private final RunOptions options;
    private final int restartInterval;
    private final LZ4Compressor compressor;
    private byte[] bytes;
    private byte[] packed = new byte[0];
    private int length;
    private int[] restarts = new int[64];
    private int entries;

    BlockBuilder(RunOptions options) {
        this.options = options;
        this.restartInterval = options.compression().restartInterval();
        this.compressor = options.compression() == Compression.LZ4
                ? LZ4Factory.safeInstance().fastCompressor()
                : null;
        this.bytes = new byte[2 * options.blockBytes() + 256];
    }

    int entries() {
        return entries;
    }

    /** Bytes of the entries so far: where the next one starts, from the start of the block. */
    int length() {
        return length;
    }

    boolean isFull() {
        return length >= options.blockBytes();
    }

    /** Whether entries leave out what their keys share with the one before. */
    boolean sharesPrefixes() {
        return restartInterval > 1;
    }

    /**
     * Writes head and key of an entry; one of the {@code addValue} methods must follow.
     *
     * @param common bytes the key shares with the one before; ignored where prefixes are not shared
     */
    void addKey(byte[] key, int keyLength, int common, byte kind, int valueLength, long storedSequence) {
        int shared = -1;
        if (sharesPrefixes()) {
            shared = entries % restartInterval == 0 ? 0 : common;
        }
        if (entries % restartInterval == 0) {
            int restart = entries / restartInterval;
            if (restart == restarts.length) {
                restarts = Arrays.copyOf(restarts, 2 * restart);
            }
            restarts[restart] = length;
        }
        int from = Math.max(shared, 0);
        int unshared = keyLength - from;
        reserve((long) EntryFormat.HEAD_BYTES_MAX + unshared + valueLength);
        int keyAt = EntryFormat.encode(bytes, length, kind, shared, unshared, valueLength, storedSequence);
        System.arraycopy(key, from, bytes, keyAt, unshared);
        length = keyAt + unshared;
        entries++;
    }

    void addValue(byte[] value, int valueLength) {
        System.arraycopy(value, 0, bytes, length, valueLength);
        length += valueLength;
    }

    void addValue(EntryCursor source, int valueLength) {
        source.copyValue(0, bytes, length, valueLength);
        length += valueLength;
    }

    /** Appends the block, which holds at least one entry, to the output and starts an empty one. */
    void writeTo(RunOutput output, long seed) {
        assert entries > 0 : "an empty block";
        int count = BlockFormat.restarts(entries, restartInterval);
        reserve((long) count * BlockFormat.RESTART_BYTES + BlockFormat.TRAILER_BYTES);
        int rawLength = length;
        for (int i = 0; i < count; i++, rawLength += BlockFormat.RESTART_BYTES) {
            LittleEndian.putShort(bytes, rawLength, restarts[i]);
        }
        int packedLength = pack(rawLength);
        boolean smaller = packedLength > 0 && packedLength <= rawLength - rawLength / 8;
        byte[] block = smaller ? packed : bytes;
        int stored = smaller ? packedLength : rawLength;
        byte encoding = smaller ? BlockFormat.ENCODING_LZ4 : BlockFormat.ENCODING_RAW;
        BlockFormat.encodeTrailer(block, stored, rawLength, entries, encoding);
        BlockFormat.encodeChecksum(block, stored, seed, output.position());
        output.append(block, stored + BlockFormat.TRAILER_BYTES);
        clear();
    }

    private void clear() {
        entries = 0;
        length = 0;
        if (bytes.length > KEPT_BYTES_MAX) {
            bytes = new byte[2 * options.blockBytes() + 256];
            packed = new byte[0];
        }
    }

    /** Compresses the body; returns its new length, or 0 when this run is not compressed. */
    private int pack(int rawLength) {
        if (compressor == null) {
            return 0;
        }
        int longest = compressor.maxCompressedLength(rawLength);
        if (packed.length < longest + BlockFormat.TRAILER_BYTES) {
            packed = HeapRoom.array("a packed block of a run, for one entry", longest + BlockFormat.TRAILER_BYTES);
        }
        return compressor.compress(bytes, 0, rawLength, packed, 0, longest);
    }

    /** Makes room, also for what ends the block, so that one large value is not copied again for that. */
    private void reserve(long more) {
        long needed = length + more;
        if (needed > bytes.length) {
            long ending = (long) BlockFormat.restarts(entries + 1, restartInterval) * BlockFormat.RESTART_BYTES
                    + BlockFormat.TRAILER_BYTES;
            long room = needed > KEPT_BYTES_MAX ? needed + ending : Math.max(needed + ending, 2L * bytes.length);
            byte[] larger = HeapRoom.array("a block of a run, for one entry", (int)
                    Math.min(BlockFormat.RAW_BYTES_MAX, Math.max(needed, room)));
            System.arraycopy(bytes, 0, larger, 0, length);
            bytes = larger;
        }
    }
}
