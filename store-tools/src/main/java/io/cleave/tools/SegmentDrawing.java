package io.cleave.tools;

import java.util.List;
import java.util.Locale;

/**
 * A segment map as SVG: each bar the stack of its runs, the main run at the bottom; below it a strip that tells when it was
 * written last. Widths are in percent, heights in pixels, so the drawing fits any page. Belongs to one thread.
 */
final class SegmentDrawing {
    /** Height of the bars' area, in pixels. */
    static final int BARS_HEIGHT = 200;

    /** Height of the whole drawing, in pixels. */
    static final int HEIGHT = BARS_HEIGHT + 14;

    /** Beyond so many bars there is no room for gaps. */
    private static final int GAPS_MAX = 60;

    private static final double RUN_HEIGHT_MIN = 1.5;
    private static final int STRIP_TOP = BARS_HEIGHT + 5;
    private static final int STRIP_HEIGHT = 8;
    private static final int[] TOMBSTONE_PERCENT = {1, 10, 25, 50};
    private static final long HOUR_MILLIS = 3_600_000;
    private static final long[] AGE_HOURS = {1, 24, 7 * 24, 30 * 24};

    /** What the colours of the bars mean, from class t0 on. */
    static final List<String> TOMBSTONE_NAMES = List.of("under 1 %", "1–10 %", "10–25 %", "25–50 %", "50 % and more");

    /** What the shades of the strip mean, from class a0 on. */
    static final List<String> AGE_NAMES =
            List.of("last hour", "last day", "last 7 days", "last 30 days", "longer ago or unknown");

    private final Html html;
    private final SegmentMap map;
    private final ByteAxis axis;
    private final long takenMillis;

    /** Draws into {@code html}; {@code axis} is the scale of the height. */
    SegmentDrawing(Html html, SegmentMap map, ByteAxis axis, long takenMillis) {
        this.html = html;
        this.map = map;
        this.axis = axis;
        this.takenMillis = takenMillis;
    }

    /**
     * Writes the drawing.
     *
     * @param id unique in the page
     * @param title what the drawing shows
     * @param description its figures in a sentence
     * @param limitBytes height of a line across the bars, 0 for none
     */
    void draw(String id, String title, String description, long limitBytes) {
        boolean isDense = map.bars().size() > GAPS_MAX;
        html.open(
                "svg",
                "class",
                isDense ? "plot dense" : "plot",
                "width",
                "100%",
                "height",
                HEIGHT,
                "role",
                "img",
                "aria-labelledby",
                id + "t " + id + "d");
        html.element("title", title, "id", id + "t").element("desc", description, "id", id + "d");
        for (int mark = 0; mark <= axis.steps(); mark++) {
            String y = pixels(BARS_HEIGHT * (1 - axis.share(mark)) + (mark == axis.steps() ? 0.5 : -0.5));
            html.shape("line", "class", "grid", "x1", "0", "x2", "100%", "y1", y, "y2", y);
        }
        for (SegmentBar bar : map.bars()) {
            bar(bar);
        }
        if (limitBytes > 0) {
            String y = pixels(BARS_HEIGHT * (1 - limitBytes / axis.fullBytes()) + 0.5);
            html.shape("line", "class", "limit", "x1", "0", "x2", "100%", "y1", y, "y2", y);
        }
        html.close("svg").line();
    }

    private void bar(SegmentBar bar) {
        String x = percent(bar.left());
        String width = percent(bar.width());
        double bottom = BARS_HEIGHT;
        double mainTop = BARS_HEIGHT;
        for (int i = 0; i < bar.runs().size(); i++) {
            SegmentBar.Piece run = bar.runs().get(i);
            double bytes = (double) run.bytes() / bar.segments().size();
            double height = Math.max(RUN_HEIGHT_MIN, BARS_HEIGHT * bytes / axis.fullBytes());
            bottom -= height;
            rect("t" + tombstoneClass(run), x, bottom, width, height);
            mainTop = i == 0 ? bottom : mainTop;
        }
        if (bottom < mainTop) {
            rect("delta", x, bottom, width, mainTop - bottom);
        }
        rect("a" + ageClass(bar.writtenMillis()), x, STRIP_TOP, width, STRIP_HEIGHT);
        html.line();
    }

    private void rect(String style, String x, double y, String width, double height) {
        html.shape("rect", "class", style, "x", x, "y", pixels(y), "width", width, "height", pixels(height));
    }

    private static int tombstoneClass(SegmentBar.Piece run) {
        int style = 0;
        while (style < TOMBSTONE_PERCENT.length
                && 100.0 * run.tombstones() >= (double) TOMBSTONE_PERCENT[style] * Math.max(1, run.entries())) {
            style++;
        }
        return style;
    }

    private int ageClass(long writtenMillis) {
        int style = 0;
        while (style < AGE_HOURS.length && takenMillis - writtenMillis > AGE_HOURS[style] * HOUR_MILLIS) {
            style++;
        }
        return style;
    }

    /** A share from 0 to 1 as SVG takes it. */
    static String percent(double share) {
        return String.format(Locale.ROOT, "%.3f%%", 100 * share);
    }

    private static String pixels(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
