package io.cleave.core.resource;

import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import java.util.Locale;

/**
 * The one place that says where a store is in its life, see {@link StoreState}, and why it refuses writes if it does. A poisoned
 * store may be drained, and keeps its cause.
 *
 * <p>Thread-safe: reads are volatile, moves hold the monitor, a leaf lock.
 */
public final class StoreGate {
    private final String store;
    private volatile StoreState state = StoreState.OPENING;
    /** An open that fails goes from OPENING to CLOSED and leaves it so. */
    private volatile boolean opened;

    /** Null while the store may be written. */
    private volatile Throwable poison;

    /** Of a store that is being opened; {@code store} names it in messages. */
    public StoreGate(String store) {
        this.store = store;
    }

    /** Where it is. */
    public StoreState state() {
        return state;
    }

    /** Why writes are refused, or null. Stays after the close. */
    public Throwable poison() {
        return poison;
    }

    /** Recovery has ended. */
    public synchronized void opened() {
        assert state == StoreState.OPENING : "opened in state " + state;
        state = poison == null ? StoreState.OPEN : StoreState.POISONED;
        opened = true;
    }

    /** Refuses writes from now on; the first cause is kept. */
    public synchronized void poison(Throwable cause) {
        if (poison != null) {
            return;
        }
        poison = cause;
        if (state == StoreState.OPEN) {
            state = StoreState.POISONED;
        }
    }

    /** Refuses new handles from now on. Nothing happens to a store that is closed. */
    public synchronized void drain() {
        if (state == StoreState.OPEN || state == StoreState.POISONED) {
            state = StoreState.DRAINING;
        }
    }

    /** Refuses everything from now on; true for the one caller that has closed it. */
    public synchronized boolean close() {
        if (state == StoreState.CLOSED) {
            return false;
        }
        state = StoreState.CLOSED;
        return true;
    }

    /** True once recovery has ended, also after the close. */
    public boolean hasOpened() {
        return opened;
    }

    /** True once it was closed. */
    public boolean isClosed() {
        return state == StoreState.CLOSED;
    }

    /** True while background work may be begun: recovery has ended, and the store may be written. */
    public boolean isAtWork() {
        StoreState now = state;
        return poison == null && (now == StoreState.OPEN || now == StoreState.DRAINING);
    }

    /**
     * Refuses any use after the close.
     *
     * @throws StoreClosedException then
     */
    public void requireOpen() {
        if (state == StoreState.CLOSED) {
            throw new StoreClosedException("store " + store + " is closed");
        }
    }

    /**
     * Refuses new handles after the close and while it is drained.
     *
     * @throws StoreClosedException then
     */
    public void requireAccepting() {
        requireOpen();
        if (state == StoreState.DRAINING) {
            throw new StoreClosedException("store " + store + " is closing: it opens no cursor, snapshot or batch");
        }
    }

    /**
     * Refuses writes after the close and once what is on the disk is unknown.
     *
     * @throws StoreClosedException after the close
     * @throws StoreException.Poisoned with the cause
     */
    public void requireWritable() {
        requireOpen();
        Throwable first = poison;
        if (first != null) {
            throw new StoreException.Poisoned(
                    "store " + store + " refuses writes until it is reopened: " + first.getMessage(), first);
        }
    }

    /** The state, for a log. */
    @Override
    public String toString() {
        return state.name().toLowerCase(Locale.ROOT);
    }
}
