package io.cleave.log;

import io.cleave.core.parts.LogEnd;

/**
 * Takes the records of a log in their order. Called by one thread. What it throws ends the replay and reaches the
 * caller; the log is as it was.
 */
@FunctionalInterface
public interface ReplaySink {
    /** One record; its bytes are valid until this method returns. */
    void record(LogRecord record);

    /** After the last record of any log, before anything is changed. What it throws ends the opening. */
    default void read(LogEnd end) {}

    /**
     * After the last record of a log that did not end cleanly, before anything is changed: what lies behind that end is dropped
     * unless this throws, because something proves that the log was longer.
     */
    default void ended() {}
}
