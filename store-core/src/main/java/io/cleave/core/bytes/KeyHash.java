package io.cleave.core.bytes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The 64-bit hash of a key that point indexes and filters on disk are built from. Part of the file format
 * (docs/format/run.md, "Key hash"); never change it without a new format version. Stateless, thread-safe.
 */
public final class KeyHash {
    private static final VarHandle LONG_LE =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long SEED = 0x9E37_79B9_7F4A_7C15L;
    private static final long MULTIPLIER = 0xD6E8_FEB8_6659_FD93L;

    private KeyHash() {}

    /** Hashes the first {@code length} bytes of {@code key}. */
    public static long of(byte[] key, int length) {
        long hash = SEED ^ (length * MULTIPLIER);
        int at = 0;
        for (; at + Long.BYTES <= length; at += Long.BYTES) {
            hash = fold(hash ^ (long) LONG_LE.get(key, at));
        }
        if (at < length) {
            long tail = 0;
            for (int shift = 0; at < length; at++, shift += 8) {
                tail |= (key[at] & 0xFFL) << shift;
            }
            hash = fold(hash ^ tail);
        }
        return mix(hash);
    }

    /** One round: multiply, then bring the high half down. */
    private static long fold(long word) {
        long product = word * MULTIPLIER;
        return (product ^ (product >>> 32)) * SEED;
    }

    /** Spreads every bit over all others. */
    private static long mix(long word) {
        long mixed = (word ^ (word >>> 32)) * MULTIPLIER;
        mixed = (mixed ^ (mixed >>> 29)) * SEED;
        return mixed ^ (mixed >>> 32);
    }
}
