package io.cleave.tools;

import io.cleave.inspect.Finding;
import io.cleave.inspect.IndexLook;
import io.cleave.inspect.SegmentLook;
import io.cleave.inspect.VerificationDepth;
import io.cleave.log.LogFileInfo;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A store as one HTML page that loads nothing and runs nothing: summary, findings, a map of segments for each index, log. Of
 * many indexes the largest are drawn; of many segments neighbours are one bar: the page stays below {@link #BYTES_MAX}.
 */
final class ReportPage {
    /** Longest page there is, in bytes. */
    static final int BYTES_MAX = 2 << 20;

    private static final int INDEXES_MAX = 40;
    private static final int BARS_MAX = 480;
    private static final int BARS_MIN = 12;
    private static final int FINDINGS_MAX = 100;
    private static final int LOG_ROWS_MAX = 100;
    private static final int TEXT_MAX = 300;
    private static final String POLICY =
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

    private final Html html = new Html();
    private final StoreFacts facts;
    private final SegmentMap.Width width;
    private final long segmentBytes;

    /** What a full segment is: {@code segmentBytes}, or for 0 the largest segment of the index. */
    ReportPage(StoreFacts facts, SegmentMap.Width width, long segmentBytes) {
        this.facts = facts;
        this.width = width;
        this.segmentBytes = segmentBytes;
    }

    /** Writes the page. Called once. */
    String write() {
        String name = PrintableText.of(cut(String.valueOf(facts.directory().getFileName())));
        html.open("html", "lang", "en").open("head").only("meta", "charset", "utf-8");
        html.only("meta", "http-equiv", "Content-Security-Policy", "content", POLICY);
        html.only("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        html.only("meta", "name", "color-scheme", "content", "light dark");
        html.only("meta", "name", "referrer", "content", "no-referrer");
        html.element("title", "Store " + name).line();
        html.style(ReportStyle.SHEET).close("head").line().open("body");
        html.open("header").element("p", "Cleave store", "class", "over").element("h1", name);
        html.open("p", "class", "soft")
                .element("span", PrintableText.of(cut(facts.directory().toString())), "class", "mono");
        html.text(", " + IndexSection.minute(facts.times().taken()) + " UTC")
                .close("p")
                .close("header")
                .line();
        html.open("main");
        hatch();
        summary();
        findings();
        List<IndexLook> drawn = drawn();
        indexes(drawn);
        if (facts.runs() > 0) {
            legends();
        }
        int bars = Math.max(BARS_MIN, BARS_MAX / Math.max(1, drawn.size()));
        for (IndexLook look : drawn) {
            SegmentMap map = SegmentMap.of(look, width, bars, facts.times()::writtenMillis);
            new IndexSection(html, map, width, segmentBytes, facts.times().taken()).write();
        }
        log();
        html.close("main").line();
        html.element(
                "footer",
                "Written by cleave report from the store's files. Entries that are only in the log are not counted; entries"
                        + " are counted with all their versions and tombstones. Times are those of the files.");
        html.close("body").close("html").line();
        return "<!DOCTYPE html>\n" + html;
    }

    /** The pattern over deltas, for all drawings. */
    private void hatch() {
        html.open("svg", "class", "off", "aria-hidden", "true").open("defs");
        html.open(
                "pattern",
                "id",
                "hatch",
                "width",
                "5",
                "height",
                "5",
                "patternUnits",
                "userSpaceOnUse",
                "patternTransform",
                "rotate(45)");
        html.shape("line", "class", "hatch", "x1", "0", "y1", "0", "x2", "0", "y2", "5");
        html.close("pattern").close("defs").close("svg").line();
    }

    private void summary() {
        html.open("section", "aria-label", "Summary").open("dl", "class", "tiles");
        fact("Entries", Figures.count(facts.entries()));
        fact("Tombstones", Figures.count(facts.tombstones()));
        fact("Indexes", Figures.count(facts.indexes().size()));
        fact("Segments", Figures.count(facts.segments()));
        fact("Runs", Figures.count(facts.runs()));
        fact("Size of runs", Figures.bytes(facts.runBytes()));
        fact("Size of log", Figures.bytes(facts.logBytes()));
        fact("Only in the log", "about " + Figures.plural(facts.operationsNotInRuns(), "operation"));
        html.close("dl").open("dl", "class", "wide");
        html.open("div")
                .element("dt", "Identity")
                .element("dd", facts.identity(), "class", "mono")
                .close("div");
        fact("Format versions", facts.versions());
        fact("Log", Figures.plural(facts.log().size(), "file"));
        fact(
                "Full segment",
                segmentBytes > 0
                        ? Figures.bytes(segmentBytes) + ", as given"
                        : "the largest of its index is taken for full; --segment-bytes tells the store's option");
        html.close("dl").close("section").line();
    }

    private void fact(String name, String value) {
        html.open("div").element("dt", name).element("dd", value).close("div");
    }

    private void findings() {
        List<Finding> findings = facts.verdict().findings();
        html.open("section", "aria-labelledby", "findings").element("h2", "Check", "id", "findings");
        boolean read = facts.depth() == VerificationDepth.ENTRIES;
        html.element("p", state(findings), "class", "state " + style(findings));
        html.element(
                "p",
                "Names, catalog, key maps, manifests and the frames of all runs were checked, "
                        + (read
                                ? "and every entry and log record was read."
                                : "entries and log records were not: cleave verify reads them, and so does --verify here."),
                "class",
                "soft");
        if (!findings.isEmpty()) {
            html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Findings");
            head("large", "Severity", "Index", "File", "Offset", "Rule", "Expected", "Found");
            findings.stream().limit(FINDINGS_MAX).forEach(this::finding);
            html.close("tbody").close("table").close("div");
            more(findings.size() - FINDINGS_MAX, "finding");
        }
        html.close("section").line();
    }

    /** Says of a store that it is sound only when every byte was read. */
    private String state(List<Finding> findings) {
        String count = findings.isEmpty() ? "no finding" : Figures.plural(findings.size(), "finding");
        if (facts.verdict().damaged()) {
            long errors = findings.stream()
                    .filter(finding -> finding.severity() == Finding.Severity.ERROR)
                    .count();
            return "Damaged: " + Figures.plural(errors, "error") + ", " + count;
        }
        if (!facts.verdict().healthy()) {
            return "Not all could be read: " + count;
        }
        boolean read = facts.depth() == VerificationDepth.ENTRIES;
        String warnings = findings.isEmpty() ? count : Figures.plural(findings.size(), "warning");
        return read ? "Sound: " + warnings : "Entries not checked: " + warnings + " in the structure";
    }

    private String style(List<Finding> findings) {
        boolean read = facts.depth() == VerificationDepth.ENTRIES;
        return !facts.verdict().healthy() ? "bad" : !findings.isEmpty() ? "warn" : read ? "good" : "plain";
    }

    private void finding(Finding finding) {
        boolean isError = finding.severity() != Finding.Severity.WARNING;
        Path file = finding.file().startsWith(facts.directory())
                ? facts.directory().relativize(finding.file())
                : finding.file();
        html.open("tr").element("th", finding.severity(), "scope", "row", "class", isError ? "bad" : "warn");
        html.element("td", finding.index() == null ? "" : PrintableText.of(cut(finding.index())));
        html.element("td", PrintableText.of(cut(file.toString())), "class", "mono");
        html.element("td", Figures.count(finding.offset()), "class", "n");
        for (String text : List.of(finding.rule(), finding.expected(), finding.found())) {
            html.element("td", PrintableText.of(cut(text)));
        }
        html.close("tr").line();
    }

    private void legends() {
        html.open("section", "aria-labelledby", "maps").element("h2", "Reading the maps", "id", "maps");
        html.element(
                "p",
                "A bar is a segment; left to right is the order of keys. Its width stands for its "
                        + width.name().toLowerCase(Locale.ROOT)
                        + ", its height for the bytes of its runs: the main run at the bottom, deltas on top of it. Point at a"
                        + " bar, or go to it with the tab key, for its figures; follow it to its row in the table.",
                "class",
                "soft");
        html.open("div", "class", "keyed");
        legend("Tombstones", "t", SegmentDrawing.TOMBSTONE_NAMES);
        html.element("span", "Run").open("ul").element("li", "main", "class", "t0");
        html.element("li", "delta", "class", "hatched").close("ul");
        legend("Strip: last written", "a", SegmentDrawing.AGE_NAMES);
        html.close("div").close("section").line();
    }

    private void legend(String what, String style, List<String> names) {
        html.element("span", what).open("ul");
        for (int i = 0; i < names.size(); i++) {
            html.element("li", names.get(i), "class", style + i);
        }
        html.close("ul");
    }

    /** All indexes, or the largest ones in the order of their names. */
    private List<IndexLook> drawn() {
        if (facts.indexes().size() <= INDEXES_MAX) {
            return facts.indexes();
        }
        Set<String> largest = facts.indexes().stream()
                .sorted(Comparator.comparingLong(IndexLook::runBytes).reversed())
                .limit(INDEXES_MAX)
                .map(IndexLook::name)
                .collect(Collectors.toSet());
        return facts.indexes().stream()
                .filter(look -> largest.contains(look.name()))
                .toList();
    }

    private void indexes(List<IndexLook> drawn) {
        if (facts.indexes().size() < 2) {
            return;
        }
        html.open("section", "aria-labelledby", "indexes").element("h2", "Indexes", "id", "indexes");
        html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Table of indexes");
        head("large", "Index", "Segments", "Runs", "Entries", "Tombstones", "Size", "Share");
        for (IndexLook look : drawn) {
            html.open("tr").open("th", "scope", "row").open("a", "href", "#" + IndexSection.id(look));
            html.element("bdi", PrintableText.name(look.name())).close("a").close("th");
            figures(List.of(look));
        }
        Set<String> names = drawn.stream().map(IndexLook::name).collect(Collectors.toSet());
        List<IndexLook> others = facts.indexes().stream()
                .filter(look -> !names.contains(look.name()))
                .toList();
        if (!others.isEmpty()) {
            html.open("tr").element("th", others.size() + " smaller ones, not drawn", "scope", "row");
            figures(others);
        }
        html.close("tbody").close("table").close("div").close("section").line();
    }

    private void figures(List<IndexLook> looks) {
        long bytes = looks.stream().mapToLong(IndexLook::runBytes).sum();
        number(looks.stream().mapToLong(look -> look.segments().size()).sum());
        number(looks.stream().mapToLong(IndexLook::runs).sum());
        number(looks.stream().mapToLong(IndexLook::entries).sum());
        number(looks.stream()
                .flatMap(look -> look.segments().stream())
                .mapToLong(SegmentLook::tombstones)
                .sum());
        html.element("td", Figures.bytes(bytes), "class", "n");
        double share = 100.0 * bytes / Math.max(1, facts.runBytes());
        html.element("td", String.format(Locale.ROOT, "%.1f %%", share), "class", "n");
        html.close("tr").line();
    }

    private void number(long value) {
        html.element("td", Figures.count(value), "class", "n");
    }

    private void log() {
        html.open("section", "aria-labelledby", "log").element("h2", "Log", "id", "log");
        html.element(
                "p",
                Figures.plural(facts.log().size(), "file") + ", " + Figures.bytes(facts.logBytes())
                        + ". Files have their full length from the beginning.",
                "class",
                "soft");
        if (!facts.log().isEmpty()) {
            html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Log files");
            head("narrow", "File", "Size", "First position");
            for (LogFileInfo file : facts.log().stream().limit(LOG_ROWS_MAX).toList()) {
                String name = String.valueOf(file.path().getFileName());
                html.open("tr").element("th", PrintableText.of(cut(name)), "scope", "row", "class", "mono");
                html.element("td", Figures.bytes(file.bytes()), "class", "n");
                String base = file.chain() == null
                        ? "not started"
                        : Figures.count(file.chain().base());
                html.element("td", base, "class", "n").close("tr").line();
            }
            html.close("tbody").close("table").close("div");
            more(facts.log().size() - LOG_ROWS_MAX, "file");
        }
        html.close("section").line();
    }

    /** Begins a table. */
    private void head(String style, String... names) {
        html.open("table", "class", style).open("thead").open("tr");
        for (String name : names) {
            boolean isText = List.of("Severity", "File", "Rule", "Expected", "Found", "Index")
                    .contains(name);
            html.element("th", name, "scope", "col", "class", isText ? "" : "n");
        }
        html.close("tr").close("thead").line().open("tbody");
    }

    private void more(int count, String what) {
        if (count > 0) {
            html.element("p", "and " + Figures.plural(count, what) + " more", "class", "soft");
        }
    }

    private static String cut(String text) {
        return text.length() <= TEXT_MAX ? text : text.substring(0, TEXT_MAX) + "…";
    }
}
