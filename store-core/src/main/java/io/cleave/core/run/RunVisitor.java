package io.cleave.core.run;

/** Follows a {@link Run#verify(RunVisitor)}: to show progress, to pace it, or to stop it by an exception. */
@FunctionalInterface
public interface RunVisitor {
    /** A data block was found to be right. */
    void blockChecked(int ordinal, long offset, long storedBytes);
}
