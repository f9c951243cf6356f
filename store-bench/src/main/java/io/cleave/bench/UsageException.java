package io.cleave.bench;

/** An argument is wrong in a way that the parser of the command line can't see. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
