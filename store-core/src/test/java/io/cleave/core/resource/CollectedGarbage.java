package io.cleave.core.resource;

import java.util.function.BooleanSupplier;

/** Has the collector run until something is so. The bound is the time limit of the test, which interrupts it. */
public final class CollectedGarbage {
    private CollectedGarbage() {}

    /** Returns once the condition holds; throws when the thread is interrupted, saying what it waited for. */
    public static void until(BooleanSupplier condition, Object expected) {
        while (!condition.getAsBoolean()) {
            if (Thread.interrupted()) {
                throw new AssertionError("interrupted while waiting for " + expected);
            }
            System.gc();
            Thread.onSpinWait();
        }
    }
}
