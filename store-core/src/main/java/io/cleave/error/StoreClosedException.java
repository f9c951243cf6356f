package io.cleave.error;

/** Thrown by any use of a store, index, cursor, snapshot or batch after it was closed or dropped. */
public final class StoreClosedException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /** @param message what is closed */
    public StoreClosedException(String message) {
        super(message);
    }
}
