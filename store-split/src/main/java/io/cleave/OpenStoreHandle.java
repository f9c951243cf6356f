package io.cleave;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What an open store holds: its engine. Everything that a store gives out refers to the user's store, so it is
 * forgotten only when indexes, cursors, snapshots and batches are, too. Thread-safe.
 */
final class OpenStoreHandle extends StoreHandle {
    private final StoreEngine engine;
    private final AtomicBoolean ended = new AtomicBoolean();

    OpenStoreHandle(Object store, StoreEngine engine) {
        super(store, HandleKind.STORE, engine.leaks());
        this.engine = engine;
    }

    /** Closes the engine; whatever comes of that, the store is looked after no more. Idempotent. */
    void close() {
        try {
            engine.close();
        } finally {
            if (ended.compareAndSet(false, true)) {
                leaks().untrack(this);
                leaks().end();
            }
        }
    }

    @Override
    void releaseForgotten() {
        close();
    }

    @Override
    void cutOff() {
        throw new IllegalStateException("a store is not cut off by itself");
    }
}
