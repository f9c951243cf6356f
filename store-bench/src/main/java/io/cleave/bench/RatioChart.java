package io.cleave.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A report as an SVG picture: a group of horizontal bars for each workload. The best rival's bar has the length 1; a bar is
 * cut at {@link #CUT}, its label tells the ratio.
 *
 * <p>Belongs to one thread, used once.
 */
final class RatioChart {
    /** Longest bar, in lengths of the best rival's. */
    private static final double CUT = 3;

    private static final int WIDTH = 900;
    private static final int MARGIN = 24;
    private static final int BARS_LEFT = 250;
    private static final int UNIT = 160;
    private static final int BAR_HEIGHT = 11;
    private static final int BAR_STEP = 13;
    private static final int GROUP_GAP = 13;

    private static final String INK = "#1f2328";
    private static final String FAINT_INK = "#59636e";
    private static final String GRID = "#d8dee4";

    private final StringBuilder body = new StringBuilder();
    private int y = MARGIN;

    private RatioChart() {}

    /** The whole file. */
    static String of(Report report) {
        RatioChart chart = new RatioChart();
        List<EntryShape> shapes = report.shapes();
        String title = "Cleave beside " + rivals(report);
        chart.heading(title, report);
        for (EntryShape shape : shapes) {
            chart.shape(report.heading(shape), new Medians(report.measurements(), shape));
        }
        int height = chart.y + MARGIN - GROUP_GAP;
        return String.format(Locale.ROOT, """
                <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" role="img" \
                font-family="system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif" font-size="12">
                <title>%3$s</title>
                <rect width="%1$d" height="%2$d" rx="6" fill="#ffffff"/>
                %4$s</svg>
                """, WIDTH, height, escaped(title), chart.body);
    }

    private static String rivals(Report report) {
        String names = report.measurements().stream()
                .map(Measurement::engine)
                .filter(EngineKind::rival)
                .distinct()
                .sorted()
                .map(RatioChart::name)
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? "no rival" : names;
    }

    private void heading(String title, Report report) {
        y += 14;
        text(MARGIN, title, "font-size=\"19\" font-weight=\"600\" fill=\"" + INK + "\"");
        y += 22;
        faint(report.machine().text());
        y += 17;
        faint("Longer is better: 1 is the best rival of a row. Labels: absolute figure and ratio to the best rival. "
                + report.date().split("T", 2)[0]);
        y += 12;
    }

    private void shape(String heading, Medians medians) {
        y += 22;
        text(MARGIN, heading, "font-size=\"14\" font-weight=\"600\" fill=\"" + INK + "\"");
        y += 22;
        legend(medians.engines());
        y += 24;
        int top = y;
        String above = body.toString();
        body.setLength(0);
        y += 16;
        for (WorkloadRow row : medians.rows()) {
            group(row, medians);
        }
        String groups = body.toString();
        body.setLength(0);
        body.append(above);
        // Below the bars, so that those hide it.
        grid(top, y - GROUP_GAP);
        body.append(groups);
    }

    private void legend(List<EngineKind> engines) {
        int x = MARGIN;
        for (EngineKind engine : engines) {
            rectangle(x, y - 10, BAR_HEIGHT, engine);
            text(x + BAR_HEIGHT + 6, name(engine), "fill=\"" + INK + "\"");
            x += BAR_HEIGHT + 6 + 7 * name(engine).length() + 22;
        }
    }

    private void grid(int top, int bottom) {
        for (int line = 0; line <= CUT; line++) {
            int x = BARS_LEFT + line * UNIT;
            boolean isRival = line == 1;
            body.append(String.format(
                    Locale.ROOT,
                    "<line x1=\"%1$d\" y1=\"%2$d\" x2=\"%1$d\" y2=\"%3$d\" stroke=\"%4$s\" stroke-width=\"1\"/>\n",
                    x,
                    top + 6,
                    bottom + 4,
                    isRival ? FAINT_INK : GRID));
            String tick = isRival ? "best rival" : line + "×";
            int keep = y;
            y = top;
            text(x, line == 0 ? "0" : tick, "font-size=\"11\" text-anchor=\"middle\" fill=\"" + FAINT_INK + "\"");
            y = keep;
        }
    }

    private void group(WorkloadRow row, Medians medians) {
        double rival = medians.bestRival(row);
        boolean hasRival = Double.isFinite(rival);
        double one = hasRival ? rival : medians.best(row);
        int top = y;
        for (EngineKind engine : medians.engines()) {
            double figure = medians.figure(engine, row).value();
            if (Double.isFinite(figure)) {
                String label = row.text(figure) + (hasRival ? "  " + Quantity.ratio(row.ratio(figure, rival)) : "");
                bar(engine, row.ratio(figure, one), label);
            }
        }
        int bottom = y;
        y = (top + bottom) / 2 + 3;
        text(BARS_LEFT - 10, row.title(), "text-anchor=\"end\" fill=\"" + INK + "\"");
        y = bottom + GROUP_GAP;
    }

    private void bar(EngineKind engine, double ratio, String label) {
        boolean isCut = ratio > CUT;
        int length = (int) Math.max(1, Math.round(UNIT * Math.min(ratio, CUT)));
        rectangle(BARS_LEFT, y, length, engine);
        if (isCut) {
            body.append(String.format(
                    Locale.ROOT,
                    "<path d=\"M%d %d l5 %d M%d %d l5 %d\" stroke=\"#ffffff\" stroke-width=\"2\"/>\n",
                    BARS_LEFT + length - 20,
                    y + BAR_HEIGHT + 1,
                    -BAR_HEIGHT - 2,
                    BARS_LEFT + length - 14,
                    y + BAR_HEIGHT + 1,
                    -BAR_HEIGHT - 2));
        }
        y += BAR_HEIGHT - 2;
        String weight = engine.rival() ? "" : " font-weight=\"600\"";
        // A white rim, because lines of the grid run below it.
        String rim = " stroke=\"#ffffff\" stroke-width=\"3\" paint-order=\"stroke\"";
        text(BARS_LEFT + length + 6, label, "font-size=\"11\" fill=\"" + INK + "\"" + weight + rim);
        y += BAR_STEP - BAR_HEIGHT + 2;
    }

    private void rectangle(int x, int top, int length, EngineKind engine) {
        body.append(String.format(
                Locale.ROOT,
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"1.5\" fill=\"%s\"/>\n",
                x,
                top,
                length,
                BAR_HEIGHT,
                color(engine)));
    }

    private void faint(String text) {
        text(MARGIN, text, "fill=\"" + FAINT_INK + "\"");
    }

    private void text(int x, String text, String attributes) {
        body.append(String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\" %s xml:space=\"preserve\">%s</text>\n",
                x,
                y,
                attributes,
                escaped(text)));
    }

    private static String name(EngineKind engine) {
        return switch (engine) {
            case CLEAVE -> "Cleave";
            case CLEAVE_PLAIN -> "Cleave, uncompressed";
            case CLEAVE_LZ4 -> "Cleave, LZ4";
            case ROCKSDB -> "RocksDB";
            case LMDB -> "LMDB";
            case MVSTORE -> "H2 MVStore";
        };
    }

    /** Apart from each other also for those who don't see red and green. */
    private static String color(EngineKind engine) {
        return switch (engine) {
            case CLEAVE -> "#0b5cad";
            case CLEAVE_PLAIN -> "#8a5fb0";
            case CLEAVE_LZ4 -> "#5aa9e6";
            case ROCKSDB -> "#e08e0b";
            case LMDB -> "#3f9b76";
            case MVSTORE -> "#9a9fa6";
        };
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
