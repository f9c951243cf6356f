package io.cleave.core.storage;

/** How many scenarios Lincheck tries: those of a build, ten times as many with {@code -Dcleave.campaign=long}. */
public final class LincheckScale {
    private static final int LONG_FACTOR = 10;

    private LincheckScale() {}

    /** Scenarios of a test that tries {@code ci} in a build. */
    public static int iterations(int ci) {
        return "long".equals(System.getProperty("cleave.campaign", "ci")) ? LONG_FACTOR * ci : ci;
    }
}
