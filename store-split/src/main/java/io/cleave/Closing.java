package io.cleave;

/** Runs everything, keeps the first failure and adds the others to it. */
final class Closing {
    private Throwable first;

    void run(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            if (first == null) {
                first = e;
            } else {
                first.addSuppressed(e);
            }
        }
    }

    /** True when a step has failed. */
    boolean hasFailed() {
        return first != null;
    }

    void throwFirst() {
        if (first instanceof Error error) {
            throw error;
        }
        if (first != null) {
            throw (RuntimeException) first;
        }
    }
}
