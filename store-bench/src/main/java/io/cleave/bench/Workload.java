package io.cleave.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What is measured. The order is the order in which a process runs them: the fills on stores of their own, then what reads
 * and changes the store of {@link #FILL_RANDOM}, then the openings, then what comes and goes.
 */
enum Workload {
    FILL_SEQUENTIAL("sequential fill, single puts", Data.OWN, false),
    FILL_BATCH("random fill, batches of 1,000", Data.OWN, false),
    FILL_SYNC("synced puts", Data.OWN, true),
    FILL_RANDOM("random fill, single puts", Data.FILLS, false),
    READ_HIT("random read, hit", Data.READS, true),
    READ_ABSENT("random read, absent", Data.READS, true),
    SEEK("seek + 10", Data.READS, true),
    SCAN("full scan", Data.READS, false),
    SCAN_REVERSE("full scan, backward", Data.READS, false),
    SCAN_PREFIX("prefix scan, about 1,000 entries", Data.READS, false),
    MIXED("mixed 50/50, skewed", Data.CHANGES, true),
    READ_WHILE_WRITING("read while one thread writes", Data.CHANGES, false),
    OVERWRITE("overwrite 2 of 5 at random", Data.CHANGES, false),
    DELETE("delete 1 of 5 at random", Data.CHANGES, false),
    OPEN_CLEAN("open after a clean close", Data.READS, false),
    OPEN_KILLED("open after a kill", Data.OWN, false),
    WINDOW("window, slid over ten times its size", Data.OWN, false),
    QUEUE("queue: put, take the first", Data.OWN, false),
    SESSIONS("session of open, put, close", Data.OWN, false);

    /** Which store a workload works on. */
    enum Data {
        /** A fresh one, deleted afterwards. */
        OWN,
        /** A fresh one, kept for those that follow. */
        FILLS,
        READS,
        CHANGES
    }

    private final String title;
    private final Data data;
    private final boolean threaded;

    Workload(String title, Data data, boolean threaded) {
        this.title = title;
        this.data = data;
        this.threaded = threaded;
    }

    /** The name on the command line. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The name in tables. */
    String title() {
        return title;
    }

    Data data() {
        return data;
    }

    /** Whether it is repeated with each number of threads that was asked for. */
    boolean threaded() {
        return threaded;
    }

    static Workload of(String label) {
        return Arrays.stream(values())
                .filter(workload -> workload.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no workload '" + label + "', expected one of "
                        + Arrays.stream(values()).map(Workload::label).collect(Collectors.joining(", "))));
    }
}
