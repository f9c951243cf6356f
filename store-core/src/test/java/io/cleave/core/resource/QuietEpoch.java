package io.cleave.core.resource;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Keeps warnings of {@code io.cleave} off the screen while a class lets releases fail on purpose. */
public final class QuietEpoch implements BeforeAllCallback, AfterAllCallback {
    private final Logger logger = Logger.getLogger("io.cleave");
    private Level before;

    @Override
    public void beforeAll(ExtensionContext context) {
        before = logger.getLevel();
        logger.setLevel(Level.OFF);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        logger.setLevel(before);
    }
}
