package io.cleave.core.resource;

import java.lang.ref.PhantomReference;

/**
 * What an open handle holds, kept apart from the handle itself, so that it can be given back when the handle was forgotten:
 * became unreachable without a close.
 *
 * <p>Ownership: {@link LeakDetector} knows it from {@link LeakDetector#track} to {@link LeakDetector#untrack}. It must refer
 * neither to the handle nor to anything that leads to it, threads included, else the handle is never found.
 *
 * <p>Thread-safety: the links are guarded by the monitor of the stripe; the rest is the subclass's business.
 */
public abstract class TrackedHandle extends PhantomReference<Object> {
    final HandleStripe stripe = HandleStripe.ofThisThread();

    // Guarded by the stripe.
    boolean linked;
    TrackedHandle previous;
    TrackedHandle next;

    /** State of a handle; it is tracked only once {@link LeakDetector#track} was called. */
    protected TrackedHandle(Object handle) {
        super(handle, LeakDetector.QUEUE);
    }

    /**
     * The handle was forgotten. Called once, on the clean-up thread, which holds no lock; never after {@link
     * LeakDetector#untrack}. What it throws is counted and logged.
     */
    protected abstract void onForgotten();

    /** True when the collector has found the handle to be unreachable. */
    public final boolean isForgotten() {
        return refersTo(null);
    }
}
