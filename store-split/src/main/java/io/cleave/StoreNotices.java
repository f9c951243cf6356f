package io.cleave;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * Tells the listener of a store, if it has one. Requires of every caller of {@link #tell} that it holds no lock of the store.
 * What it throws is counted and logged.
 *
 * <p>Thread-safe.
 */
final class StoreNotices {
    /** Set while the thread is inside a listener, of whichever store: stores may share the threads that it would wait for. */
    private static final ThreadLocal<Boolean> TELLING = new ThreadLocal<>();

    /** Whether any store of the process has ever had a listener. */
    private static final AtomicBoolean IN_USE = new AtomicBoolean();

    private final StoreListener listener;
    private final LongAdder failures = new LongAdder();

    /** @param listener null for none */
    StoreNotices(StoreListener listener) {
        this.listener = listener;
        if (listener != null) {
            IN_USE.set(true);
        }
    }

    /** Tells one thing; nothing when the listener itself caused it. */
    void tell(Consumer<StoreListener> notice) {
        if (listener == null || isTelling()) {
            return;
        }
        TELLING.set(Boolean.TRUE);
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
            TELLING.remove();
        }
    }

    /** True on a thread that is inside a listener: it must not wait for background work. */
    boolean isTelling() {
        return IN_USE.get() && TELLING.get() != null;
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
