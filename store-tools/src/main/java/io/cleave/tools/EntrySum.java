package io.cleave.tools;

import io.cleave.core.bytes.KeyHash;
import java.nio.ByteBuffer;

/**
 * A sum over entries that does not depend on their order: how many, how many bytes, and a hash of all keys and values. Two
 * sets of entries with the same sum are the same but for a chance of 2^-64. Belongs to one thread.
 */
final class EntrySum {
    private long entries;
    private long bytes;
    private long hash;

    void add(byte[] key, byte[] value) {
        add(key, key.length, value, value.length);
    }

    /** The same from buffers, copied to the given arrays, which must be long enough. */
    void add(ByteBuffer key, byte[] keyCopy, ByteBuffer value, byte[] valueCopy) {
        int keyLength = key.remaining();
        int valueLength = value.remaining();
        key.get(keyCopy, 0, keyLength);
        value.get(valueCopy, 0, valueLength);
        add(keyCopy, keyLength, valueCopy, valueLength);
    }

    long entries() {
        return entries;
    }

    long bytes() {
        return bytes;
    }

    @Override
    public String toString() {
        return Figures.count(entries) + " entries, " + Figures.count(bytes) + " bytes, hash " + Long.toHexString(hash);
    }

    private void add(byte[] key, int keyLength, byte[] value, int valueLength) {
        entries++;
        bytes += keyLength + valueLength;
        long both = KeyHash.of(key, keyLength) * 0x9E37_79B9_7F4A_7C15L
                ^ Long.rotateLeft(KeyHash.of(value, valueLength), 32);
        both = (both ^ (both >>> 29)) * 0xBF58_476D_1CE4_E5B9L;
        hash += both ^ (both >>> 32);
    }
}
