package io.cleave.core.bytes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The order of keys: unsigned bytes, lexicographic, a proper prefix first. Stateless, thread-safe. */
public final class KeyOrder {
    private static final VarHandle LONG_BE = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private KeyOrder() {}

    /** Compares two whole keys. */
    public static int compare(byte[] a, byte[] b) {
        return Arrays.compareUnsigned(a, b);
    }

    /** Compares the first {@code aLength} bytes of {@code a} with the first {@code bLength} bytes of {@code b}. */
    public static int compare(byte[] a, int aLength, byte[] b, int bLength) {
        return Arrays.compareUnsigned(a, 0, aLength, b, 0, bLength);
    }

    /**
     * The first 8 bytes of a key as one number, big-endian, padded with zeros. Compared with {@link
     * Long#compareUnsigned}, unequal prefixes order as their keys do; equal ones say nothing.
     */
    public static long prefix(byte[] key, int length) {
        if (length >= Long.BYTES) {
            return (long) LONG_BE.get(key, 0);
        }
        long prefix = 0;
        for (int i = 0; i < length; i++) {
            prefix |= (key[i] & 0xFFL) << (56 - 8 * i);
        }
        return prefix;
    }

    /**
     * The smallest key above every key that starts with {@code prefix}: the end, exclusive, of a prefix scan.
     *
     * @return null when there is none, that is when the prefix is empty or all bytes are 0xFF
     */
    public static byte[] afterPrefix(byte[] prefix) {
        int last = prefix.length - 1;
        while (last >= 0 && prefix[last] == (byte) 0xFF) {
            last--;
        }
        if (last < 0) {
            return null;
        }
        byte[] after = Arrays.copyOf(prefix, last + 1);
        after[last]++;
        return after;
    }

    /** The smallest key above {@code key}: itself and a zero byte. */
    public static byte[] successor(byte[] key) {
        return Arrays.copyOf(key, key.length + 1);
    }
}
