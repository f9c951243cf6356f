package io.cleave.split;

/** The steps of docs/protocol/split.md; tests stop or kill the process at each. */
public enum SplitStep {
    /** Handlers are locked and eligibility was checked again. */
    S1_LOCKED,
    /** Writes go to side memtables; FULL_ISOLATION iterators are open. */
    S2_ISOLATED,
    /** The new segments are durable; no key map names them. */
    S3_PREPARED,
    /** The key map file names the new segments. */
    S4_PUBLISHED,
    /** The route leads to the new segments; iterators are closed and locks released. */
    S5_APPLIED,
    /** The old segments' directories are gone. */
    S6_DELETED
}
