package io.cleave.inspect;

/** Follows a verification. Called by the verifying thread. */
@FunctionalInterface
public interface VerificationProgress {
    /** So many bytes are checked; {@code total} is an estimate while a live writer changes the store. */
    void checked(long done, long total);
}
