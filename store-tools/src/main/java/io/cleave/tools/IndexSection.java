package io.cleave.tools;

import io.cleave.inspect.IndexLook;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The part of a report about one index: its map of segments, the figures of each bar, the same in a table. */
final class IndexSection {
    private static final int ROWS_SHOWN = 16;
    private static final int TICKS = 4;
    /** Height of a label, of that of the bars. */
    private static final double LABEL_SHARE = 0.06;

    private static final DateTimeFormatter MINUTES =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final Html html;
    private final SegmentMap map;
    private final SegmentMap.Width width;
    private final long segmentBytes;
    private final long takenMillis;
    private final ByteAxis axis;
    private final String id;

    /**
     * Writes into {@code html}.
     *
     * @param segmentBytes what a full segment is, 0 to take the largest one for full
     */
    IndexSection(Html html, SegmentMap map, SegmentMap.Width width, long segmentBytes, long takenMillis) {
        this.html = html;
        this.map = map;
        this.width = width;
        this.segmentBytes = segmentBytes;
        this.takenMillis = takenMillis;
        this.axis = ByteAxis.of(Math.max(segmentBytes, map.largestBytes()));
        this.id = id(map.look());
    }

    /** Where the section of an index is in the page. */
    static String id(IndexLook look) {
        return "i" + look.indexId();
    }

    /** Date and minute, in UTC; a dash for 0. */
    static String minute(long millis) {
        return millis == 0 ? "–" : MINUTES.format(Instant.ofEpochMilli(millis));
    }

    void write() {
        IndexLook look = map.look();
        html.open("section", "id", id, "aria-labelledby", id + "h");
        html.open("h2", "id", id + "h").text("Index ").element("bdi", PrintableText.name(look.name()));
        html.close("h2");
        html.element("p", summary(), "class", "soft");
        if (map.largestBytes() == 0) {
            html.element("p", "No run yet: what it holds, if anything, is only in the log.", "class", "note");
        } else {
            html.open("div", "class", "chart");
            axis();
            html.open("div", "class", "map");
            new SegmentDrawing(html, map, axis, takenMillis)
                    .draw(id, "Segments of index " + PrintableText.name(look.name()), description(), segmentBytes);
            for (int i = 0; i < map.bars().size(); i++) {
                hit(map.bars().get(i), i);
            }
            ticks();
            if (map.bars().size() < map.look().segments().size()) {
                html.element("p", "A bar stands for several neighbours; its height is their average.", "class", "note");
            }
            html.close("div").close("div");
        }
        table();
        html.close("section").line();
    }

    private String summary() {
        IndexLook look = map.look();
        long tombstones = look.segments().stream()
                .mapToLong(segment -> segment.tombstones())
                .sum();
        return Figures.plural(look.segments().size(), "segment") + ", " + Figures.plural(look.runs(), "run") + ", "
                + entries(look.entries(), tombstones) + ", " + Figures.bytes(look.runBytes()) + ". Id "
                + look.indexId() + ", key map version " + look.keyMapVersion() + ".";
    }

    private String description() {
        return summary() + " Left to right in key order; the width of a bar stands for its "
                + width.name().toLowerCase(Locale.ROOT) + ", its height for the bytes of its runs. The full height is "
                + axis.labels().get(axis.steps()) + ". The table below has the same figures.";
    }

    private void axis() {
        html.open("div", "class", "axis", "aria-hidden", "true");
        double full = segmentBytes / axis.fullBytes();
        List<String> labels = axis.labels();
        for (int mark = 0; mark <= axis.steps(); mark++) {
            // Where the line of a full segment is, its word stands instead.
            if (segmentBytes <= 0 || Math.abs(axis.share(mark) - full) > LABEL_SHARE) {
                tick(labels.get(mark), (int) (SegmentDrawing.BARS_HEIGHT * (1 - axis.share(mark))));
            }
        }
        if (segmentBytes > 0) {
            tick("full", (int) (SegmentDrawing.BARS_HEIGHT * (1 - full)));
        }
        html.close("div");
    }

    private void tick(String label, int top) {
        html.element("span", label, "style", "top:" + top + "px");
    }

    private void hit(SegmentBar bar, int number) {
        String tip = id + "b" + number;
        String place = "left:" + SegmentDrawing.percent(bar.left()) + ";width:" + SegmentDrawing.percent(bar.width());
        html.open("a", "class", "hit", "style", place, "href", "#" + id + "r" + number, "aria-label", named(bar));
        html.close("a");
        html.open("div", "class", "tip", "id", tip, "role", "tooltip");
        html.element("b", named(bar));
        html.open("span").text("keys from ").element("bdi", lower(bar)).text(" up to ");
        html.element("bdi", upper(bar)).close("span");
        SegmentBar.Piece total = bar.total();
        html.element("span", entries(total.entries(), total.tombstones()));
        html.element("span", Figures.bytes(total.bytes()) + ", " + fill(bar) + ": " + runs(bar));
        html.element("span", "last written " + written(bar)).close("div").line();
    }

    /** Lower keys under the first bar and each that begins a quarter of the width behind the last one that has its key. */
    private void ticks() {
        html.open("div", "class", "ticks", "aria-hidden", "true");
        double free = 0;
        for (SegmentBar bar : map.bars()) {
            if (bar.left() >= free - 1e-9 && bar.left() < 0.8) {
                html.element("bdi", lower(bar), "style", "left:" + SegmentDrawing.percent(bar.left()));
                free = bar.left() + 1.0 / TICKS;
            }
        }
        html.close("div");
    }

    private void table() {
        List<SegmentBar> bars = map.bars();
        boolean isLong = bars.size() > ROWS_SHOWN;
        if (isLong) {
            html.open("details").element("summary", "The same figures in a table, " + bars.size() + " rows");
        }
        html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Table of segments");
        html.open("table", "class", "large").open("thead").open("tr");
        html.element("th", "Segment", "scope", "col").element("th", "From key", "scope", "col");
        html.element("th", "Up to key", "scope", "col", "class", "upto");
        for (String name : List.of("Entries", "Tombstones", "Size", "Fill")) {
            html.element("th", name, "scope", "col", "class", "n");
        }
        html.element("th", "Runs", "scope", "col").element("th", "Last written (UTC)", "scope", "col");
        html.close("tr").close("thead").line().open("tbody");
        for (int i = 0; i < bars.size(); i++) {
            row(bars.get(i), i);
        }
        html.close("tbody").close("table").close("div");
        if (isLong) {
            html.close("details");
        }
    }

    private void row(SegmentBar bar, int number) {
        SegmentBar.Piece total = bar.total();
        html.open("tr", "id", id + "r" + number);
        html.element("th", bar.isGroup() ? bar.segments().size() + " from " + bar.id() : bar.id(), "scope", "row");
        html.open("td", "class", "key").element("bdi", lower(bar)).close("td");
        html.open("td", "class", "key upto").element("bdi", upper(bar)).close("td");
        html.element("td", Figures.count(total.entries()), "class", "n");
        html.element("td", Figures.count(total.tombstones()), "class", "n");
        html.element("td", Figures.bytes(total.bytes()), "class", "n");
        html.element("td", percent(bar), "class", "n");
        html.element("td", runs(bar), "class", "runs").element("td", minute(bar.writtenMillis()), "class", "nowrap");
        html.close("tr").line();
    }

    private static String named(SegmentBar bar) {
        return bar.isGroup()
                ? bar.segments().size() + " neighbouring segments, the first is " + bar.id()
                : "Segment " + bar.id();
    }

    private static String lower(SegmentBar bar) {
        return bar.lower() == null ? "(first)" : PrintableText.key(bar.lower());
    }

    private static String upper(SegmentBar bar) {
        return bar.upper() == null ? "(last)" : PrintableText.key(bar.upper());
    }

    private static String entries(long entries, long tombstones) {
        String share = tombstones == 0
                ? "no tombstones"
                : String.format(Locale.ROOT, "%.1f %% tombstones", 100.0 * tombstones / Math.max(1, entries));
        return Figures.plural(entries, "entry") + ", " + share;
    }

    private String percent(SegmentBar bar) {
        double full = (double) scale() * bar.segments().size();
        return String.format(Locale.ROOT, "%.0f %%", 100.0 * bar.total().bytes() / full);
    }

    private String fill(SegmentBar bar) {
        String of = segmentBytes > 0 ? Figures.bytes(segmentBytes) : "the largest";
        return (bar.isGroup() ? "on average " : "") + percent(bar) + " of " + of;
    }

    private long scale() {
        return Math.max(1, segmentBytes > 0 ? segmentBytes : map.largestBytes());
    }

    /** Sizes of its runs, the main run first. */
    private static String runs(SegmentBar bar) {
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < bar.runs().size(); i++) {
            SegmentBar.Piece run = bar.runs().get(i);
            String kind = i == 0 ? "main" : "delta";
            parts.add((run.runs() == 1 ? kind : Figures.plural(run.runs(), kind + " run")) + " "
                    + Figures.bytes(run.bytes()));
        }
        return parts.isEmpty() ? "no run" : String.join(", ", parts);
    }

    private String written(SegmentBar bar) {
        return bar.writtenMillis() == 0
                ? "at a time that could not be read"
                : Figures.age(takenMillis - bar.writtenMillis()) + ", " + minute(bar.writtenMillis()) + " UTC";
    }
}
