package io.cleave.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.resource.LockRank;
import io.cleave.core.resource.RankedLock;
import io.cleave.core.resource.StoreGate;
import io.cleave.core.segment.Snapshots;
import io.cleave.core.storage.Fault;
import io.cleave.core.storage.FaultingStorage;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What runs are named after is durable in the log before, without a store around it. */
final class StoreLogTest {
    private static final byte[] BODY = new byte[100];

    /** The parts that a store hands to its log. */
    private static final class Parts {
        private final StoreGate gate = new StoreGate("test");
        private final RankedLock commitLock = new RankedLock(LockRank.COMMIT);
        private final Snapshots snapshots = new Snapshots();
        private final StoreLog log;

        Parts(Storage storage) {
            log = new StoreLog(storage, LogHistory.DIRECTORY, gate, commitLock, snapshots);
        }

        static Parts opened(Storage storage) {
            Parts parts = new Parts(storage);
            parts.log.open(LogHistory.STORE, LogHistory.SMALL, record -> {}, () -> {});
            return parts;
        }

        void append(long sequence) {
            commitLock.lock();
            try {
                log.writer().append(sequence, 1, BODY, BODY.length);
                snapshots.publish(sequence);
            } finally {
                commitLock.unlock();
            }
        }
    }

    private static long lastSequence(Storage storage) {
        Parts next = Parts.opened(storage);
        long sequence = next.log.writer().lastSequence();
        next.log.writer().close();
        return sequence;
    }

    @Test
    void whatWasLoggedIsDurableAfterTheBarrier() {
        SimulatedStorage storage = new SimulatedStorage(1);
        Parts parts = Parts.opened(storage);
        parts.append(1);
        parts.append(2);
        parts.log.forceUpTo(2);
        assertEquals(parts.log.writer().endPosition(), parts.log.writer().syncedPosition());
        assertEquals(2, lastSequence(storage.crash(1)));
    }

    @Test
    void numbersOfUnloggedWritesAreTakenAfterTheBarrier() {
        SimulatedStorage storage = new SimulatedStorage(1);
        Parts parts = Parts.opened(storage);
        parts.append(1);
        parts.snapshots.publish(7);
        parts.log.forceUpTo(7);
        assertEquals(7, lastSequence(storage.crash(1)));
    }

    @Test
    void whileItIsReplayedItsFilesAreForced() {
        SimulatedStorage storage = new SimulatedStorage(1);
        Parts.opened(storage).append(1);
        new Parts(storage).log.forceUpTo(1);
        assertEquals(1, lastSequence(storage.crash(1)));
    }

    @Test
    void aFailedSyncPoisonsTheStore() {
        FaultingStorage storage = new FaultingStorage(new SimulatedStorage(1));
        Parts parts = Parts.opened(storage);
        parts.append(1);
        storage.failAt(storage.callCount() + 1, Fault.SYNC_FAILS, false);
        assertThrows(StoreException.class, parts.log::sync);
        assertNotNull(parts.gate.poison());
    }

    @Test
    void filesThatAreNeededStayAndTheNumberReachedOutlivesTheOthers() {
        SimulatedStorage storage = new SimulatedStorage(1);
        Parts parts = Parts.opened(storage);
        long sequence = 0;
        while (parts.log.writer().files() < 3) {
            parts.append(++sequence);
        }
        int files = parts.log.writer().files();
        List<Long> ends = new ArrayList<>();
        parts.log.release(end -> {
            assertTrue(parts.commitLock.isHeld());
            ends.add(end);
            return 0;
        });
        assertEquals(files, parts.log.writer().files());
        assertEquals(List.of(parts.log.writer().endPosition()), ends);
        parts.log.release(end -> end);
        assertTrue(parts.log.writer().files() < files);
        assertEquals(sequence, lastSequence(storage.crash(1)));
    }

    @Test
    void aWriteThatWasLoggedAndNotAppliedKeepsItsNumber() {
        SimulatedStorage storage = new SimulatedStorage(1);
        Parts parts = Parts.opened(storage);
        parts.commitLock.lock();
        try {
            parts.log.writer().append(5, 1, BODY, BODY.length);
        } finally {
            parts.commitLock.unlock();
        }
        parts.log.rememberSequence();
        assertEquals(5, lastSequence(storage.crash(1)));
    }
}
