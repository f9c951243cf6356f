package io.cleave.bench;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * All that was measured, with what one must know to read it.
 *
 * @param date day and time, as in ISO 8601
 * @param command what was called
 * @param entries of the common shape
 * @param failures of processes, a line each
 */
record Report(
        Machine machine,
        String date,
        String command,
        long entries,
        List<Measurement> measurements,
        List<String> failures) {
    Report {
        measurements = List.copyOf(measurements);
        failures = List.copyOf(failures);
    }

    /** The shapes that have measurements, in the order of their declaration. */
    List<EntryShape> shapes() {
        return Arrays.stream(EntryShape.values())
                .filter(shape -> measurements.stream().anyMatch(measurement -> measurement.shape() == shape))
                .toList();
    }

    /** With those measurements alone that are of these; empty collections leave nothing out. */
    Report only(Collection<EngineKind> engines, Collection<Workload> workloads, Collection<EntryShape> shapes) {
        List<Measurement> chosen = measurements.stream()
                .filter(measurement -> engines.isEmpty() || engines.contains(measurement.engine()))
                .filter(measurement -> workloads.isEmpty() || workloads.contains(measurement.workload()))
                .filter(measurement -> shapes.isEmpty() || shapes.contains(measurement.shape()))
                .toList();
        return new Report(machine, date, command, entries, chosen, failures);
    }

    /** A shape in words: sizes and number of entries. */
    String heading(EntryShape shape) {
        String key = shape.keyBytes() == 0 ? "string keys" : shape.keyBytes() + "-byte keys";
        long value = shape.valueBytes();
        String values = value < 1024 ? value + "-byte values" : Quantity.bytes((double) value) + " values";
        return shape.label() + ": " + key + ", " + values + ", " + Quantity.count(shape.entries(entries)) + " entries";
    }
}
