package io.cleave.core.resource;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A value that each thread keeps for itself from call to call, as long as it lives. It lies in the thread's {@link Epoch.Slot}:
 * in contrast to the value of a thread-local, it keeps no class loader, and it goes with the slot.
 *
 * <p>Made once for a class, never for each store: places in the slots are never given back. Thread-safe; a value belongs to its
 * thread.
 */
public final class PerThread<T> {
    private static final AtomicInteger KEYS = new AtomicInteger();

    private final int key = KEYS.getAndIncrement();
    private final Supplier<T> initial;

    /** @param initial the value of a thread that asks for the first time */
    public PerThread(Supplier<T> initial) {
        this.initial = initial;
    }

    /** The calling thread's value. */
    @SuppressWarnings("unchecked") // Only this object uses its key.
    public T own() {
        Epoch.Slot slot = Epoch.ownSlot();
        Object kept = slot.kept(key);
        if (kept == null) {
            kept = initial.get();
            slot.keep(key, kept);
        }
        return (T) kept;
    }

    /** Has the calling thread forget its value. */
    public void forget() {
        Epoch.ownSlot().keep(key, null);
    }
}
