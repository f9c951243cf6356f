package io.cleave.tools;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The words of a resource and where they stand: runs of at least {@value #LENGTH_MIN} ASCII letters, lower-cased, in its name
 * and its bytes. Also the form of a key of the index {@code words}: word, 0, number of the resource, position, in 4 bytes
 * each; the value is empty. Belongs to one thread.
 */
final class WordPositions {
    static final int LENGTH_MIN = 3;

    /** Longer runs are cut: they are encoded data, not words. */
    static final int LENGTH_MAX = 48;

    /** Bytes of a key behind its word. */
    static final int PLACE_BYTES = 1 + 2 * Integer.BYTES;

    /** Added to positions in a name, so that they differ from those in the bytes. */
    private static final int IN_NAME = 1 << 30;

    private final byte[] word = new byte[LENGTH_MAX];

    /** Takes each occurrence of a word. */
    @FunctionalInterface
    interface Sink {
        /** The word is in the first {@code length} bytes of the array, which is used again. */
        void word(byte[] word, int length, int position);
    }

    /** Finds all words, in the order in which they stand there. */
    void find(String name, byte[] bytes, Sink sink) {
        find(name.getBytes(StandardCharsets.UTF_8), IN_NAME, sink);
        find(bytes, 0, sink);
    }

    static byte[] key(byte[] word, int length, int resource, int position) {
        byte[] key = new byte[length + PLACE_BYTES];
        System.arraycopy(word, 0, key, 0, length);
        ByteBuffer.wrap(key).putInt(length + 1, resource).putInt(length + 1 + Integer.BYTES, position);
        return key;
    }

    /** What all keys of a word start with. */
    static byte[] prefix(String word) {
        return (word + "\0").getBytes(StandardCharsets.ISO_8859_1);
    }

    private void find(byte[] bytes, int base, Sink sink) {
        int length = 0;
        for (int at = 0; at <= bytes.length; at++) {
            int lower = at < bytes.length ? bytes[at] | 0x20 : 0;
            if (lower >= 'a' && lower <= 'z') {
                if (length < LENGTH_MAX) {
                    word[length] = (byte) lower;
                }
                length++;
            } else {
                if (length >= LENGTH_MIN) {
                    sink.word(word, Math.min(length, LENGTH_MAX), base + at - length);
                }
                length = 0;
            }
        }
    }
}
