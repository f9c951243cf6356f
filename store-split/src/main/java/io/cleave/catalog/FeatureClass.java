package io.cleave.catalog;

/** What a library that does not know a feature may do with a store that has it. The codes stand on disk. */
public enum FeatureClass {
    /** Nothing: it cannot read the store. */
    READ(1),
    /** Read it, and not write it. */
    WRITE(2),
    /** Everything: what it does not know stays as it is. */
    NOTE(3);

    private final int code;

    FeatureClass(int code) {
        this.code = code;
    }

    /** Code on disk. */
    int code() {
        return code;
    }

    /** The constant with a code; null for a code that this version does not know. */
    static FeatureClass ofCode(int code) {
        for (FeatureClass featureClass : values()) {
            if (featureClass.code == code) {
                return featureClass;
            }
        }
        return null;
    }
}
