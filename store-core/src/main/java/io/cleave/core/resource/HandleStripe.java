package io.cleave.core.resource;

import java.util.List;

/**
 * A part of the open handles of this process: those that threads of one hash have opened. A linked list under its monitor, a
 * leaf lock that is held for a few instructions. Thread-safe.
 */
@SuppressWarnings("unused") // padding: two stripes share no cache line
final class HandleStripe {
    private static final int COUNT_BITS = 6;
    private static final long SPREAD = 0x9E3779B97F4A7C15L;
    private static final HandleStripe[] ALL = new HandleStripe[1 << COUNT_BITS];

    static {
        for (int i = 0; i < ALL.length; i++) {
            ALL[i] = new HandleStripe();
        }
    }

    /** Guarded by this, as are all links. */
    private TrackedHandle first;

    private long p1;
    private long p2;
    private long p3;
    private long p4;
    private long p5;
    private long p6;
    private long p7;

    private HandleStripe() {}

    static List<HandleStripe> all() {
        return List.of(ALL);
    }

    static HandleStripe ofThisThread() {
        return ALL[(int) ((Thread.currentThread().getId() * SPREAD) >>> (Long.SIZE - COUNT_BITS))];
    }

    synchronized void link(TrackedHandle handle) {
        assert !handle.linked : "tracked twice";
        handle.linked = true;
        handle.next = first;
        if (first != null) {
            first.previous = handle;
        }
        first = handle;
    }

    /** Takes a handle out; false when it was out already. */
    synchronized boolean unlink(TrackedHandle handle) {
        if (!handle.linked) {
            return false;
        }
        handle.linked = false;
        if (handle.previous == null) {
            first = handle.next;
        } else {
            handle.previous.next = handle.next;
        }
        if (handle.next != null) {
            handle.next.previous = handle.previous;
        }
        // What is out and old must not keep younger ones from being collected.
        handle.previous = null;
        handle.next = null;
        return true;
    }

    synchronized boolean isEmpty() {
        return first == null;
    }

    synchronized void addAllTo(List<TrackedHandle> target) {
        for (TrackedHandle handle = first; handle != null; handle = handle.next) {
            target.add(handle);
        }
    }
}
