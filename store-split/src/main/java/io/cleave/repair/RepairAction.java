package io.cleave.repair;

import java.nio.file.Path;

/**
 * One thing that a repair did, or would do. Immutable.
 *
 * @param what the rule that did not hold
 * @param where the file or directory
 * @param expected what should be there
 * @param found what is there
 * @param done what was done about it
 */
public record RepairAction(String what, Path where, String expected, String found, String done) {
    @Override
    public String toString() {
        return where + ": " + what + ": expected " + expected + ", found " + found + "\n    " + done;
    }
}
