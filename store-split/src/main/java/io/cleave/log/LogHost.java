package io.cleave.log;

/** What a log asks of the store that it belongs to. Thread-safe; called with the log's locks held. */
@FunctionalInterface
public interface LogHost {
    /**
     * An eighth of the current file is used. Called by an appender; only signals that {@link WriteAheadLog#prepareNext} should
     * be called; must not throw.
     */
    void nextNeeded();

    /**
     * Bytes were made durable, and nobody knows of it yet. What it throws poisons the log: nobody is told then that what was
     * forced will be there.
     */
    default void forced() {}
}
