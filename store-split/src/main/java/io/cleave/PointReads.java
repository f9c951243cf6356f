package io.cleave;

import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.Lookup;
import io.cleave.core.metrics.OperationCells;
import io.cleave.core.metrics.OperationCounter;
import io.cleave.core.metrics.OperationCounters;
import io.cleave.core.metrics.TimedOperation;
import io.cleave.core.resource.Epoch;
import io.cleave.core.resource.StoreGate;
import io.cleave.core.storage.MappingFault;
import io.cleave.route.RoutedIndex;

/**
 * Point reads of one index at a sequence number: inside an epoch, without locks, without a write to shared memory.
 * Thread-safe.
 */
final class PointReads {
    private static final int ABSENT = -1;

    private final StoreGate gate;
    private final OperationTimes operations;
    private final RoutedIndex index;
    private final OperationCounters counters;

    PointReads(StoreGate gate, OperationTimes operations, RoutedIndex index) {
        this.gate = gate;
        this.operations = operations;
        this.index = index;
        this.counters = operations.counters();
    }

    byte[] get(byte[] key, long sequence) {
        CommitPath.checkKey(key);
        CallerState caller = CallerState.own();
        OperationCells cells = caller.cells(counters);
        long start = cells.begin();
        byte[] value;
        try {
            value = read(key, sequence, caller);
        } catch (InternalError e) {
            throw MappingFault.of(index.directory(), e);
        } catch (StackOverflowError e) {
            // Perhaps from the call that leaves the epoch, in which nothing could be freed any more.
            caller.epoch().leave();
            throw e;
        }
        count(cells, value != null, start);
        return value;
    }

    private byte[] read(byte[] key, long sequence, CallerState caller) {
        Lookup lookup = caller.lookup();
        Epoch.Slot epoch = caller.epoch();
        while (true) {
            epoch.enter();
            try {
                RoutedIndex.Found found = find(key, sequence, lookup);
                if (found == RoutedIndex.Found.NOTHING) {
                    return null;
                }
                if (found == RoutedIndex.Found.ENTRY) {
                    return copyValue(lookup);
                }
            } finally {
                epoch.exit();
                lookup.clear();
            }
            load(key);
        }
    }

    int get(byte[] key, byte[] target, long sequence) {
        CommitPath.checkKey(key);
        java.util.Objects.requireNonNull(target, "target");
        CallerState caller = CallerState.own();
        OperationCells cells = caller.cells(counters);
        long start = cells.begin();
        int length;
        try {
            length = read(key, target, sequence, caller);
        } catch (InternalError e) {
            throw MappingFault.of(index.directory(), e);
        } catch (StackOverflowError e) {
            // Perhaps from the call that leaves the epoch, in which nothing could be freed any more.
            caller.epoch().leave();
            throw e;
        }
        count(cells, length != ABSENT, start);
        return length;
    }

    private int read(byte[] key, byte[] target, long sequence, CallerState caller) {
        Lookup lookup = caller.lookup();
        Epoch.Slot epoch = caller.epoch();
        while (true) {
            epoch.enter();
            try {
                RoutedIndex.Found found = find(key, sequence, lookup);
                if (found == RoutedIndex.Found.NOTHING) {
                    return ABSENT;
                }
                if (found == RoutedIndex.Found.ENTRY) {
                    return copyInto(lookup, target);
                }
            } finally {
                epoch.exit();
                lookup.clear();
            }
            load(key);
        }
    }

    boolean contains(byte[] key, long sequence) {
        CommitPath.checkKey(key);
        CallerState caller = CallerState.own();
        OperationCells cells = caller.cells(counters);
        long start = cells.begin();
        boolean found;
        try {
            found = look(key, sequence, caller);
        } catch (InternalError e) {
            throw MappingFault.of(index.directory(), e);
        } catch (StackOverflowError e) {
            // Perhaps from the call that leaves the epoch, in which nothing could be freed any more.
            caller.epoch().leave();
            throw e;
        }
        count(cells, found, start);
        return found;
    }

    private boolean look(byte[] key, long sequence, CallerState caller) {
        Lookup lookup = caller.lookup();
        Epoch.Slot epoch = caller.epoch();
        while (true) {
            epoch.enter();
            try {
                RoutedIndex.Found found = find(key, sequence, lookup);
                if (found != RoutedIndex.Found.NOT_LOADED) {
                    return found == RoutedIndex.Found.ENTRY && lookup.kind() == EntryKind.PUT;
                }
            } finally {
                epoch.exit();
                lookup.clear();
            }
            load(key);
        }
    }

    private void count(OperationCells cells, boolean found, long start) {
        cells.count(found ? OperationCounter.GET_HIT : OperationCounter.GET_ABSENT, 1);
        operations.end(cells, TimedOperation.GET, index, start);
    }

    private RoutedIndex.Found find(byte[] key, long sequence, Lookup lookup) {
        requireOpen();
        return index.find(key, sequence, lookup);
    }

    private void load(byte[] key) {
        requireOpen();
        index.loadedSlot(key);
    }

    private void requireOpen() {
        gate.requireOpen();
        index.requireOpen();
    }

    private static byte[] copyValue(Lookup lookup) {
        if (lookup.kind() != EntryKind.PUT) {
            return null;
        }
        byte[] value = new byte[lookup.valueLength()];
        lookup.copyValue(value, 0, value.length);
        return value;
    }

    private static int copyInto(Lookup lookup, byte[] target) {
        if (lookup.kind() != EntryKind.PUT) {
            return ABSENT;
        }
        lookup.copyValue(target, 0, Math.min(target.length, lookup.valueLength()));
        return lookup.valueLength();
    }
}
