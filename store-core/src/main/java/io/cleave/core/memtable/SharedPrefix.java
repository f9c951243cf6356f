package io.cleave.core.memtable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * What all keys of a memtable start with, kept up to date key by key.
 *
 * <p>Shape: the first key, and how many of its bytes all others share. Those never grow more, so a key is compared with
 * no more than them.
 *
 * <p>Thread-safety: one writer at a time; a reader gets a prefix of all keys that were added before, if not the
 * longest.
 */
final class SharedPrefix {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final byte[] NO_BYTES = {};

    /** What all keys share is in its first bytes. Null until there is a key; written once. */
    private volatile byte[] first;

    /** How many bytes that are. Written by the writer, after {@link #first} and before the key is published. */
    private volatile int length;

    /** Takes a key in. Requires: the caller is the one writer. */
    void add(byte[] key, int keyLength) {
        byte[] shared = first;
        if (shared == null) {
            length = keyLength;
            first = Arrays.copyOf(key, keyLength);
            return;
        }
        int before = length;
        int common = common(shared, key, Math.min(before, keyLength));
        if (common != before) {
            length = common;
        }
    }

    /** The prefix in a new array; empty when there is nothing, or no key. */
    byte[] toArray() {
        byte[] shared = first;
        return shared == null ? NO_BYTES : Arrays.copyOf(shared, length);
    }

    /** How many of the first {@code limit} bytes are equal before one is not. Keys are short: no call is worth it. */
    private static int common(byte[] one, byte[] other, int limit) {
        int at = 0;
        for (; at + Long.BYTES <= limit; at += Long.BYTES) {
            long differs = (long) LONG.get(one, at) ^ (long) LONG.get(other, at);
            if (differs != 0) {
                return at + (Long.numberOfTrailingZeros(differs) >>> 3);
            }
        }
        while (at < limit && one[at] == other[at]) {
            at++;
        }
        return at;
    }
}
