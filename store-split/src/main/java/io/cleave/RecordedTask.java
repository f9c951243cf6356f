package io.cleave;

import io.cleave.event.StoreEvents;
import io.cleave.maintenance.TaskKey;
import io.cleave.route.OpenIndexes;

/**
 * A task that a flight recording shows. Thread-safe; each run is an event of its own.
 *
 * @param indexes of the store it works on
 * @param key what it does
 * @param body does it
 */
record RecordedTask(OpenIndexes indexes, TaskKey key, Runnable body) implements Runnable {
    @Override
    public void run() {
        StoreEvents.TaskSpan span = StoreEvents.task();
        Throwable thrown = null;
        try {
            body.run();
        } catch (RuntimeException | Error e) {
            thrown = e;
            throw e;
        } finally {
            if (span != StoreEvents.TaskSpan.OFF) {
                span.commit(
                        indexes.place(key.indexId(), key.segmentId()),
                        key.kind().name(),
                        thrown);
            }
        }
    }
}
