package io.cleave.core.storage;

/**
 * The machine or the process of a {@link SimulatedStorage} is gone. An {@link Error}, so that no {@code catch} of an ordinary
 * failure takes it for one; whoever catches {@code Throwable} must not turn it into an acknowledgement.
 */
public final class SimulatedCrash extends Error {
    private static final long serialVersionUID = 1L;

    SimulatedCrash(String message) {
        super(message);
    }
}
