package io.cleave;

import java.util.logging.Level;
import java.util.logging.Logger;

/** Keeps the store's warnings off the screen while a test makes it fail on purpose, thousands of times. */
public final class QuietLog implements AutoCloseable {
    private final Logger logger = Logger.getLogger("io.cleave");
    private final Level before = logger.getLevel();

    /** Quiet from here on. */
    public QuietLog() {
        logger.setLevel(Level.OFF);
    }

    /** True unless somebody else has changed the level. */
    public boolean isQuiet() {
        return Level.OFF.equals(logger.getLevel());
    }

    @Override
    public void close() {
        logger.setLevel(before);
    }
}
