package io.cleave.core.resource;

import java.util.concurrent.locks.ReentrantLock;

/**
 * A mutex that is taken only with room left on the stack for what is done under it in a few calls, its unlock above all: a
 * {@link StackOverflowError} comes before the lock is taken, or where a {@code finally} can still give it back. Thread-safe.
 */
public final class RoomyLock extends ReentrantLock {
    private static final long serialVersionUID = 1L;

    private final int frames;

    /** A lock that asks for room. */
    public RoomyLock() {
        this(StackRoom.FRAMES_OF_LOCK);
    }

    /** @param frames of stack that are asked for; 0 where whoever takes the lock finds out later that it was not given back */
    RoomyLock(int frames) {
        this.frames = frames;
    }

    /** Waits for the lock. Interrupts are left pending. Whatever is thrown, this call has not taken it. */
    @Override
    public void lock() {
        StackRoom.require(frames);
        int before = getHoldCount();
        boolean done = false;
        try {
            super.lock();
            done = true;
        } finally {
            // The JDK lets the inside of a lock end, and tells of the overflow only then.
            if (!done && getHoldCount() > before) {
                unlock();
            }
        }
    }

    @Override
    public boolean tryLock() {
        StackRoom.require(frames);
        return super.tryLock();
    }
}
