package io.cleave.core.run;

/**
 * The head of an entry. Its first byte, the tag, holds the kind and the widths of the fields that follow, so that one
 * load and a few shifts decode it. Authority: docs/format/run.md, "Entry". Stateless, thread-safe.
 *
 * <p>A {@code word} is the 8 bytes at the entry's start.
 */
final class EntryFormat {
    static final int KIND_MASK = 3;
    static final int SEQUENCE_SHIFT = 2;
    static final int WIDE_SHIFT = 5;
    static final int VALUE_SHIFT = 6;

    /** Most bytes a head takes: tag, shared and unshared key length, value length, sequence. */
    static final int HEAD_BYTES_MAX = 1 + 2 + 2 + 4 + 8;

    /** Least bytes an entry takes: tag, key length, sequence of width 0, one byte of key. */
    static final int ENTRY_BYTES_MIN = 3;

    private EntryFormat() {}

    static byte kind(long word) {
        return (byte) (word & KIND_MASK);
    }

    /** 1 when lengths of keys take two bytes, 0 when they take one. */
    static int wide(long word) {
        return (int) (word >>> WIDE_SHIFT) & 1;
    }

    /** Width of the sequence number: 0 to 6 or 8. */
    static int sequenceBytes(long word) {
        int code = (int) (word >>> SEQUENCE_SHIFT) & 7;
        return code + ((code + 1) >>> 3);
    }

    /** Width of the value's length: 0, 1, 2 or 4. */
    static int valueBytes(long word) {
        return (1 << ((int) (word >>> VALUE_SHIFT) & 3)) >> 1;
    }

    /** The first length after the tag: that of the key, or of its shared part where prefixes are shared. */
    static int firstLength(long word) {
        return (int) (word >>> 8) & lengthMask(word);
    }

    /** The second length after the tag, where prefixes are shared: that of the rest of the key. */
    static int secondLength(long word) {
        return (int) (word >>> (16 + 8 * wide(word))) & lengthMask(word);
    }

    /** Length of the value where prefixes are not shared. */
    static int valueLength(long word) {
        return (int) low(word >>> (16 + 8 * wide(word)), valueBytes(word));
    }

    /** Length of the head where prefixes are not shared. */
    static int headBytes(long word) {
        return 2 + wide(word) + valueBytes(word) + sequenceBytes(word);
    }

    /** The low {@code bytes} bytes of a number. */
    static long low(long number, int bytes) {
        return bytes == Long.BYTES ? number : number & ((1L << (8 * bytes)) - 1);
    }

    /** The sequence number that a stored one stands for. */
    static long sequence(long base, long stored) {
        return base + ((stored >>> 1) ^ -(stored & 1));
    }

    /** What is stored for a sequence number: its distance from the base, sign in the lowest bit. */
    static long storedSequence(long base, long sequence) {
        long distance = sequence - base;
        return (distance << 1) ^ (distance >> 63);
    }

    /**
     * Writes a head.
     *
     * @param shared bytes shared with the key before; negative where prefixes are not shared at all
     * @return the offset after the head
     */
    static int encode(
            byte[] target, int at, byte kind, int shared, int unshared, int valueLength, long storedSequence) {
        int wide = Math.max(shared, unshared) > 0xFF ? 1 : 0;
        int valueCode = valueLength == 0 ? 0 : valueLength <= 0xFF ? 1 : valueLength <= 0xFFFF ? 2 : 3;
        int significant = (71 - Long.numberOfLeadingZeros(storedSequence)) / 8;
        int sequenceCode = Math.min(7, significant);
        target[at] = (byte) (kind | sequenceCode << SEQUENCE_SHIFT | wide << WIDE_SHIFT | valueCode << VALUE_SHIFT);
        int next = at + 1;
        if (shared >= 0) {
            next = put(target, next, shared, 1 + wide);
        }
        next = put(target, next, unshared, 1 + wide);
        next = put(target, next, valueLength, (1 << valueCode) >> 1);
        return put(target, next, storedSequence, sequenceCode == 7 ? 8 : sequenceCode);
    }

    private static int put(byte[] target, int at, long number, int bytes) {
        for (int i = 0; i < bytes; i++) {
            target[at + i] = (byte) (number >>> (8 * i));
        }
        return at + bytes;
    }

    private static int lengthMask(long word) {
        return 0xFFFF >>> (8 - 8 * wide(word));
    }
}
