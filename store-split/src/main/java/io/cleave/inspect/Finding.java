package io.cleave.inspect;

import io.cleave.error.StoreException;
import java.nio.file.Path;

/**
 * A rule that does not hold somewhere in a store. Immutable.
 *
 * @param severity what it means for the store
 * @param file the file or directory
 * @param offset byte offset of the first wrong field, 0 where the rule is about the whole file
 * @param rule the field or rule
 * @param expected what should be there
 * @param found what is there
 * @param index name of the index that it is about; null when it is about none, or the name is not known
 */
public record Finding(
        Severity severity, Path file, long offset, String rule, String expected, String found, String index) {
    /** What a finding means. */
    public enum Severity {
        /** Damage: data is lost, wrong, or not reachable. */
        ERROR,
        /** Nothing is known: the user of this process may not read it, or a writer was always faster. */
        UNREAD,
        /** Nothing is lost: something lies there that no healthy store needs, as after a crash. */
        WARNING
    }

    private static final String EXPECTED = ": expected ";
    private static final String FOUND = ", found ";

    static Finding error(Path file, long offset, String rule, Object expected, Object found) {
        return new Finding(Severity.ERROR, file, offset, rule, String.valueOf(expected), String.valueOf(found), null);
    }

    static Finding warning(Path file, String rule, Object expected, Object found) {
        return new Finding(Severity.WARNING, file, 0, rule, String.valueOf(expected), String.valueOf(found), null);
    }

    /** What an exception says; {@code file} is the one that was read. */
    public static Finding of(StoreException failure, Path file) {
        if (failure instanceof StoreException.Io denied && denied.isDenied()) {
            String found = "permission denied";
            return new Finding(Severity.UNREAD, file, 0, "readable", "a file that this user may read", found, null);
        }
        if (!(failure instanceof StoreException.Corrupt corrupt)) {
            return error(file, 0, "readable", "a file that can be read", failure.getMessage());
        }
        return error(corrupt.file(), corrupt.offset(), corrupt.rule(), corrupt.expected(), corrupt.found());
    }

    /** Not all of an index or segment was read, because a live writer replaced its files during each look. */
    static Finding overtaken(Path directory, int looks) {
        String found = "a writer that has replaced files during each of " + looks
                + " looks: the store is being written, look again";
        return new Finding(Severity.UNREAD, directory, 0, "one state", "a moment without a change", found, null);
    }

    /** The same about an index of that name. */
    Finding of(String name) {
        return new Finding(severity, file, offset, rule, expected, found, name);
    }

    /** True when both say the same of one place, whatever they found there. */
    boolean isAbout(Finding other) {
        return severity == other.severity
                && offset == other.offset
                && file.equals(other.file)
                && rule.equals(other.rule);
    }

    @Override
    public String toString() {
        return severity + " " + (index == null ? "" : "index " + KeyText.ofName(index) + ": ") + file + " at offset "
                + offset + ": " + rule + EXPECTED + expected + FOUND + found;
    }
}
