package io.cleave.core.storage;

/**
 * Names of files and directories that end in a number. By hand: an open makes hundreds of them, and a format would be parsed for
 * each. Stateless, thread-safe.
 */
public final class NumberedName {
    private NumberedName() {}

    /**
     * The prefix, and the number with zeros before it up to a width; {@code log-} and 7 of width 8 are {@code log-00000007}.
     *
     * @param number 0 or more
     */
    public static String of(String prefix, long number, int digitsMin) {
        if (number < 0) {
            throw new IllegalArgumentException("number in a name: expected 0 or more, found " + number);
        }
        String digits = Long.toString(number);
        return prefix + "0".repeat(Math.max(0, digitsMin - digits.length())) + digits;
    }
}
