package io.cleave.tools;

import io.cleave.error.StoreException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Looks at a store again and again and shows each time what has changed since the last time. Ends after a number of looks,
 * when whoever reads the output has gone, when its thread is interrupted, or with the store. Belongs to one thread.
 */
final class StatWatch {
    /** The time, and how to let it pass. */
    interface Pace {
        /** Nanoseconds since some moment. */
        long nanoTime();

        /** Waits; returns false when the waiting thread was interrupted. */
        boolean pause(long nanos);
    }

    /** Shows a look; {@code before} is the last one, for the first look the same one. */
    interface View {
        void show(StoreSample sample, StoreSample before, long elapsedNanos);
    }

    private final Supplier<StoreSample> looks;
    private final View view;
    private final Terminal terminal;
    private final Pace pace;

    StatWatch(Supplier<StoreSample> looks, View view, Terminal terminal, Pace pace) {
        this.looks = looks;
        this.view = view;
        this.terminal = terminal;
        this.pace = pace;
    }

    /**
     * Looks {@code count} times, 0 for no end, once in {@code intervalNanos}; a look that comes late does not make the later
     * ones late.
     *
     * @throws StoreException from the first look
     * @throws CommandException when the store, or the index in question, is there no more
     */
    void run(long intervalNanos, long count) {
        long start = pace.nanoTime();
        StoreSample before = looks.get();
        view.show(before, before, 0);
        for (long look = 1; (count == 0 || look < count) && !terminal.out().checkError(); look++) {
            long late = (pace.nanoTime() - start) % intervalNanos;
            if (!pace.pause(intervalNanos - late)) {
                return;
            }
            long elapsed = pace.nanoTime() - start;
            StoreSample sample = next(elapsed);
            view.show(sample, before, elapsed);
            before = sample;
        }
    }

    private StoreSample next(long elapsedNanos) {
        try {
            return looks.get();
        } catch (StoreException.NotFound e) {
            long seconds = TimeUnit.NANOSECONDS.toSeconds(elapsedNanos);
            throw new CommandException(
                    "what was watched has vanished, " + Figures.plural(seconds, "second") + " after the first look: "
                            + e.getMessage(),
                    e);
        }
    }
}
