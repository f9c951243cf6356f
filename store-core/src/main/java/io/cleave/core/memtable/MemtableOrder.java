package io.cleave.core.memtable;

import io.cleave.core.resource.LockRank;
import io.cleave.core.resource.RankedLock;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * The order of a memtable's entries, made when somebody asks for it: a {@link SkipList} of all nodes up to the one that
 * was put last when order was last asked for. Those put since are its tail.
 *
 * <p>Thread-safety: any number of threads may ask. The first to find a tail brings it in order under a lock; others
 * wait for that. The lock is a leaf: nothing is taken, called back or read from disk under it, and the writer of puts
 * never takes it.
 *
 * <p>Errors: {@code OutOfMemoryError} when there is no heap for the sort of a large tail; the order is as it was.
 */
final class MemtableOrder {
    /** A tail of so many nodes is sorted before it is linked. */
    static final int SORTED_FROM = 64;

    /** From so many entries on, what they share is no accident. */
    private static final int ENTRIES_THAT_TELL = 256;

    private static final VarHandle ORDERED;

    static {
        try {
            ORDERED = MethodHandles.lookup().findVarHandle(MemtableOrder.class, "ordered", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Nodes nodes;
    private final SkipList list;
    private final SharedPrefix shared;
    private final byte[] expectedPrefix;
    private final RankedLock lock = new RankedLock(LockRank.MEMTABLE_ORDER);

    /** Newest node in the list; all older ones are there, too. Written under the lock with release, after the links. */
    private int ordered;

    /** Small tails on their way into the list. Guarded by the lock. */
    private final int[] tail = new int[SORTED_FROM];

    /** @param expectedPrefix what the keys are expected to start with; not copied */
    MemtableOrder(Nodes nodes, SkipList list, SharedPrefix shared, byte[] expectedPrefix) {
        this.nodes = nodes;
        this.list = list;
        this.shared = shared;
        this.expectedPrefix = expectedPrefix;
    }

    /** The list with every node in it that was published before. */
    SkipList complete() {
        if (nodes.newest() != (int) ORDERED.getAcquire(this)) {
            lock.lock();
            try {
                enterTail();
            } finally {
                lock.unlock();
            }
        }
        return list;
    }

    /**
     * All nodes sorted, for one cursor over a memtable that takes no more puts, which spares it the list; null when there is a
     * list already.
     */
    int[] sortedUnlessLinked() {
        lock.lock();
        try {
            return ordered == NodeLayout.NONE
                    ? new TailSorter(nodes, shared.toArray().length).sortWholly(nodes.newest())
                    : null;
        } finally {
            lock.unlock();
        }
    }

    /** The list as it is, for steps from a node that is in it. */
    SkipList list() {
        return list;
    }

    /** Forgets all nodes. Requires: no reader and no writer is left. */
    void clear() {
        list.clear();
        ORDERED.setRelease(this, NodeLayout.NONE);
    }

    private void enterTail() {
        int newest = nodes.newest();
        int until = ordered;
        if (newest == until) {
            return;
        }
        int count = 0;
        int node = newest;
        for (; node != until && count < SORTED_FROM; count++) {
            tail[count] = node;
            node = NodeLayout.pendingPrevious(nodes.pending(node));
        }
        int[] sorted = node == until ? null : new TailSorter(nodes, shared.toArray().length).sort(newest, until);
        if (until == NodeLayout.NONE) {
            list.setSlotOrder(new SlotOrder(prefixFor(sorted == null ? count : sorted.length)));
        }
        // Nothing is allocated from here on: a failure halfway would leave nodes in order that still count as tail.
        if (sorted == null) {
            // As they were put: if that was in order, each has its place beside the one before.
            while (count > 0) {
                list.link(tail[--count]);
            }
        } else {
            for (int each : sorted) {
                list.link(each);
            }
        }
        ORDERED.setRelease(this, newest);
    }

    /** What links leave out: the prefix that keys share, as far as it can be told from {@code count} of them. */
    private byte[] prefixFor(int count) {
        byte[] actual = shared.toArray();
        if (count >= ENTRIES_THAT_TELL) {
            return actual;
        }
        // A few keys share more than the next ones will; none at all says nothing of what follows it.
        int common = Math.min(actual.length, expectedPrefix.length);
        int differs = Arrays.mismatch(actual, 0, common, expectedPrefix, 0, common);
        return Arrays.copyOf(expectedPrefix, differs < 0 ? common : differs);
    }
}
