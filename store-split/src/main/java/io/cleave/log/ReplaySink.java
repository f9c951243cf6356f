package io.cleave.log;

/**
 * Takes the records of a log in their order. Called by one thread. What it throws ends the replay and reaches the
 * caller.
 */
@FunctionalInterface
public interface ReplaySink {
    /** One record; its bytes are valid until this method returns. */
    void record(LogRecord record);
}
