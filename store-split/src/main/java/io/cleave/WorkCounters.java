package io.cleave;

import io.cleave.split.SplitOutcome;
import java.util.EnumMap;
import java.util.Map;

/** Counts what background work does with runs, by its kind. Thread-safe. */
final class WorkCounters {
    private final RunWorkCounters flushes = new RunWorkCounters();
    private final RunWorkCounters compactions = new RunWorkCounters();
    private final Map<SplitOutcome, RunWorkCounters> rewrites = new EnumMap<>(SplitOutcome.class);

    WorkCounters() {
        for (SplitOutcome outcome : SplitOutcome.values()) {
            rewrites.put(outcome, new RunWorkCounters());
        }
    }

    RunWorkCounters flushes() {
        return flushes;
    }

    RunWorkCounters compactions() {
        return compactions;
    }

    RunWorkCounters rewrites(SplitOutcome outcome) {
        return rewrites.get(outcome);
    }
}
