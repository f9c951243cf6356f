package io.cleave.core.resource;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Epoch-based reclamation for point reads. A reader enters, reads immutable views and what they point to, and exits; what
 * was unlinked meanwhile is released only after it left. Entering writes to the reader's own slot alone.
 *
 * <p>Process-wide: all stores of a class loader share the slots. Thread-safe. An epoch is held for one operation, never
 * across a wait or a call of user code.
 *
 * <p>A thread refers to its slot by a type of the JDK and weakly: what threads of somebody else's keep must not keep the class
 * loader. {@link SlotRegister} holds the slots of the threads that live (ADR 0035).
 *
 * <p>Source: K. Fraser, "Practical lock-freedom" (2004), chapter 5.2.3; the slot and the view are both written and read as
 * volatiles, so either the reader sees the new view or the releaser sees the reader.
 */
public final class Epoch {
    private static final long IDLE = 0;
    private static final AtomicLong CURRENT = new AtomicLong(1);
    private static final SlotRegister SLOTS = new SlotRegister();
    private static final ThreadLocal<WeakReference<Slot>> OWN = new ThreadLocal<>();
    private static final ConcurrentLinkedQueue<Retired> RETIRED = new ConcurrentLinkedQueue<>();
    private static final AtomicLong FAILURES = new AtomicLong();

    private Epoch() {}

    /** Enters on behalf of the calling thread; entries nest. The slot goes to {@link Slot#exit}. */
    public static Slot enter() {
        Slot slot = ownSlot();
        slot.enter();
        return slot;
    }

    /** The calling thread's place. */
    public static Slot ownSlot() {
        WeakReference<Slot> known = OWN.get();
        Slot slot = known == null ? null : known.get();
        return slot == null ? register() : slot;
    }

    /**
     * Has {@code release} run once no reader that may have seen the resource is left; at once when there is none. The
     * resource must already be unreachable for readers that enter from now on. A failure of one release is counted and does
     * not stop others.
     */
    public static void retire(Runnable release) {
        RETIRED.add(new Retired(CURRENT.getAndIncrement(), release));
        reclaim();
    }

    /** Runs the releases that have become possible. Returns how many remain. */
    public static int reclaim() {
        return reclaim(Epoch::oldestActive);
    }

    /**
     * The same with a look at the slots of the caller's; for tests of what happens meanwhile.
     *
     * <p>The queue is drained before the look: what is retired later may be known to a reader that entered after the look.
     */
    static int reclaim(LongSupplier look) {
        List<Retired> drained = new ArrayList<>();
        for (Retired item = RETIRED.poll(); item != null; item = RETIRED.poll()) {
            drained.add(item);
        }
        if (drained.isEmpty()) {
            return 0;
        }
        long oldest = look.getAsLong();
        int waiting = 0;
        for (Retired item : drained) {
            if (item.epoch < oldest) {
                item.run();
            } else {
                RETIRED.add(item);
                waiting++;
            }
        }
        return waiting;
    }

    /** Gives up the slots of threads that have ended. Looks at all, once. */
    public static void forgetEnded() {
        SLOTS.sweep();
    }

    /** Releases that failed since the process began. */
    public static long failures() {
        return FAILURES.get();
    }

    /** The epoch of the reader that entered first of those that are inside; {@link Long#MAX_VALUE} when nobody is. */
    static long oldestActive() {
        return SLOTS.oldestActive();
    }

    /** How many slots are held. */
    static int slots() {
        return SLOTS.size();
    }

    private static Slot register() {
        Slot slot = new Slot(new WeakReference<>(Thread.currentThread()));
        SLOTS.add(slot);
        OWN.set(new WeakReference<>(slot));
        return slot;
    }

    private record Retired(long epoch, Runnable release) {
        void run() {
            try {
                release.run();
            } catch (RuntimeException | Error e) {
                FAILURES.incrementAndGet();
                System.getLogger(Epoch.class.getName())
                        .log(System.Logger.Level.WARNING, "release of a retired resource failed", e);
            }
        }
    }

    /** Padding so that two threads' slots never share a cache line. */
    @SuppressWarnings("unused")
    private abstract static class LeftPadding {
        private long p1;
        private long p2;
        private long p3;
        private long p4;
        private long p5;
        private long p6;
        private long p7;
        private long p8;
    }

    private abstract static class Value extends LeftPadding {
        /** {@link #IDLE}, or the epoch at which the owner entered. Written by the owner only. */
        volatile long epoch;
    }

    /** One thread's place, and what {@link PerThread} keeps there. Belongs to that thread. */
    @SuppressWarnings("unused")
    public static final class Slot extends Value {
        private static final VarHandle EPOCH;
        private static final Object[] NOTHING = {};

        static {
            try {
                EPOCH = MethodHandles.lookup().findVarHandle(Value.class, "epoch", long.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private final WeakReference<Thread> owner;
        private int depth;
        private Object[] kept = NOTHING;
        private long p1;
        private long p2;
        private long p3;
        private long p4;
        private long p5;
        private long p6;

        private Slot(WeakReference<Thread> owner) {
            this.owner = owner;
        }

        /** Enters on behalf of its thread, which is the caller; entries nest. */
        public void enter() {
            if (depth++ == 0) {
                epoch = CURRENT.get();
            }
        }

        /** Leaves; as often as entered. */
        public void exit() {
            if (--depth == 0) {
                EPOCH.setRelease((Value) this, IDLE);
            }
        }

        /** Leaves, however often it was entered: an error has come where an exit should have been called. */
        public void leave() {
            depth = 0;
            EPOCH.setRelease((Value) this, IDLE);
        }

        /** True on the thread whose place it is. */
        boolean isOfThisThread() {
            return owner.refersTo(Thread.currentThread());
        }

        /** The thread whose place it is; null when that is gone. */
        Thread owner() {
            return owner.get();
        }

        /** The epoch at which its thread entered; {@link Long#MAX_VALUE} when it is not inside. */
        long activeSince() {
            long entered = epoch;
            return entered == IDLE ? Long.MAX_VALUE : entered;
        }

        /** True when its thread has ended, so will never enter again and is not inside, wherever it ended. */
        boolean isOrphan() {
            Thread thread = owner.get();
            return thread == null || !thread.isAlive();
        }

        /** What its thread keeps under a key, or null. */
        Object kept(int key) {
            return key < kept.length ? kept[key] : null;
        }

        /** Keeps a value under a key, null to forget it. */
        void keep(int key, Object value) {
            if (key >= kept.length) {
                kept = Arrays.copyOf(kept, key + 1);
            }
            kept[key] = value;
        }
    }
}
