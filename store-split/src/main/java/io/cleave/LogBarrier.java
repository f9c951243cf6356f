package io.cleave;

import io.cleave.catalog.StoreLayout;
import io.cleave.core.storage.StorageFile;
import java.nio.file.Path;

/** What makes the log durable ahead of runs. Thread-safe. */
final class LogBarrier {
    private final StoreEngine engine;

    LogBarrier(StoreEngine engine) {
        this.engine = engine;
    }

    /** The log barrier of flushes and splits: nothing in a durable run may be newer than what the durable log leads up to. */
    void force(long sequence) {
        if (engine.log() == null) {
            forceLogFiles();
            return;
        }
        long position;
        engine.context().commitLock().lock();
        try {
            if (engine.log().lastSequence() < sequence) {
                // Unlogged writes used these numbers; the log must remember that they are taken.
                engine.log().appendSequenceMark(engine.context().snapshots().visible());
            }
            position = engine.log().endPosition();
        } finally {
            engine.context().commitLock().unlock();
        }
        engine.syncLog(position);
    }

    /** While the log is being replayed it has no owner yet: its files are forced one by one. */
    private void forceLogFiles() {
        Path logDirectory = engine.directory().resolve(StoreLayout.LOG_NAME);
        for (String name : engine.storage().list(logDirectory)) {
            try (StorageFile file = engine.storage().openForReading(logDirectory.resolve(name))) {
                file.force();
            }
        }
    }
}
