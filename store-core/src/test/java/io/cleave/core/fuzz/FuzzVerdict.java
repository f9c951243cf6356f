package io.cleave.core.fuzz;

import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import java.io.IOException;
import java.lang.management.ManagementFactory;

/** What a store may do with bytes that somebody made up: succeed, or throw a typed exception. All else is a finding. */
public final class FuzzVerdict {
    /**
     * Part of every key of a target, and of most values. Longer than any number in a file: what stands where a number should
     * is told as one.
     */
    public static final String SECRET = "top-secret-";

    /** What one case may allocate in all, on its thread; a size field that is believed would ask for more at once. */
    private static final long ALLOCATED_BYTES_MAX = 64L << 20;

    private static final int TRIES = 3;

    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private FuzzVerdict() {}

    /**
     * Runs a case, which must get along with {@value #ALLOCATED_BYTES_MAX} bytes of heap; once more when it took more, because
     * at the first time classes are loaded.
     */
    public static void withinMemory(Runnable body) {
        long allocated = allocated(body);
        for (int i = 1; i < TRIES && allocated > ALLOCATED_BYTES_MAX; i++) {
            allocated = allocated(body);
        }
        if (allocated > ALLOCATED_BYTES_MAX) {
            throw new AssertionError(allocated + " bytes were allocated, expected at most " + ALLOCATED_BYTES_MAX);
        }
    }

    private static long allocated(Runnable body) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        body.run();
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    /**
     * Runs a step; a typed refusal is fine.
     *
     * @return true when it succeeded
     */
    public static boolean succeeds(Runnable step) {
        try {
            step.run();
            return true;
        } catch (StoreException e) {
            requireTyped(e);
            return false;
        }
    }

    /** Fails unless an exception says in its own words what is wrong: one that only wraps a bug is no answer. */
    public static void requireTyped(StoreException refusal) {
        requireDiscreet(refusal);
        String message = refusal.getMessage();
        if (message == null || message.isEmpty() || refusal instanceof StoreException.TaskFailed) {
            throw new AssertionError("says nothing, or failed for an unknown reason", refusal);
        }
        for (Throwable cause = refusal.getCause(); cause != null; cause = cause.getCause()) {
            boolean known = cause instanceof StoreException
                    || cause instanceof StoreClosedException
                    || cause instanceof IOException;
            if (!known || cause instanceof StoreException.TaskFailed) {
                throw new AssertionError("typed outside, a bug inside", refusal);
            }
        }
    }

    /**
     * Fails when an exception, or one behind it, tells a part of a key or value. Every target has {@value #SECRET} in its keys.
     */
    public static void requireDiscreet(Throwable refusal) {
        for (Throwable told = refusal; told != null; told = told.getCause()) {
            if (tellsSecret(String.valueOf(told.getMessage()))) {
                throw new AssertionError("a key or value is told", refusal);
            }
            for (Throwable suppressed : told.getSuppressed()) {
                requireDiscreet(suppressed);
            }
        }
    }

    /** Whether a text has a part of a key or value in it, as it is, in hexadecimal or as numbers. */
    public static boolean tellsSecret(String text) {
        return text.contains(SECRET)
                || text.contains("746f702d7365637265742d")
                || text.contains("116, 111, 112, 45, 115, 101, 99, 114, 101, 116");
    }
}
