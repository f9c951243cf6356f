package io.cleave.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A report as JSON: the machine, every single measurement with the fields of {@link Measurement#fields}, and what follows
 * from them. Only the former are read back. Stateless, thread-safe.
 */
final class ReportJson {
    private static final long FORMAT = 1;

    private ReportJson() {}

    static String write(Report report) {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("format", FORMAT);
        root.put("date", report.date());
        root.put("command", report.command());
        root.put("entries", report.entries());
        root.put("machine", machine(report.machine()));
        root.put("failures", report.failures());
        root.put(
                "measurements",
                report.measurements().stream().map(ReportJson::measurement).toList());
        List<Object> medians = new ArrayList<>();
        List<Object> ratios = new ArrayList<>();
        for (EntryShape shape : report.shapes()) {
            Medians of = new Medians(report.measurements(), shape);
            for (WorkloadRow row : of.rows()) {
                of.engines().stream()
                        .filter(engine -> of.figure(engine, row).isPresent())
                        .forEach(engine -> medians.add(median(of, shape, row, engine)));
                Map<String, Object> ratio = place(shape, row);
                ratio.put("cleaveToBestRival", of.ratio(row));
                ratios.add(ratio);
            }
        }
        root.put("medians", medians);
        root.put("ratios", ratios);
        return JsonText.of(root);
    }

    private static Map<String, Object> machine(Machine machine) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("processor", machine.processor());
        map.put("processors", machine.processors());
        map.put("memoryBytes", machine.memoryBytes());
        map.put("fileSystem", machine.fileSystem());
        map.put("java", machine.java());
        map.put("kernel", machine.kernel());
        return map;
    }

    private static Map<String, Object> measurement(Measurement measurement) {
        Map<String, Object> map = new LinkedHashMap<>();
        measurement.fields().forEach((name, value) -> map.put(name, isNumber(value) ? Long.valueOf(value) : value));
        return map;
    }

    private static boolean isNumber(String value) {
        return value.matches("-?\\d{1,18}");
    }

    private static Map<String, Object> place(EntryShape shape, WorkloadRow row) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("shape", shape.name());
        map.put("workload", row.workload().label());
        map.put("threads", row.threads());
        return map;
    }

    private static Map<String, Object> median(Medians medians, EntryShape shape, WorkloadRow row, EngineKind engine) {
        Medians.Median figure = medians.figure(engine, row);
        Map<String, Object> map = place(shape, row);
        map.put("engine", engine.label());
        map.put("runs", figure.runs());
        map.put("perSecond", medians.of(engine, row, Measurement::perSecond).value());
        map.put(
                "nanosPerOperation",
                1e9 / medians.of(engine, row, Measurement::perSecond).value());
        map.put("halfSpreadPercent", 100 * figure.spread());
        map.put("p50Nanos", medians.of(engine, row, Measurement::p50Nanos).value());
        map.put("p99Nanos", medians.of(engine, row, Measurement::p99Nanos).value());
        map.put("p999Nanos", medians.of(engine, row, Measurement::p999Nanos).value());
        map.put("maxNanos", medians.of(engine, row, Measurement::maxNanos).value());
        return map;
    }

    /** Throws {@link IllegalArgumentException} when the text is not what {@link #write} writes. */
    static Report read(String text) {
        Map<?, ?> root = map(JsonReader.parse(text), "the file");
        if (number(root, "format") != FORMAT) {
            throw new IllegalArgumentException("expected format " + FORMAT + ", found " + root.get("format"));
        }
        Map<?, ?> machine = map(root.get("machine"), "machine");
        return new Report(
                new Machine(
                        string(machine, "processor"),
                        Math.toIntExact(number(machine, "processors")),
                        number(machine, "memoryBytes"),
                        string(machine, "fileSystem"),
                        string(machine, "java"),
                        string(machine, "kernel")),
                string(root, "date"),
                string(root, "command"),
                number(root, "entries"),
                list(root, "measurements").stream()
                        .map(element -> measurement(map(element, "a measurement")))
                        .toList(),
                list(root, "failures").stream().map(String::valueOf).toList());
    }

    private static Measurement measurement(Map<?, ?> fields) {
        return Measurement.parse(fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + field.getValue())
                .collect(Collectors.joining(" ")));
    }

    private static Map<?, ?> map(Object value, String name) {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw new IllegalArgumentException(name + ": expected an object, found " + value);
    }

    private static List<?> list(Map<?, ?> map, String name) {
        if (map.get(name) instanceof List<?> list) {
            return list;
        }
        throw new IllegalArgumentException(name + ": expected a list, found " + map.get(name));
    }

    private static String string(Map<?, ?> map, String name) {
        if (map.get(name) instanceof String string) {
            return string;
        }
        throw new IllegalArgumentException(name + ": expected a text, found " + map.get(name));
    }

    private static long number(Map<?, ?> map, String name) {
        if (map.get(name) instanceof Long number) {
            return number;
        }
        throw new IllegalArgumentException(name + ": expected a number, found " + map.get(name));
    }
}
