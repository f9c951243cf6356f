package io.cleave.core.resource;

/** How many threads have a place for point reads that is held. */
public final class KeptSlots {
    private KeptSlots() {}

    /** Now. */
    public static int count() {
        return Epoch.slots();
    }
}
