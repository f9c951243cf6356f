package io.cleave.tools;

/** A command can't do what was asked, for a reason that is not the store's. Ends with exit code 1. */
final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CommandException(String message) {
        super(message);
    }

    CommandException(String message, Throwable cause) {
        super(message, cause);
    }
}
