package io.cleave;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * Tells the listener of a store, if it has one. Requires of every caller of {@link #tell} that it holds no lock of the store.
 * What it throws is counted and logged.
 *
 * <p>Thread-safe.
 */
final class StoreNotices {
    private final StoreListener listener;
    private final LongAdder failures = new LongAdder();

    /** Set while the thread is inside the listener. */
    private final ThreadLocal<Boolean> telling = new ThreadLocal<>();

    /** @param listener null for none */
    StoreNotices(StoreListener listener) {
        this.listener = listener;
    }

    /** Tells one thing; nothing when the listener itself caused it. */
    void tell(Consumer<StoreListener> notice) {
        if (listener == null || isTelling()) {
            return;
        }
        telling.set(Boolean.TRUE);
        try {
            notice.accept(listener);
        } catch (RuntimeException | Error e) {
            failures.increment();
            System.getLogger(StoreNotices.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "listener " + listener.getClass().getName() + " failed",
                            e);
        } finally {
            telling.remove();
        }
    }

    /** True on a thread that is inside the listener: it must not wait for background work. */
    boolean isTelling() {
        return listener != null && telling.get() != null;
    }

    /** Refuses a call of the listener that could wait for itself. */
    void requireOutside(String call) {
        if (isTelling()) {
            throw new IllegalStateException(call + " waits for background work, and can't be called by a listener");
        }
    }

    /** How often the listener threw. */
    long failureCount() {
        return failures.sum();
    }
}
