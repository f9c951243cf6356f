package io.cleave.core.entry;

/** What an entry says about its key. The codes stand on disk and are never used for anything else. */
public final class EntryKind {
    /** The key has this value. */
    public static final byte PUT = 1;

    /** The key has no value. */
    public static final byte TOMBSTONE = 2;

    private EntryKind() {}

    /** 1 for a tombstone and 0 for a value, without a branch: with one the first delete throws away the compiled code of puts. */
    public static int tombstones(byte kind) {
        return kind >> 1;
    }

    /** True for a code this version writes. */
    public static boolean isKnown(int code) {
        return code == PUT || code == TOMBSTONE;
    }
}
