package io.cleave.bench;

import java.util.Comparator;

/** A workload with one number of threads: a row of a table, a group of bars. */
record WorkloadRow(Workload workload, int threads) implements Comparable<WorkloadRow> {
    private static final Comparator<WorkloadRow> ORDER =
            Comparator.comparing(WorkloadRow::workload).thenComparing(WorkloadRow::threads);

    static WorkloadRow of(Measurement measurement) {
        return new WorkloadRow(measurement.workload(), measurement.threads());
    }

    /** For tables. */
    String title() {
        return workload.title() + (threads > 1 ? ", " + threads + " threads" : "");
    }

    /** Whether the figure is a time, of which less is better; otherwise it is a rate. */
    boolean isTime() {
        return switch (workload) {
            case OPEN_CLEAN, OPEN_KILLED, SESSIONS -> true;
            default -> false;
        };
    }

    /** Operations a second, or nanoseconds an operation. */
    double figure(Measurement measurement) {
        return isTime() ? (double) measurement.nanos() / measurement.operations() : measurement.perSecond();
    }

    /** How many times better one figure is than another. */
    double ratio(double figure, double other) {
        return isTime() ? other / figure : figure / other;
    }

    /** A figure with its unit. */
    String text(double figure) {
        return isTime() ? Quantity.millis(figure) : Quantity.rate(figure) + "/s";
    }

    @Override
    public int compareTo(WorkloadRow other) {
        return ORDER.compare(this, other);
    }
}
