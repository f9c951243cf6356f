package io.cleave.core.bytes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The order word of a key: the 8 bytes that follow a prefix which most keys share, as one big-endian number. A key below
 * all that start with the prefix has the smallest word, one above all of them the largest. So whatever the prefix, keys
 * with unequal words, compared with {@link Long#compareUnsigned}, order as their words do; equal ones say nothing. A
 * prefix that many keys share makes words differ, a wrong one makes them equal, no more. Stateless, thread-safe.
 */
public final class OrderWord {
    /** Word of keys below all that start with the prefix. */
    public static final long BELOW = 0;

    /** Word of keys above all that start with the prefix. */
    public static final long ABOVE = -1L;

    private static final VarHandle LONG_BE = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private OrderWord() {}

    /** The word of the first {@code length} bytes of {@code key} behind a prefix. */
    public static long of(byte[] key, int length, byte[] prefix) {
        int shared = Math.min(length, prefix.length);
        int differs = Arrays.mismatch(key, 0, shared, prefix, 0, shared);
        if (differs >= 0) {
            return (key[differs] & 0xFF) < (prefix[differs] & 0xFF) ? BELOW : ABOVE;
        }
        if (shared < prefix.length) {
            return BELOW;
        }
        return behind(key, length, shared);
    }

    /** The 8 bytes from {@code from} on, padded with zeros behind {@code length}. */
    public static long behind(byte[] key, int length, int from) {
        if (from + Long.BYTES <= key.length) {
            return masked((long) LONG_BE.get(key, from), length - from);
        }
        long word = 0;
        for (int i = from; i < length; i++) {
            word |= (key[i] & 0xFFL) << (56 - 8 * (i - from));
        }
        return word;
    }

    /** The first {@code length} bytes of a word; all of them when there are fewer. */
    public static long masked(long word, int length) {
        if (length >= Long.BYTES) {
            return word;
        }
        // In two steps: a shift by 64 would be none.
        return word & (-1L << 1 << (Long.SIZE - 1 - Byte.SIZE * length));
    }

    /** What two keys both start with. */
    public static byte[] common(byte[] a, byte[] b) {
        int length = Math.min(a.length, b.length);
        int differs = Arrays.mismatch(a, 0, length, b, 0, length);
        int common = differs < 0 ? length : differs;
        return common == a.length ? a : Arrays.copyOf(a, common);
    }
}
