package io.cleave.core.fuzz;

import java.util.Arrays;

/**
 * The bytes of a fuzzer as a list of choices. Reads from front to back; behind the end everything is zero. So any bytes are a
 * valid script, and a script that is changed a little does something else only from there on.
 */
public final class FuzzInput {
    private static final int EDITS_MAX = 12;
    private static final int LENGTH_MAX = 1 << 16;

    /** What breaks arithmetic most often. */
    private static final long[] WORDS = {
        0,
        1,
        -1,
        2,
        Byte.MAX_VALUE,
        0xFF,
        Short.MAX_VALUE,
        0xFFFF,
        0x10000,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        0xFFFF_FFFFL,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        (1L << 56) - 1,
        1L << 56,
        999_999_999_999_999_999L,
        64 << 20
    };

    private final byte[] bytes;
    private int at;

    public FuzzInput(byte[] bytes) {
        this.bytes = bytes;
    }

    /** True when only zeros would follow. */
    public boolean isEmpty() {
        return at >= bytes.length;
    }

    /** The next byte, 0 to 255. */
    public int next() {
        return at < bytes.length ? bytes[at++] & 0xFF : 0;
    }

    /** 0 to {@code count} - 1. */
    public int choice(int count) {
        return count <= 1 ? 0 : (count <= 256 ? next() : next() << 8 | next()) % count;
    }

    /** Something that breaks arithmetic, or any eight bytes. */
    public long word() {
        int kind = next();
        if (kind < WORDS.length) {
            return WORDS[kind];
        }
        long word = 0;
        for (int i = 0; i < (kind & 7) + 1; i++) {
            word = word << 8 | next();
        }
        return word;
    }

    /** Up to {@code lengthMax} bytes. */
    public byte[] take(int lengthMax) {
        byte[] taken = new byte[Math.min(choice(lengthMax + 1), Math.max(0, bytes.length - at))];
        for (int i = 0; i < taken.length; i++) {
            taken[i] = (byte) next();
        }
        return taken;
    }

    /** A changed copy of a file: what edits are left in this script, a dozen at most. */
    public byte[] edit(byte[] file) {
        byte[] edited = file.clone();
        for (int i = 0; i < EDITS_MAX && !isEmpty(); i++) {
            edited = editOnce(edited);
        }
        return edited;
    }

    /** A copy of a file with one change. */
    public byte[] editOnce(byte[] file) {
        byte[] edited = file.clone();
        int kind = choice(8);
        int offset = edited.length == 0 ? 0 : (next() << 8 | next()) % edited.length;
        switch (kind) {
            case 0 -> put(edited, offset, next(), 1);
            case 1 -> put(edited, offset, flipped(edited, offset), 1);
            case 2 -> put(edited, offset & -2, word(), Short.BYTES);
            case 3 -> put(edited, offset & -4, word(), Integer.BYTES);
            case 4 -> put(edited, offset & -8, word(), Long.BYTES);
            case 5 -> copyWithin(edited, offset);
            case 6 -> edited = Arrays.copyOf(edited, offset);
            default -> edited = Arrays.copyOf(edited, Math.min(LENGTH_MAX, edited.length + next() + 1));
        }
        return edited;
    }

    private int flipped(byte[] edited, int offset) {
        return edited.length == 0 ? 0 : edited[offset] ^ 1 << choice(8);
    }

    private void copyWithin(byte[] edited, int from) {
        if (edited.length > 0) {
            int to = (next() << 8 | next()) % edited.length;
            System.arraycopy(edited, from, edited, to, Math.min(next(), edited.length - Math.max(from, to)));
        }
    }

    private static void put(byte[] target, int offset, long value, int width) {
        for (int i = 0; i < width && offset + i < target.length; i++) {
            target[offset + i] = (byte) (value >>> (8 * i));
        }
    }
}
