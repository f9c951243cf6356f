package io.cleave.bench;

import java.nio.charset.StandardCharsets;

/** Where values of one shape are read to, and the check that they have come. Not thread-safe. */
final class Target {
    /** Sums end here, so that no compiler may leave out what they are made of. */
    private static volatile long published;

    private final byte[] bytes;
    private long sum;

    Target(EntryShape shape) {
        bytes = new byte[shape.valueBytes()];
    }

    byte[] bytes() {
        return bytes;
    }

    /** Takes a value that has to be there in its length. */
    void take(byte[] key, int length) {
        if (length != bytes.length) {
            throw new IllegalStateException("expected a value of " + bytes.length + " bytes at key " + text(key)
                    + ", found " + (length < 0 ? "none" : length + " bytes"));
        }
        sum += Fold.of(bytes, length);
    }

    /** Takes note that there is none. */
    void takeNone(byte[] key, int length) {
        if (length >= 0) {
            throw new IllegalStateException("expected no value at key " + text(key) + ", found " + length + " bytes");
        }
        sum++;
    }

    void add(long more) {
        sum += more;
    }

    void publish() {
        published = sum;
    }

    /** The last sum of any thread. */
    static long published() {
        return published;
    }

    static String text(byte[] key) {
        return new String(key, StandardCharsets.US_ASCII);
    }
}
