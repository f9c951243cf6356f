package io.cleave.core.run;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.EntryLimits;
import java.util.Arrays;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;

/**
 * A data block on the heap, read without the rest of its run: entries one after the other, sequence numbers as distances from a
 * base that may not be known. Belongs to one thread.
 */
final class SalvagedBlock {
    /** Readable bytes behind the body, so that heads are loaded 8 bytes at a time. */
    private static final int SLACK_BYTES = 16;

    private final byte[] body;
    private final Compression compression;
    private final int restartInterval;
    private final int entries;
    private final int restartsAt;

    private int entry = -1;
    private int next;
    private byte[] key = new byte[64];
    private int keyLength;
    private int sharedLength;
    private long distance;
    private byte kind;
    private int valueAt;
    private int valueLength;
    private int headEnd;

    private SalvagedBlock(byte[] body, int rawLength, int entries, Compression compression) {
        this.body = body;
        this.entries = entries;
        this.compression = compression;
        this.restartInterval = compression.restartInterval();
        this.restartsAt = rawLength - BlockFormat.RESTART_BYTES * BlockFormat.restarts(entries, restartInterval);
    }

    /**
     * The block that some bytes are, trailer included, whose checksum holds; null when they are none.
     *
     * @param compression how the run stores blocks; null when that is not known
     */
    static SalvagedBlock of(byte[] stored, Compression compression) {
        for (Compression form : Compression.values()) {
            SalvagedBlock block = compression == null || form == compression ? decode(stored, form) : null;
            if (block != null && block.isSound()) {
                block.rewind();
                return block;
            }
        }
        return null;
    }

    private static SalvagedBlock decode(byte[] stored, Compression form) {
        int trailer = stored.length - BlockFormat.TRAILER_BYTES;
        int rawLength = LittleEndian.getInt(stored, trailer + BlockFormat.RAW_LENGTH_OFFSET);
        int entries = LittleEndian.getUnsignedShort(stored, trailer + BlockFormat.ENTRIES_OFFSET);
        byte encoding = stored[trailer + BlockFormat.ENCODING_OFFSET];
        if (stored[trailer + BlockFormat.RESERVED_OFFSET] != 0 || entries == 0 || rawLength <= 0) {
            return null;
        }
        if (encoding == BlockFormat.ENCODING_RAW) {
            return rawLength != trailer
                    ? null
                    : new SalvagedBlock(Arrays.copyOf(stored, rawLength + SLACK_BYTES), rawLength, entries, form);
        }
        long rawMax = Math.min(BlockFormat.RAW_BYTES_MAX, (long) BlockFormat.LZ4_EXPANSION_MAX * trailer);
        if (encoding != BlockFormat.ENCODING_LZ4 || form == Compression.NONE || rawLength > rawMax) {
            return null;
        }
        byte[] raw = new byte[rawLength + SLACK_BYTES];
        try {
            int unpacked =
                    LZ4Factory.safeInstance().safeDecompressor().decompress(stored, 0, trailer, raw, 0, rawLength);
            return unpacked == rawLength ? new SalvagedBlock(raw, rawLength, entries, form) : null;
        } catch (LZ4Exception malformed) {
            assert malformed.getMessage() != null;
            return null;
        }
    }

    /** True when every rule of the format holds in it that needs no other part of the run. */
    private boolean isSound() {
        if (restartsAt <= 0) {
            return false;
        }
        byte[] before = {};
        long distanceBefore = 0;
        for (int i = 0; i < entries; i++) {
            if (!canMove()) {
                return false;
            }
            move();
            int order = i == 0 ? 1 : KeyOrder.compare(key, keyLength, before, before.length);
            if (order < 0 || (order == 0 && distance >= distanceBefore)) {
                return false;
            }
            before = copyKey();
            distanceBefore = distance;
        }
        return next == restartsAt;
    }

    private void rewind() {
        entry = -1;
        next = 0;
        keyLength = 0;
    }

    /** Moves one entry on; false after the last. */
    boolean next() {
        if (entry + 1 == entries) {
            return false;
        }
        move();
        return true;
    }

    /** Looks at the head of the next entry before {@link #move} believes it. */
    private boolean canMove() {
        boolean restart = (entry + 1) % restartInterval == 0;
        int at = next;
        if (at >= restartsAt
                || (restart
                        && LittleEndian.getUnsignedShort(
                                        body, restartsAt + BlockFormat.RESTART_BYTES * ((entry + 1) / restartInterval))
                                != at)) {
            return false;
        }
        int sharedMax = restart ? 0 : keyLength;
        int unshared = head(at);
        long value = valueLength;
        int whole = sharedLength + unshared;
        boolean right = headEnd <= restartsAt
                && sharedLength <= sharedMax
                && whole >= EntryLimits.KEY_BYTES_MIN
                && whole <= EntryLimits.KEY_BYTES_MAX
                && EntryKind.isKnown(kind)
                && value >= 0
                && (value == 0 || kind == EntryKind.PUT)
                && Math.abs(distance) <= EntryLimits.SEQUENCE_MAX;
        return right && headEnd + (long) unshared + value <= restartsAt;
    }

    private void move() {
        int unshared = head(next);
        keyLength = sharedLength + unshared;
        if (key.length < keyLength) {
            key = Arrays.copyOf(key, Math.max(keyLength, 2 * key.length));
        }
        System.arraycopy(body, headEnd, key, sharedLength, unshared);
        valueAt = headEnd + unshared;
        next = valueAt + valueLength;
        entry++;
    }

    /** Decodes a head; returns the bytes of key that follow it. */
    private int head(int at) {
        long word = LittleEndian.getLong(body, at);
        boolean shares = restartInterval > 1;
        int wide = EntryFormat.wide(word);
        int valueBytes = EntryFormat.valueBytes(word);
        int sequenceBytes = EntryFormat.sequenceBytes(word);
        int valueLengthAt = at + (shares ? 3 + 2 * wide : 2 + wide);
        kind = EntryFormat.kind(word);
        sharedLength = shares ? EntryFormat.firstLength(word) : 0;
        valueLength = (int) EntryFormat.low(loaded(valueLengthAt), valueBytes);
        long stored = EntryFormat.low(loaded(valueLengthAt + valueBytes), sequenceBytes);
        distance = EntryFormat.sequence(0, stored);
        headEnd = valueLengthAt + valueBytes + sequenceBytes;
        return shares ? EntryFormat.secondLength(word) : EntryFormat.firstLength(word);
    }

    private long loaded(int at) {
        return at + Long.BYTES <= body.length ? LittleEndian.getLong(body, at) : 0;
    }

    /** How the run that it is of stores blocks. */
    Compression compression() {
        return compression;
    }

    /** The key, valid in its first {@link #keyLength} bytes until the next move. */
    byte[] key() {
        return key;
    }

    int keyLength() {
        return keyLength;
    }

    byte[] copyKey() {
        return Arrays.copyOf(key, keyLength);
    }

    /** Sequence number less the base of the run. */
    long distance() {
        return distance;
    }

    byte kind() {
        return kind;
    }

    int valueLength() {
        return valueLength;
    }

    /** The value. */
    byte[] copyValue() {
        return Arrays.copyOfRange(body, valueAt, valueAt + valueLength);
    }
}
