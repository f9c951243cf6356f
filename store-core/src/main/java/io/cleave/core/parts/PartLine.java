package io.cleave.core.parts;

/**
 * What the ledger tells of one part. Immutable.
 *
 * @param version how often the part was published; 0 for one of a store that had no ledger then
 * @param checksum of its whole file
 * @param contents what it names
 */
public record PartLine(long version, int checksum, Contents contents) {
    /**
     * What a part names.
     *
     * @param entries entries in the runs of a manifest, -1 when they are not known; 0 for other parts
     * @param bytes bytes of the runs of a manifest; 0 for other parts
     */
    public record Contents(long entries, long bytes) {
        /** Those of all parts but manifests. */
        public static final Contents NONE = new Contents(0, 0);
    }

    /** True when a file of this version has these bytes. */
    boolean isSame(PartLine other) {
        return version == other.version && checksum == other.checksum;
    }
}
