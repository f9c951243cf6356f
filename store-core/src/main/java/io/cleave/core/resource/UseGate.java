package io.cleave.core.resource;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Lets one thread at a time use a resource, while any thread may close it, and tells who gives the resource back: whoever closes
 * it when it is not in use, else its user at the end of that use. Entering and leaving cost two stores to memory of its own and
 * no fence: whoever closes from another thread pays for both, by having the user's thread stop once ({@link #handshake}).
 *
 * <p>Whoever makes it has taken it. Uses come from one thread at a time, each handed the resource by the one before, and each
 * {@link #take takes} it first. Thread-safe for closes.
 *
 * <p>Why nothing is given back under its user. The user stores {@code inUse}, then loads {@code closed}; the closer stores
 * {@code closed}, has the user's thread pass a safepoint, then loads {@code inUse}. There is no safepoint between the user's
 * store and its load: either both come before the stop, and the closer sees the store; or both come after, and the user sees
 * the close. At the end of a use the same holds for the store that takes {@code inUse} back. A thread that takes the resource
 * stores itself as its user with a full fence, once, before it loads {@code closed}: so either it sees the close, or the
 * closer sees whom to stop.
 */
public final class UseGate {
    private static final VarHandle IN_USE;
    private static final VarHandle CLOSED;
    private static final VarHandle RELEASED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            IN_USE = lookup.findVarHandle(UseGate.class, "inUse", boolean.class);
            CLOSED = lookup.findVarHandle(UseGate.class, "closed", boolean.class);
            RELEASED = lookup.findVarHandle(UseGate.class, "released", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Who used it last. The slot knows its thread weakly. */
    private volatile Epoch.Slot user = Epoch.ownSlot();

    private volatile boolean closed;

    @SuppressWarnings("unused") // through IN_USE
    private boolean inUse;

    @SuppressWarnings("unused") // through RELEASED
    private boolean released;

    /** The calling thread is the one that uses it from now on; it may be so already. */
    public void take() {
        user = Epoch.ownSlot();
    }

    /**
     * Begins a use, by the thread that has taken it last. The caller looks at {@link #isClosed} next, and ends the use whatever
     * that says.
     */
    public void enter() {
        assert user.isOfThisThread() : "used without being taken";
        IN_USE.setOpaque(this, true);
    }

    /** Ends a use. True when it was closed meanwhile and the caller is the one to give the resource back. */
    public boolean exit() {
        IN_USE.setRelease(this, false);
        return isClosed() && takeRelease();
    }

    /** True once {@link #shut} or {@link #close} was called. */
    public boolean isClosed() {
        return closed;
    }

    /** True when the calling thread was the last to use it. */
    public boolean isUsedHere() {
        return user.isOfThisThread();
    }

    /** Closes it for users that enter from now on; false when it was closed already. {@link #tryRelease} comes next. */
    public boolean shut() {
        return CLOSED.compareAndSet(this, false, true);
    }

    /**
     * Closes it. True for the one caller that has to give the resource back now; false when it was closed before, or its user
     * does that at the end of the use that is under way.
     */
    public boolean close() {
        if (!shut()) {
            return false;
        }
        if (!isUsedHere()) {
            handshake(user());
        }
        return tryRelease();
    }

    /** After {@link #shut} and a {@link #handshake} with {@link #user}: true when the caller has to give the resource back. */
    public boolean tryRelease() {
        return !(boolean) IN_USE.getVolatile(this) && takeRelease();
    }

    /** Nobody can use it any more: true when it is still to be given back. */
    public boolean takeRelease() {
        return RELEASED.compareAndSet(this, false, true);
    }

    /** The thread that used it last, null when that has ended and is gone. */
    public Thread user() {
        return user.owner();
    }

    /**
     * Has another thread stop at a safepoint, where all it has stored is visible, and go on with everything visible that was
     * stored before the call. A thread can be asked for its stack at no other place. Costs some tens of microseconds.
     */
    public static void handshake(Thread thread) {
        if (thread != null && thread != Thread.currentThread()) {
            thread.getStackTrace();
        }
    }
}
