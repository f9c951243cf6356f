package io.cleave.inspect;

/** How far a verification goes. */
public enum VerificationDepth {
    /**
     * Names and kinds of files, catalog, key maps, marks of segment ids, manifests, and of each run its header, footer,
     * properties and sparse index. Takes time by the number of files, not by their length.
     */
    STRUCTURE,
    /** All of that, and each block and entry of each run, and each record of the log. Reads every byte. */
    ENTRIES
}
