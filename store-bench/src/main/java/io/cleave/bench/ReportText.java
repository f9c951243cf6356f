package io.cleave.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** A report as tables for a terminal, at most 120 columns wide. Stateless, thread-safe. */
final class ReportText {
    static final int WIDTH = 120;

    /** What a cell of the rates tells; the more engines there are, the less room it has. */
    private enum Detail {
        UNIT_AND_SPREAD,
        SPREAD,
        NUMBER
    }

    private static final List<Workload> LATENCY_ROWS = List.of(
            Workload.FILL_SYNC,
            Workload.FILL_RANDOM,
            Workload.READ_HIT,
            Workload.READ_ABSENT,
            Workload.SEEK,
            Workload.MIXED,
            Workload.READ_WHILE_WRITING,
            Workload.OVERWRITE);

    private static final List<Workload> WRITTEN_ROWS =
            List.of(Workload.FILL_RANDOM, Workload.OVERWRITE, Workload.WINDOW);

    private static final List<Workload> SIZE_ROWS = List.of(
            Workload.FILL_SEQUENTIAL,
            Workload.FILL_RANDOM,
            Workload.OVERWRITE,
            Workload.DELETE,
            Workload.WINDOW,
            Workload.QUEUE,
            Workload.SESSIONS);

    private static final List<Workload> CPU_ROWS = List.of(
            Workload.FILL_RANDOM, Workload.READ_HIT, Workload.SEEK, Workload.SCAN, Workload.OVERWRITE, Workload.QUEUE);

    private ReportText() {}

    /** Everything. */
    static String of(Report report) {
        StringBuilder text = new StringBuilder();
        for (EntryShape shape : report.shapes()) {
            Medians medians = new Medians(report.measurements(), shape);
            text.append(report.heading(shape)).append("\n\n");
            text.append(rates(medians)).append('\n');
            text.append(footprint(medians)).append('\n');
            text.append(latencies(medians)).append('\n');
        }
        report.failures()
                .forEach(failure -> text.append("failed: ").append(failure).append('\n'));
        text.append(folded("machine: " + report.machine().text()));
        text.append("date: ").append(report.date()).append('\n');
        return text.append(folded("command: " + report.command())).toString();
    }

    /** How fast: a row for each workload, a column for each engine. */
    static String rates(Medians medians) {
        TextTable table = rates(medians, Detail.NUMBER);
        for (Detail detail : Detail.values()) {
            TextTable detailed = rates(medians, detail);
            if (detailed.width() <= WIDTH) {
                table = detailed;
                break;
            }
        }
        int runs = 0;
        for (WorkloadRow row : medians.rows()) {
            for (EngineKind engine : medians.engines()) {
                runs = Math.max(runs, medians.figure(engine, row).runs());
            }
        }
        String how = runs > 1 ? "median of " + runs + " runs ± half the spread; " : "";
        return table.text() + how + "ratio: cleave / best rival, above 1 cleave is faster\n";
    }

    private static TextTable rates(Medians medians, Detail detail) {
        List<EngineKind> engines = medians.engines();
        List<String> header = header("operations a second", engines);
        header.add("ratio");
        TextTable table = new TextTable(1, header);
        for (WorkloadRow row : medians.rows()) {
            List<String> cells = new ArrayList<>(List.of(row.title()));
            engines.forEach(engine -> cells.add(rateCell(row, medians.figure(engine, row), detail)));
            cells.add(Quantity.ratio(medians.ratio(row)));
            table.row(cells);
            if (row.workload() == Workload.READ_WHILE_WRITING) {
                List<String> writer = new ArrayList<>(List.of("  puts of that thread"));
                engines.forEach(engine ->
                        writer.add(rateCell(row, medians.of(engine, row, Measurement::otherPerSecond), detail)));
                writer.add("");
                table.row(writer);
            }
        }
        return table;
    }

    private static String rateCell(WorkloadRow row, Medians.Median median, Detail detail) {
        if (!median.isPresent()) {
            return "-";
        }
        boolean isWithUnit = row.isTime() || detail == Detail.UNIT_AND_SPREAD;
        String figure = isWithUnit ? row.text(median.value()) : Quantity.rate(median.value());
        boolean isWithSpread = median.runs() > 1 && detail != Detail.NUMBER;
        return isWithSpread ? figure + " ±" + Math.round(100 * median.spread()) + "%" : figure;
    }

    /** What it costs: disk, device, memory, processor. */
    static String footprint(Medians medians) {
        TextTable table = new TextTable(1, header("disk, memory, processor", medians.engines()));
        for (Workload workload : SIZE_ROWS) {
            WorkloadRow row = new WorkloadRow(workload, 1);
            add(
                    table,
                    medians,
                    "on disk after " + shortTitle(workload),
                    engine -> Quantity.bytes(
                            medians.of(engine, row, Measurement::sizeBytes).value()));
        }
        WorkloadRow window = new WorkloadRow(Workload.WINDOW, 1);
        add(
                table,
                medians,
                "most on disk while the window slides",
                engine -> Quantity.bytes(
                        medians.of(engine, window, Measurement::otherOperations).value()));
        for (Workload workload : WRITTEN_ROWS) {
            WorkloadRow row = new WorkloadRow(workload, 1);
            add(
                    table,
                    medians,
                    "bytes written per user byte, " + shortTitle(workload),
                    engine -> Quantity.digits(medians.of(
                                    engine,
                                    row,
                                    measurement -> (double) measurement.writtenBytes() / measurement.userBytes())
                            .value()));
        }
        add(
                table,
                medians,
                "resident memory, highest",
                engine -> Quantity.bytes(highest(medians, engine, Measurement::residentBytes)));
        add(
                table,
                medians,
                "anonymous memory, highest",
                engine -> Quantity.bytes(highest(medians, engine, Measurement::anonymousBytes)));
        for (Workload workload : CPU_ROWS) {
            WorkloadRow row = new WorkloadRow(workload, 1);
            add(
                    table,
                    medians,
                    "CPU s per million, " + shortTitle(workload),
                    engine -> Quantity.digits(medians.of(
                                    engine, row, measurement -> measurement.cpuNanos() / 1e3 / measurement.operations())
                            .value()));
        }
        return table.text();
    }

    /** Adds a row unless no engine has a figure for it. */
    private static void add(TextTable table, Medians medians, String title, Function<EngineKind, String> cell) {
        List<String> cells = new ArrayList<>(List.of(title));
        medians.engines().forEach(engine -> cells.add(cell.apply(engine)));
        if (cells.stream().skip(1).anyMatch(text -> !text.equals("-"))) {
            table.row(cells);
        }
    }

    private static double highest(Medians medians, EngineKind engine, ToDoubleFunction<Measurement> figure) {
        return medians.rows().stream()
                .mapToDouble(row -> medians.of(engine, row, figure).value())
                .filter(Double::isFinite)
                .max()
                .orElse(Double.NaN);
    }

    private static String shortTitle(Workload workload) {
        return workload.title().replaceFirst(", single puts| \\d of \\d at random|, slid .*|: put.*| of open.*", "");
    }

    /** How long single operations take. */
    static String latencies(Medians medians) {
        TextTable table = new TextTable(2, List.of("latency", "engine", "p50", "p99", "p99.9", "max"));
        for (WorkloadRow row : medians.rows()) {
            String title = LATENCY_ROWS.contains(row.workload()) ? row.title() : null;
            for (EngineKind engine : title == null ? List.<EngineKind>of() : medians.engines()) {
                if (medians.of(engine, row, Measurement::maxNanos).value() > 0) {
                    table.row(List.of(
                            title,
                            engine.label(),
                            time(medians, engine, row, Measurement::p50Nanos),
                            time(medians, engine, row, Measurement::p99Nanos),
                            time(medians, engine, row, Measurement::p999Nanos),
                            time(medians, engine, row, Measurement::maxNanos)));
                    title = "";
                }
            }
        }
        return table.size() == 0 ? "" : table.text();
    }

    private static String time(
            Medians medians, EngineKind engine, WorkloadRow row, ToDoubleFunction<Measurement> figure) {
        return Quantity.time(medians.of(engine, row, figure).value());
    }

    private static List<String> header(String first, List<EngineKind> engines) {
        List<String> header = new ArrayList<>(List.of(first));
        engines.forEach(engine -> header.add(engine.label()));
        return header;
    }

    /** Lines of at most {@link #WIDTH} characters, broken at blanks; those after the first are indented. */
    static String folded(String line) {
        StringBuilder text = new StringBuilder();
        int length = 0;
        for (String word : line.split(" ", -1)) {
            if (length > 0 && length + 1 + word.length() > WIDTH) {
                text.append("\n   ");
                length = 3;
            }
            text.append(length > 0 ? " " : "").append(word);
            length += word.length() + (length > 0 ? 1 : 0);
        }
        return text.append('\n').toString();
    }
}
