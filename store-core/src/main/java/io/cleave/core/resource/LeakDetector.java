package io.cleave.core.resource;

import io.cleave.core.storage.ProcessThread;
import io.cleave.core.storage.Uninterrupted;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Finds handles that became unreachable without a close, and has what they hold given back on one daemon thread, {@value
 * #THREAD_NAME}, which the whole process shares. It runs as long as somebody asks for it with {@link #begin}, or a handle is
 * tracked.
 *
 * <p>Thread-safe. Opening and closing a handle takes one of 64 monitors, by thread. A clean-up that fails is counted and logged
 * and does not stop others; one that takes long delays them.
 *
 * <p>The order of memory: a method of a handle ends with {@link Reference#reachabilityFence}, which happens before the
 * collector clears the reference, which happens before the clean-up.
 */
public final class LeakDetector {
    /** The clean-up thread. */
    public static final String THREAD_NAME = "cleave-handles";

    static final ReferenceQueue<Object> QUEUE = new ReferenceQueue<>();

    /** How long a retired resource waits at most for a look, when a point read held it up. */
    private static final long EPOCH_WAIT_MILLIS = 100;

    /** How often the thread looks whether it may end, once only handles that were cut off by nobody are left. */
    private static final long LINGER_WAIT_MILLIS = 1_000;

    private static final AtomicLong FAILURES = new AtomicLong();
    private static final Object LIFE = new Object();

    /** How many have begun and not ended. Guarded by {@link #LIFE}, as are the next two. */
    private static int users;

    /** The clean-up thread, or null. */
    private static Thread cleaner;

    /** The thread has seen that there are no users, and that it is still needed. */
    private static boolean lingers;

    private LeakDetector() {}

    /**
     * Has the clean-up thread run until {@link #end}. When the system refuses a thread that is logged, and forgotten handles
     * are given back once a later call has started it.
     */
    public static void begin() {
        synchronized (LIFE) {
            if (cleaner == null) {
                start();
            }
            users++;
            lingers = false;
            // Who waits for the end of the thread need not any more.
            LIFE.notifyAll();
        }
    }

    /**
     * Takes {@link #begin} back. The last one waits for the thread to end, unless it is that thread itself or there are handles
     * left. The caller holds no lock.
     */
    public static void end() {
        Thread ending;
        synchronized (LIFE) {
            assert users > 0 : "ended more often than begun";
            users--;
            ending = cleaner;
            if (users > 0 || ending == null) {
                return;
            }
        }
        wake();
        if (ending != Thread.currentThread()) {
            awaitEnd(ending);
        }
    }

    /** Looks after a handle from now on. */
    public static void track(TrackedHandle handle) {
        handle.stripe.link(handle);
    }

    /** A handle was closed. True for the one caller that ended its tracking; false also when it was never tracked. */
    public static boolean untrack(TrackedHandle handle) {
        return handle.stripe.unlink(handle);
    }

    /** The handles that are open, or forgotten and not yet cleaned up. The list is the caller's. */
    public static List<TrackedHandle> tracked() {
        List<TrackedHandle> tracked = new ArrayList<>();
        HandleStripe.all().forEach(stripe -> stripe.addAllTo(tracked));
        return tracked;
    }

    /** Clean-ups that failed since the process began. */
    public static long failures() {
        return FAILURES.get();
    }

    private static void start() {
        try {
            Thread thread = ProcessThread.of(THREAD_NAME, LeakDetector::work);
            thread.start();
            cleaner = thread;
        } catch (OutOfMemoryError e) {
            // Nobody needs the thread as long as nobody forgets a handle.
            System.getLogger(LeakDetector.class.getName())
                    .log(System.Logger.Level.WARNING, "the system refuses the thread " + THREAD_NAME, e);
        }
    }

    /** A reference that nobody tracks. */
    private static void wake() {
        Object referent = new Object();
        try {
            new PhantomReference<>(referent, QUEUE).enqueue();
        } finally {
            Reference.reachabilityFence(referent);
        }
    }

    private static void awaitEnd(Thread ending) {
        boolean interrupted = false;
        boolean ends;
        synchronized (LIFE) {
            while (users == 0 && cleaner == ending && !lingers) {
                try {
                    LIFE.wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            ends = cleaner != ending;
        }
        if (ends) {
            Uninterrupted.join(ending);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void work() {
        while (!mayEnd()) {
            Reference<?> found = take(waitMillis());
            while (found != null) {
                if (found instanceof TrackedHandle handle && untrack(handle)) {
                    clean(handle);
                }
                found = QUEUE.poll();
            }
        }
    }

    /** The next reference, null after a while; 0 waits for ever. */
    private static Reference<?> take(long millis) {
        try {
            return QUEUE.remove(millis);
        } catch (InterruptedException e) {
            // Nobody but a careless user of Thread.getAllStackTraces interrupts it; the work goes on.
            Thread.interrupted();
            return null;
        }
    }

    private static long waitMillis() {
        if (Epoch.reclaim() > 0) {
            return EPOCH_WAIT_MILLIS;
        }
        synchronized (LIFE) {
            return users == 0 ? LINGER_WAIT_MILLIS : 0;
        }
    }

    private static boolean mayEnd() {
        synchronized (LIFE) {
            if (users > 0) {
                return false;
            }
            boolean needed = HandleStripe.all().stream().anyMatch(stripe -> !stripe.isEmpty());
            lingers = needed;
            if (!needed) {
                cleaner = null;
            }
            LIFE.notifyAll();
            return !needed;
        }
    }

    private static void clean(TrackedHandle handle) {
        try {
            handle.onForgotten();
        } catch (Throwable e) {
            // Whatever it is, the thread must live on for the others.
            FAILURES.incrementAndGet();
            System.getLogger(LeakDetector.class.getName())
                    .log(System.Logger.Level.WARNING, "clean-up of a forgotten handle failed", e);
        }
    }
}
