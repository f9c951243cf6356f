package io.cleave.bench;

/** The check that a number on the command line lies in its range. Stateless, thread-safe. */
final class ArgumentRange {
    private ArgumentRange() {}

    /** Throws {@link UsageException} unless {@code value} is from {@code least} to {@code most}. */
    static void check(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw new UsageException(option + ": expected " + least + " to " + most + ", found " + value);
        }
    }
}
