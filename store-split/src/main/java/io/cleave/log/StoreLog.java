package io.cleave.log;

import io.cleave.core.resource.RankedLock;
import io.cleave.core.resource.StoreGate;
import io.cleave.core.segment.Snapshots;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageFile;
import io.cleave.core.storage.StoreIdentity;
import java.nio.file.Path;
import java.util.function.LongUnaryOperator;

/**
 * The log as the other parts of an open store see it: what has to be durable before something else is, and what is no longer needed. A
 * failed sync poisons the store. While the log is being replayed there is none yet, only its files.
 *
 * <p>Ownership: whoever opens it closes its {@link #writer}. Thread-safe once it is open; its methods take the commit lock themselves.
 */
public final class StoreLog {
    private final Storage storage;
    private final Path directory;
    private final StoreGate gate;
    private final RankedLock commitLock;
    private final Snapshots snapshots;

    /** Null while it is being replayed; set once, before anybody else sees the store. */
    private WriteAheadLog writer;

    /**
     * Of a store that is being opened.
     *
     * @param directory of the log's files
     * @param commitLock under which records are appended
     * @param snapshots know the sequence number that is reached
     */
    public StoreLog(Storage storage, Path directory, StoreGate gate, RankedLock commitLock, Snapshots snapshots) {
        this.storage = storage;
        this.directory = directory;
        this.gate = gate;
        this.commitLock = commitLock;
        this.snapshots = snapshots;
    }

    /** Replays the log into {@code sink} and goes on with a new file; see {@link WriteAheadLog#open}. */
    public void open(StoreIdentity identity, LogOptions options, ReplaySink sink, LogHost host) {
        writer = WriteAheadLog.open(storage, directory, identity, options, sink, host);
    }

    /** Takes records; null while the log is being replayed. */
    public WriteAheadLog writer() {
        return writer;
    }

    /** Syncs up to a position; a failure poisons the store. */
    public void sync(long position) {
        try {
            writer.sync(position);
        } catch (RuntimeException | Error e) {
            gate.poison(e);
            throw e;
        }
    }

    /** Makes every logged write durable; a failure poisons the store. */
    public void sync() {
        sync(writer.endPosition());
    }

    /**
     * The barrier of flushes and splits: nothing in a durable run may be newer than what the durable log leads up to.
     *
     * @param sequence of the newest entry of what is about to be named
     */
    public void forceUpTo(long sequence) {
        if (writer == null) {
            forceFiles();
            return;
        }
        long position;
        commitLock.lock();
        try {
            if (writer.lastSequence() < sequence) {
                // Unlogged writes used these numbers; the log must remember that they are taken.
                writer.appendSequenceMark(snapshots.visible());
            }
            position = writer.endPosition();
        } finally {
            commitLock.unlock();
        }
        sync(position);
    }

    /** While it is being replayed nobody owns its files: they are forced one by one. */
    private void forceFiles() {
        for (String name : storage.list(directory)) {
            try (StorageFile file = storage.openForReading(directory.resolve(name))) {
                file.force();
            }
        }
    }

    /**
     * Makes the sequence number that was reached durable in the current file: once the files before it are released, nothing else in the
     * log tells it.
     */
    public void rememberSequence() {
        long position;
        commitLock.lock();
        try {
            // A write that was logged and could not be applied has used more than is visible.
            position = writer.appendSequenceMark(Math.max(writer.lastSequence(), snapshots.visible()));
        } finally {
            commitLock.unlock();
        }
        sync(position);
    }

    /**
     * Gives back the files that nobody needs.
     *
     * @param neededLocked of the end of the log it makes the first position that a memtable still needs; called under the commit lock
     */
    public void release(LongUnaryOperator neededLocked) {
        long needed;
        commitLock.lock();
        try {
            needed = neededLocked.applyAsLong(writer.endPosition());
        } finally {
            commitLock.unlock();
        }
        if (writer.isReleasable(needed)) {
            // What stays of the log must tell the sequence number that the runs have reached, also after a power cut.
            rememberSequence();
            writer.release(needed);
        }
    }
}
