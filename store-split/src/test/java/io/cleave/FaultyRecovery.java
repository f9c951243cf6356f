package io.cleave;

import io.cleave.core.storage.Fault;
import io.cleave.core.storage.FaultingStorage;
import io.cleave.error.StoreException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A recovery during which something may fail: opens, judges what is there, writes to an index that was there, and closes. What
 * fails is told by an error that fits; what is told without one is right.
 */
final class FaultyRecovery {
    private static final byte[] KEY = "recovered".getBytes(StandardCharsets.US_ASCII);

    private final FaultingStorage storage;
    private final Fault fault;
    private final boolean powerCut;
    private StoreHistory history;
    private SegmentStore store;
    private boolean whole = true;

    /**
     * @param fault what may go wrong; null for nothing
     * @param history what the store was told before it died; stays as it is
     * @param powerCut how it died
     */
    FaultyRecovery(FaultingStorage storage, Fault fault, StoreHistory history, boolean powerCut) {
        this.storage = storage;
        this.fault = fault;
        this.history = history;
        this.powerCut = powerCut;
    }

    /** Runs it; true when nothing failed. */
    boolean run() {
        attempt(() -> store = SegmentStore.open(CrashWorkload.DIRECTORY, CrashWorkload.options(storage)));
        if (store == null) {
            return false;
        }
        if (fault == Fault.SYNC_FAILS && storage.fired() > 0 && !isPoisoned()) {
            throw new AssertionError("a failed sync leaves the store writable");
        }
        if (attempt(this::judge) && !isPoisoned()) {
            write();
        }
        attempt(store::close);
        return whole;
    }

    /** By what a later recovery is to be judged. */
    StoreHistory history() {
        return history;
    }

    boolean isPoisoned() {
        return store != null && store.engine().gate().poison() != null;
    }

    private void judge() {
        if (powerCut) {
            history.judgeAfterCrash(store);
        } else {
            history.judgeAfterKill(store);
        }
    }

    /** A recovery that told no failure has made durable what it shows: from there a new history goes on. */
    private void write() {
        StoreHistory[] found = new StoreHistory[1];
        if (!attempt(() -> found[0] = StoreHistory.of(store))
                || found[0].indexes().isEmpty()) {
            return;
        }
        history = found[0];
        StoreHistory.Index index = history.indexes().values().iterator().next();
        history.begin(List.of(new StoreHistory.Write(index, KEY, KEY)), Durability.DEVICE);
        if (attempt(() -> store.index(index.name).put(KEY, KEY, Durability.DEVICE))) {
            history.acknowledge(Durability.DEVICE);
        } else if (!isPoisoned()) {
            history.withdraw();
        }
        attempt(() -> history.checkAfterFailure(store));
    }

    private boolean attempt(Runnable step) {
        try {
            step.run();
            return true;
        } catch (StoreException e) {
            FaultWorkload.requireFitting(fault, e);
            whole = false;
            return false;
        }
    }
}
