package io.cleave.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;

/** What several runs of one shape say together: medians, spreads and ratios. Immutable. */
final class Medians {
    /**
     * A median over runs.
     *
     * @param value NaN when nothing was measured
     * @param spread half the distance from the least to the greatest, as a share of the median; 0 for a single run
     * @param runs how many there were
     */
    record Median(double value, double spread, int runs) {
        private static final Median NOTHING = new Median(Double.NaN, 0, 0);

        boolean isPresent() {
            return runs > 0;
        }
    }

    /** One engine in one row. */
    private record Place(EngineKind engine, WorkloadRow row) {}

    private final Map<Place, List<Measurement>> places = new HashMap<>();
    private final SortedSet<EngineKind> engines = new TreeSet<>();
    private final SortedSet<WorkloadRow> rows = new TreeSet<>();

    /** Of those measurements that have this shape. */
    Medians(Collection<Measurement> measurements, EntryShape shape) {
        for (Measurement measurement : measurements) {
            if (measurement.shape() == shape) {
                WorkloadRow row = WorkloadRow.of(measurement);
                engines.add(measurement.engine());
                rows.add(row);
                places.computeIfAbsent(new Place(measurement.engine(), row), place -> new ArrayList<>())
                        .add(measurement);
            }
        }
    }

    /** Those with a measurement, in the order of their declaration. */
    List<EngineKind> engines() {
        return List.copyOf(engines);
    }

    /** Those with a measurement, in the order in which they are measured. */
    List<WorkloadRow> rows() {
        return List.copyOf(rows);
    }

    /** The median of anything. */
    Median of(EngineKind engine, WorkloadRow row, ToDoubleFunction<Measurement> figure) {
        double[] values = places.getOrDefault(new Place(engine, row), List.of()).stream()
                .mapToDouble(figure)
                .filter(Double::isFinite)
                .sorted()
                .toArray();
        if (values.length == 0) {
            return Median.NOTHING;
        }
        double median = median(values);
        double half = (values[values.length - 1] - values[0]) / 2;
        return new Median(median, median == 0 ? 0 : half / median, values.length);
    }

    /** The median of {@link WorkloadRow#figure}. */
    Median figure(EngineKind engine, WorkloadRow row) {
        return of(engine, row, row::figure);
    }

    /** The best figure of the rivals in a row, NaN when there is none. */
    double bestRival(WorkloadRow row) {
        return best(row, engines.stream().filter(EngineKind::rival).toList());
    }

    /** The best figure of all engines in a row, NaN when there is none. */
    double best(WorkloadRow row) {
        return best(row, engines);
    }

    /** How many times better Cleave with default options is than the best rival; NaN when one of them is missing. */
    double ratio(WorkloadRow row) {
        return row.ratio(figure(EngineKind.CLEAVE, row).value(), bestRival(row));
    }

    private double best(WorkloadRow row, Collection<EngineKind> among) {
        double best = Double.NaN;
        for (EngineKind engine : among) {
            double value = figure(engine, row).value();
            if (Double.isNaN(best) || row.ratio(value, best) > 1) {
                best = value;
            }
        }
        return best;
    }

    private static double median(double[] sorted) {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1
                ? sorted[middle]
                : Arrays.stream(sorted, middle - 1, middle + 1).sum() / 2;
    }
}
