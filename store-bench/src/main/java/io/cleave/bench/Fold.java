package io.cleave.bench;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** The few bytes of an entry that are looked at to show that it has arrived: the last of the key, both ends of the value. */
final class Fold {
    private Fold() {}

    static long of(ByteBuffer key, ByteBuffer value) {
        long sum = key.get(key.limit() - 1) + (long) value.remaining();
        return value.hasRemaining() ? sum + value.get(value.position()) + value.get(value.limit() - 1) : sum;
    }

    /** The same of a value of which only first and last byte are there. */
    static long of(ByteBuffer key, int valueLength, byte[] ends) {
        return key.get(key.limit() - 1) + (long) valueLength + ends[0] + ends[1];
    }

    static long of(byte[] key, int keyLength, byte[] value, int valueLength) {
        return key[keyLength - 1] + of(value, valueLength);
    }

    static long of(byte[] value, int length) {
        return length == 0 ? 0 : length + (long) value[0] + value[length - 1];
    }

    static boolean startsWith(ByteBuffer key, byte[] prefix) {
        if (key.remaining() < prefix.length) {
            return false;
        }
        int from = key.position();
        // Backwards, for keys in order differ at the end first.
        for (int at = prefix.length - 1; at >= 0; at--) {
            if (key.get(from + at) != prefix[at]) {
                return false;
            }
        }
        return true;
    }

    static boolean startsWith(byte[] key, int keyLength, byte[] prefix) {
        return keyLength >= prefix.length && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }
}
