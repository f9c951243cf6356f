package io.cleave;

import java.util.logging.Level;
import java.util.logging.Logger;

/** Keeps the store's warnings off the screen while a test makes it fail on purpose, thousands of times. */
final class QuietLog implements AutoCloseable {
    private final Logger logger = Logger.getLogger("io.cleave");
    private final Level before = logger.getLevel();

    QuietLog() {
        logger.setLevel(Level.OFF);
    }

    boolean isQuiet() {
        return Level.OFF.equals(logger.getLevel());
    }

    @Override
    public void close() {
        logger.setLevel(before);
    }
}
