package io.cleave.catalog;

/**
 * Something that a store may have on disk beyond level 1. A name says what a library lacks where a number could not.
 * Authority: docs/format/features.md.
 */
public enum Feature {
    /** The catalog holds the options of each index. */
    INDEX_OPTIONS("index-options", FeatureClass.READ),
    /** The ages of the parts of a store can be compared. */
    LEDGER("ledger", FeatureClass.READ);

    /** Version of the library that knows these features and no others. */
    public static final String LIBRARY_VERSION = "0.1";

    private final String text;
    private final FeatureClass featureClass;

    Feature(String text, FeatureClass featureClass) {
        this.text = text;
        this.featureClass = featureClass;
    }

    /** Its name on disk. */
    public String text() {
        return text;
    }

    /** What a library that does not know it may do. */
    public FeatureClass featureClass() {
        return featureClass;
    }

    /** The feature of a name; null for one that this version does not know. */
    static Feature ofText(String text) {
        for (Feature feature : values()) {
            if (feature.text.equals(text)) {
                return feature;
            }
        }
        return null;
    }
}
