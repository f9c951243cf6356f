package io.cleave.core.run;

/** What answers "is this key here" without a search. The codes stand on disk and are never used for anything else. */
public enum FilterKind {
    /** A hash table of fingerprint and position for each key, about 9 bytes a key: one look leads to the entry. */
    POINT_INDEX(1),
    /** A bloom filter, about 10 bits a key: says only that a key is absent. */
    BLOOM(2),
    /** Nothing: every lookup searches. */
    NONE(0);

    private final int code;

    FilterKind(int code) {
        this.code = code;
    }

    /** Code on disk. */
    public int code() {
        return code;
    }

    /** The constant with a code; null for a code that this version does not know. */
    public static FilterKind ofCode(int code) {
        return switch (code) {
            case 0 -> NONE;
            case 1 -> POINT_INDEX;
            case 2 -> BLOOM;
            default -> null;
        };
    }
}
