package io.cleave;

import io.cleave.error.StoreException;

/** Splits of a segment of an index beside workers, which replace segments. */
final class Splits {
    private static final int TRIES_MAX = 1_000;

    private Splits() {}

    /** Splits the first segment, whichever that is when it comes to it. */
    static boolean ofFirst(SegmentIndex index) {
        StoreException.NotFound gone = null;
        for (int i = 0; i < TRIES_MAX; i++) {
            try {
                return index.split(index.stats().segments().get(0).id());
            } catch (StoreException.NotFound e) {
                gone = e;
            }
        }
        throw gone;
    }
}
