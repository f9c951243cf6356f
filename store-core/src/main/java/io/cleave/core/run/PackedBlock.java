package io.cleave.core.run;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.EntryLimits;
import java.util.Arrays;

/**
 * One block with shared prefixes, decompressed on the heap, and a position in it. The buffers are reused from block to
 * block; those that one large block made grow are given up with the next.
 *
 * <p>Belongs to one thread.
 */
final class PackedBlock {
    /** Readable bytes behind the body, so that heads are loaded 8 bytes at a time. */
    static final int SLACK_BYTES = 16;

    /** Longest buffer that is kept from block to block, and by a thread from lookup to lookup. */
    static final int KEPT_BYTES_MAX = 1 << 16;

    private static final int NOBODY = 0;

    private byte[] bytes = new byte[0];
    private byte[] stored = new byte[0];
    private byte[] key = new byte[64];

    /** Id of the file and ordinal of the block that is loaded. */
    private long fileId = NOBODY;

    private int ordinal;
    private int entries;
    private int restartInterval;
    private int restartsAt;
    private long sequenceBase;

    private int entry;
    private int at;
    private int keyLength;
    private int sharedLength;
    private int valueAt;
    private int valueLength;
    private long word;
    private long sequence;

    boolean holds(long otherFileId, int otherOrdinal) {
        return fileId == otherFileId && ordinal == otherOrdinal;
    }

    /** Room for the stored block. */
    byte[] storedBuffer(int length) {
        fileId = NOBODY;
        if (stored.length < length || stored.length > KEPT_BYTES_MAX) {
            stored = new byte[length];
        }
        return stored;
    }

    /** Room for the body and the slack behind it; what was loaded is gone. */
    byte[] rawBuffer(int rawLength) {
        fileId = NOBODY;
        if (bytes.length < rawLength + SLACK_BYTES || bytes.length > KEPT_BYTES_MAX) {
            bytes = new byte[rawLength + SLACK_BYTES];
        }
        return bytes;
    }

    /** Takes the body in the raw buffer for a block of a file. */
    void loaded(RunFile file, int blockOrdinal, int rawLength, int entryCount) {
        restartInterval = file.header().options().compression().restartInterval();
        sequenceBase = file.footer().sequenceBase();
        entries = entryCount;
        restartsAt = rawLength - BlockFormat.RESTART_BYTES * BlockFormat.restarts(entryCount, restartInterval);
        ordinal = blockOrdinal;
        fileId = file.id();
    }

    /** True when a large block or key has made a buffer grow beyond what is kept. */
    boolean isLarge() {
        return bytes.length > KEPT_BYTES_MAX || stored.length > KEPT_BYTES_MAX || key.length > KEPT_BYTES_MAX;
    }

    /** Forgets the block, so that the next use loads it anew. */
    void unload() {
        fileId = NOBODY;
    }

    /** Names the first rule of the structure that does not hold; null when all do. Moves the position. */
    String fault() {
        if (entries == 0 || restartsAt <= 0) {
            return "number of entries";
        }
        int next = 0;
        int keyLengthBefore = 0;
        for (int i = 0; i < entries; i++) {
            if (next >= restartsAt) {
                return "number of entries";
            }
            boolean restart = i % restartInterval == 0;
            if (restart && restartAt(i / restartInterval) != next) {
                return "restart";
            }
            String fault = entryFault(next, restart ? 0 : keyLengthBefore);
            if (fault != null) {
                return fault;
            }
            decode(i, next);
            keyLengthBefore = keyLength;
            next = valueAt + valueLength;
        }
        return next == restartsAt ? null : "end of entries";
    }

    /** Moves to an entry by its number. */
    void moveTo(int number) {
        int from = number - number % restartInterval;
        decode(from, restartAt(from / restartInterval));
        while (entry < number) {
            decode(entry + 1, valueAt + valueLength);
        }
    }

    /** Moves one entry on; false, and no move, at the last. */
    boolean next() {
        if (entry + 1 == entries) {
            return false;
        }
        decode(entry + 1, valueAt + valueLength);
        return true;
    }

    /** Moves to the first entry whose key is not below the target; false when all are. */
    boolean seek(byte[] target, int targetLength) {
        int low = 0;
        int high = BlockFormat.restarts(entries, restartInterval);
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (compareRestart(middle, target, targetLength) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        moveTo(Math.max(0, low - 1) * restartInterval);
        while (KeyOrder.compare(key, keyLength, target, targetLength) < 0) {
            if (!next()) {
                return false;
            }
        }
        return true;
    }

    int entries() {
        return entries;
    }

    /** Number of the entry. */
    int entry() {
        return entry;
    }

    /** Offset of the entry in the body. */
    int at() {
        return at;
    }

    /** The key, valid in its first {@link #keyLength} bytes until the next move. */
    byte[] key() {
        return key;
    }

    int keyLength() {
        return keyLength;
    }

    /** Bytes of the key that the entry takes over from the one before. */
    int sharedLength() {
        return sharedLength;
    }

    boolean keyEquals(byte[] other, int otherLength) {
        return keyLength == otherLength && Arrays.equals(key, 0, keyLength, other, 0, otherLength);
    }

    long sequence() {
        return sequence;
    }

    byte kind() {
        return EntryFormat.kind(word);
    }

    /** The body. */
    byte[] bytes() {
        return bytes;
    }

    /** Offset of the value in the body. */
    int valueAt() {
        return valueAt;
    }

    int valueLength() {
        return valueLength;
    }

    private void decode(int number, int offset) {
        entry = number;
        at = offset;
        word = LittleEndian.getLong(bytes, offset);
        int wide = EntryFormat.wide(word);
        int valueBytes = EntryFormat.valueBytes(word);
        int sequenceBytes = EntryFormat.sequenceBytes(word);
        sharedLength = EntryFormat.firstLength(word);
        int unshared = EntryFormat.secondLength(word);
        int valueLengthAt = offset + 3 + 2 * wide;
        valueLength = (int) EntryFormat.low(LittleEndian.getLong(bytes, valueLengthAt), valueBytes);
        int sequenceAt = valueLengthAt + valueBytes;
        long storedSequence = EntryFormat.low(LittleEndian.getLong(bytes, sequenceAt), sequenceBytes);
        sequence = EntryFormat.sequence(sequenceBase, storedSequence);
        int keyAt = sequenceAt + sequenceBytes;
        keyLength = sharedLength + unshared;
        if (key.length < keyLength) {
            key = Arrays.copyOf(key, Math.max(keyLength, 2 * key.length));
        }
        System.arraycopy(bytes, keyAt, key, sharedLength, unshared);
        valueAt = keyAt + unshared;
    }

    /** Looks at the head of an entry before {@link #decode} believes it. */
    private String entryFault(int offset, int sharedMax) {
        long head = LittleEndian.getLong(bytes, offset);
        int wide = EntryFormat.wide(head);
        int valueBytes = EntryFormat.valueBytes(head);
        int valueLengthAt = offset + 3 + 2 * wide;
        int keyAt = valueLengthAt + valueBytes + EntryFormat.sequenceBytes(head);
        if (keyAt > restartsAt) {
            return "end of entry";
        }
        int shared = EntryFormat.firstLength(head);
        int whole = shared + EntryFormat.secondLength(head);
        if (shared > sharedMax || whole < EntryLimits.KEY_BYTES_MIN || whole > EntryLimits.KEY_BYTES_MAX) {
            return "key length";
        }
        int kind = EntryFormat.kind(head);
        if (!EntryKind.isKnown(kind)) {
            return "kind of entry";
        }
        long value = EntryFormat.low(LittleEndian.getLong(bytes, valueLengthAt), valueBytes);
        if (keyAt + (long) (whole - shared) + value > restartsAt || (value > 0 && kind != EntryKind.PUT)) {
            return "value length";
        }
        int sequenceBytes = EntryFormat.sequenceBytes(head);
        long stored = EntryFormat.low(LittleEndian.getLong(bytes, keyAt - sequenceBytes), sequenceBytes);
        long found = EntryFormat.sequence(sequenceBase, stored);
        return found < 0 || found > EntryLimits.SEQUENCE_MAX ? "sequence number" : null;
    }

    private int restartAt(int restart) {
        return LittleEndian.getUnsignedShort(bytes, restartsAt + BlockFormat.RESTART_BYTES * restart);
    }

    private int compareRestart(int restart, byte[] target, int targetLength) {
        int offset = restartAt(restart);
        long head = LittleEndian.getLong(bytes, offset);
        int keyAt = offset
                + 3
                + 2 * EntryFormat.wide(head)
                + EntryFormat.valueBytes(head)
                + EntryFormat.sequenceBytes(head);
        int length = EntryFormat.secondLength(head);
        return Arrays.compareUnsigned(bytes, keyAt, keyAt + length, target, 0, targetLength);
    }
}
