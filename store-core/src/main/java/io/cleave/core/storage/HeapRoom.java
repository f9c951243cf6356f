package io.cleave.core.storage;

import io.cleave.error.StoreException;

/** What is said when the heap can't hold something that has to be held as a whole. Stateless, thread-safe. */
public final class HeapRoom {
    /** What a store takes of the heap besides, roughly. */
    private static final long BESIDES_BYTES = 16L << 20;

    private static final long MIB = 1L << 20;

    private HeapRoom() {}

    /**
     * An array for something large.
     *
     * @param what needs it, and where
     * @throws StoreException.LimitReached when the heap has no room for it, saying how much there must be
     */
    public static byte[] array(String what, int bytes) {
        try {
            return new byte[bytes];
        } catch (OutOfMemoryError e) {
            throw limitReached(what, bytes, e);
        }
    }

    private static StoreException.LimitReached limitReached(String what, long bytes, OutOfMemoryError cause) {
        long needed = (bytes + BESIDES_BYTES + MIB - 1) / MIB;
        StoreException.LimitReached limit = new StoreException.LimitReached(
                what + " takes " + bytes + " bytes of the heap at once: expected a heap of " + needed
                        + " MiB or more beside what the program uses, found at most "
                        + Runtime.getRuntime().maxMemory() / MIB + " MiB (-Xmx)");
        limit.addSuppressed(cause);
        return limit;
    }
}
