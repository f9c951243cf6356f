package io.cleave;

import io.cleave.core.resource.LeakDetector;
import io.cleave.core.resource.StoreGate;
import io.cleave.core.resource.StoreState;
import io.cleave.core.resource.TrackedHandle;
import io.cleave.core.resource.UseGate;
import io.cleave.event.StoreEvents;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The open handles of one store: which are looked after, and what becomes of those that are forgotten. Thread-safe.
 */
final class StoreLeaks {
    private static final int DECADE = 10;
    private static final long LOOK_NANOS = 100_000_000;

    private final LeakDetection detection;
    private final Path directory;
    private final LeakCounts counts = new LeakCounts();
    private final Object drain = new Object();
    private final StoreGate gate;

    StoreLeaks(LeakDetection detection, Path directory, StoreGate gate) {
        this.detection = detection;
        this.directory = directory;
        this.gate = gate;
    }

    /** Those of this store. */
    LeakStats stats() {
        return counts.stats();
    }

    /** From the opening of the store. */
    void begin() {
        if (detection != LeakDetection.OFF) {
            LeakDetector.begin();
        }
    }

    /** After its close. The caller holds no lock. */
    void end() {
        if (detection != LeakDetection.OFF) {
            LeakDetector.end();
        }
    }

    /** The stack of the caller, or null. */
    Throwable opener(HandleKind kind) {
        return detection == LeakDetection.FULL
                ? new Throwable("this " + kind.noun() + " was opened by thread "
                        + Thread.currentThread().getName())
                : null;
    }

    void track(StoreHandle handle) {
        if (detection != LeakDetection.OFF) {
            LeakDetector.track(handle);
        }
    }

    void untrack(StoreHandle handle) {
        if (detection != LeakDetection.OFF) {
            LeakDetector.untrack(handle);
        }
        if (gate.state() == StoreState.DRAINING) {
            synchronized (drain) {
                drain.notifyAll();
            }
        }
    }

    /** Waits until no handle is open, up to a time in nanoseconds, interrupted or not. Returns how many are. */
    int awaitNone(LongSupplier clock, long nanos) {
        long end = clock.getAsLong() + nanos;
        boolean interrupted = false;
        int left = open().size();
        synchronized (drain) {
            for (long wait = nanos; left > 0 && wait > 0; wait = end - clock.getAsLong()) {
                try {
                    // What the collector finds is not told here.
                    TimeUnit.NANOSECONDS.timedWait(drain, Math.min(wait, LOOK_NANOS));
                } catch (InterruptedException e) {
                    interrupted = true;
                }
                left = open().size();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return left;
    }

    /** Cursors, snapshots and batches that are open; none is known when leak detection is OFF. */
    List<StoreHandle> open() {
        List<StoreHandle> open = new ArrayList<>();
        for (TrackedHandle tracked : LeakDetector.tracked()) {
            if (tracked instanceof StoreHandle handle
                    && handle.leaks() == this
                    && handle.kind() != HandleKind.STORE
                    && !handle.isForgotten()) {
                open.add(handle);
            }
        }
        return open;
    }

    /**
     * The store is closed: cuts off the handles that are left, so that they hold nothing from here on. A cursor that is in use
     * lets go at the end of that call. Forgotten ones are left to the clean-up, which counts them.
     */
    void cutOff() {
        List<StoreHandle> left = open();
        // One stop for each thread, not for each cursor.
        Set<Thread> users = Collections.newSetFromMap(new IdentityHashMap<>());
        for (StoreHandle handle : left) {
            UseGate use = handle.gate();
            if (use != null && use.shut() && use.user() != null) {
                users.add(use.user());
            }
        }
        users.forEach(UseGate::handshake);
        for (StoreHandle handle : left) {
            untrack(handle);
            handle.cutOff();
        }
    }

    /** A handle was forgotten: has it released, and reports it once. */
    void found(StoreHandle handle) {
        try {
            handle.releaseForgotten();
        } catch (RuntimeException | Error e) {
            LeakCounts.ofProcess().addFailure();
            counts.addFailure();
            throw e;
        } finally {
            LeakCounts.ofProcess().add(handle.kind());
            report(handle, counts.add(handle.kind()));
        }
    }

    private void report(StoreHandle handle, long count) {
        StoreEvents.leak(handle.kind().noun(), directory.toString());
        if (detection != LeakDetection.FULL && !isPowerOfTen(count)) {
            return;
        }
        String message = "forgotten " + handle.kind().noun() + " of store " + directory
                + ": it became unreachable without a close and was released; number " + count + " of its kind";
        String hint = handle.opener() == null ? "; leakDetection FULL tells where each was opened" : "";
        System.getLogger(StoreLeaks.class.getName()).log(System.Logger.Level.WARNING, message + hint, handle.opener());
    }

    private static boolean isPowerOfTen(long count) {
        long rest = count;
        while (rest % DECADE == 0) {
            rest /= DECADE;
        }
        return rest == 1;
    }
}
