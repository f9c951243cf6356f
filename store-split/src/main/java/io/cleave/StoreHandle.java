package io.cleave;

import io.cleave.core.resource.TrackedHandle;
import io.cleave.core.resource.UseGate;
import java.util.Objects;

/**
 * What an open cursor, snapshot, batch or store holds. The object that the user has refers to it; it never refers back, nor to
 * the user's store.
 *
 * <p>Thread-safe unless the subclass says otherwise.
 */
abstract class StoreHandle extends TrackedHandle {
    private final StoreLeaks leaks;
    private final HandleKind kind;
    /** Where it was opened; null when nobody keeps that. */
    private final Throwable opener;

    /** @param handle what the user has; an Object, because what it holds must not know it */
    StoreHandle(Object handle, HandleKind kind, StoreLeaks leaks) {
        super(handle);
        this.kind = kind;
        this.leaks = Objects.requireNonNull(leaks, "leaks");
        this.opener = leaks.opener(kind);
    }

    HandleKind kind() {
        return kind;
    }

    Throwable opener() {
        return opener;
    }

    StoreLeaks leaks() {
        return leaks;
    }

    /** What its user holds while it is in a call; null when any number may use it at once. */
    UseGate gate() {
        return null;
    }

    @Override
    protected final void onForgotten() {
        leaks.found(this);
    }

    /** Gives back what it holds, the user's object being unreachable. */
    abstract void releaseForgotten();

    /** The store closes: gives back what it holds, unless it is in use; its user does that then. */
    abstract void cutOff();
}
