package io.cleave.tools;

/** The command line asks for something that makes no sense. Ends with exit code 2. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
