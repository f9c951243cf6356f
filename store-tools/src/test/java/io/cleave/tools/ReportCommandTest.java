package io.cleave.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.SegmentStore;
import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.Storage;
import io.cleave.inspect.Finding;
import io.cleave.inspect.IndexLook;
import io.cleave.inspect.StoreInspection;
import io.cleave.inspect.VerificationDepth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the page of a report holds and what never gets into it, and how the command says no. */
final class ReportCommandTest {
    private static final Pattern TAG = Pattern.compile("</?([a-zA-Z!][^\\s/>]*)([^>]*)>");
    private static final Pattern ATTRIBUTE = Pattern.compile("\\s([^\\s=\"]+)=\"[^\"]*\"");

    private static final Set<String> TAGS = Set.of(
            ("!DOCTYPE html head meta title style body header main footer section h1 h2 p span b bdi a div dl dt dd ul li"
                            + " table thead tbody tr th td details summary svg defs pattern line rect desc")
                    .split(" "));
    private static final Set<String> ATTRIBUTES = Set.of(
            ("lang charset http-equiv content name class id style href role tabindex scope title width height x y x1 x2 y1"
                            + " y2 patternUnits patternTransform aria-label aria-labelledby aria-hidden")
                    .split(" "));

    @TempDir
    private Path directory;

    private Path store;
    private Path target;

    @BeforeEach
    void makeStore() {
        store = ReportFixture.closed(directory.resolve("store"));
        target = directory.resolve("report.html");
    }

    @Test
    void namesAndKeysNeverBecomeMarkup() {
        String page = page();
        assertEquals(Set.of(), strangers(page));
        assertTrue(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "the name is not shown");
        assertTrue(page.contains("&quot;\\&quot;&#39;&gt;&lt;img src=x "), "the key is not shown");
        assertTrue(page.contains(">a &quot;b&quot; &amp; &#39;c&#39;<"), "the quoted name is not shown");
        assertTrue(page.contains("<bdi>0xff"), "no key in hexadecimal digits");
    }

    @Test
    void anIndexThatAWriterWasAlwaysFasterThanIsNotShownAsRead() {
        Storage storage = RealStorage.open();
        StoreInspection inspection = new StoreInspection(storage, store);
        IndexLook look = inspection.index("main");
        Finding unread = new Finding(
                Finding.Severity.UNREAD, look.directory(), 0, "one state", "a moment", "a fast writer", "main");
        IndexLook partial = new IndexLook(
                "main", look.directory(), look.keyMap(), look.segments().subList(0, 1), List.of(unread));
        StoreFacts facts = StoreFacts.of(storage, inspection, List.of(partial), VerificationDepth.STRUCTURE);
        assertFalse(facts.verdict().healthy());
        assertFalse(facts.verdict().damaged());
        String page = new ReportPage(facts, SegmentMap.Width.ENTRIES, 0).write();
        assertTrue(page.contains("Not all could be read: 1 finding"), page);
        assertTrue(page.contains("a fast writer"), page);
    }

    @Test
    void strangersAreSeen() {
        assertEquals(Set.of("script"), strangers("<p>x</p><script>"));
        assertEquals(Set.of("onclick"), strangers("<p onclick=\"x\">"));
    }

    @Test
    void thePageLoadsNothing() {
        String page = page();
        assertTrue(
                page.contains("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;;"),
                page);
        assertTrue(count("href=\"(?!#)", page) == 0, "a link leads outside");
        assertTrue(count("url\\((?!#hatch\\))", page) == 0, "a style loads");
        assertFalse(page.contains("://"), "there is an address");
        assertFalse(page.contains("@import"), "a style loads");
    }

    @Test
    void theFiguresAreThoseOfStat() {
        String page = page();
        String stat = CommandRun.lines("stat", store, "--json").get(0);
        long segments = count("\"lower\":", stat);
        assertTrue(segments > 12, stat);
        assertEquals(segments, count("<tr id=\"i\\d+r\\d+\">", page));
        assertEquals(segments - 1, count("class=\"hit\"", page), "a bar for each segment but that of the empty index");
        assertTrue(page.contains("<dt>Segments</dt><dd>" + segments + "</dd>"), page);
        long entries = sum(stat, "\"id\":\\d+,\"entries\":(\\d+)");
        assertTrue(page.contains("<dt>Entries</dt><dd>" + Figures.count(entries) + "</dd>"), page);
        assertTrue(page.contains("<dt>Format versions</dt><dd>metadata 2, runs 1, log 2</dd>"), page);
        assertTrue(page.contains("Entries not checked: no finding in the structure"), page);
        assertTrue(page("--verify").contains("Sound: no finding"));
    }

    @Test
    void oneIndexAloneAndTheSizeOfAFullSegmentCanBeAskedFor() {
        String page = page("--index", "main", "--segment-bytes", "1048576", "--width", "bytes");
        assertFalse(page.contains("&lt;script"), page);
        assertTrue(page.contains("class=\"limit\""), "no line at the size of a full segment");
        assertTrue(page.contains(" of 1.0 MiB: main "), page);
        assertTrue(page.contains("width stands for its bytes"), page);
        assertFalse(page().contains("class=\"limit\""), "a line without a size");
        CommandRun.of("report", store, "--index", "none").refused(1, "no index");
        CommandRun.of("report", store, "--segment-bytes", "-1").refused(2, "--segment-bytes");
        CommandRun.of("report", store, "--width", "age").refused(2, "--width");
    }

    @Test
    void withoutATargetThePageGoesToStandardOutput() {
        CommandRun run = CommandRun.of("report", store);
        assertEquals(0, run.code());
        assertTrue(run.out().startsWith("<!DOCTYPE html>\n<html lang=\"en\">"), run::out);
        assertTrue(run.out().endsWith("</html>\n"), run::out);
    }

    @Test
    void aStoreInUseIsReported() {
        try (SegmentStore open = SegmentStore.open(store)) {
            open.index("main").put(ReportFixture.key("town/new"), new byte[9]);
            assertTrue(page("--verify").contains("Sound: no finding"));
        }
    }

    @Test
    void whatIsWrongIsListedAndEndsWithOne() throws IOException {
        Files.createFile(store.resolve("<i>&notes"));
        assertEquals(0, CommandRun.of("report", store, "-o", target).code());
        String page = Files.readString(target);
        assertTrue(page.contains("Entries not checked: 1 warning in the structure"), page);
        assertTrue(page.contains("&lt;i&gt;&amp;notes"), page);
        Files.createDirectory(store.resolve("index-00099"));
        assertEquals(1, CommandRun.of("report", store, "-o", target).code());
        assertTrue(Files.readString(target).contains("Damaged: 1 error, 2 findings"));
    }

    @Test
    void aStoreThatCannotBeReadLeavesWhatWasThere() throws IOException {
        CommandRun.of("report", directory.resolve("absent"), "-o", target).refused(1, "no store in");
        assertFalse(Files.exists(target));
        Files.writeString(target, "before");
        CommandRun.of("report", directory.resolve("absent"), "-o", target).refused(1, "no store in");
        assertEquals("before", Files.readString(target));
        onlyTheTargetIsThere();
    }

    @Test
    void theTargetIsReplacedWholeAndNothingElseIsLeft() throws IOException {
        Files.writeString(target, "before");
        assertEquals(
                List.of(target + ": 4 indexes, "),
                CommandRun.lines("report", store, "-o", target).stream()
                        .map(line -> line.replaceAll("\\d+ segments.*", ""))
                        .toList());
        assertTrue(Files.readString(target).endsWith("</html>\n"));
        onlyTheTargetIsThere();
    }

    @Test
    void aTargetInTheStoreOrThatIsNoFileIsRefused() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link"), store);
        List<String> before = names(store);
        for (Path inside :
                List.of(store.resolve("r.html"), store.resolve("log").resolve("r.html"), link.resolve("r.html"))) {
            CommandRun.of("report", store, "-o", inside).refused(1, "outside of the store");
            CommandRun.of("report", link, "-o", inside).refused(1, "outside of the store");
        }
        assertEquals(before, names(store));
        CommandRun.of("report", store, "-o", directory).refused(1, "expected a regular file");
        CommandRun.of("report", store, "-o", link).refused(1, "expected a regular file");
        CommandRun.of("report", store, "-o", directory.resolve("none").resolve("r.html"))
                .refused(1, "a directory that exists");
    }

    private void onlyTheTargetIsThere() {
        assertEquals(List.of("report.html", "store"), names(directory));
    }

    private static List<String> names(Path directory) {
        String[] names = directory.toFile().list();
        Arrays.sort(names);
        return List.of(names);
    }

    private String page(Object... options) {
        Object[] arguments = new Object[options.length + 2];
        arguments[0] = "report";
        arguments[1] = store;
        System.arraycopy(options, 0, arguments, 2, options.length);
        return String.join("\n", CommandRun.lines(arguments));
    }

    /** Tags and attributes that no report has; text between tags holds no angle bracket. */
    private static Set<String> strangers(String page) {
        Set<String> strangers = new TreeSet<>();
        for (MatchResult tag : TAG.matcher(page).results().toList()) {
            strangers.add(tag.group(1));
            ATTRIBUTE.matcher(tag.group(2)).results().forEach(attribute -> strangers.add(attribute.group(1)));
        }
        strangers.removeAll(TAGS);
        strangers.removeAll(ATTRIBUTES);
        String text = TAG.matcher(page.replaceAll("(?s)<style>.*?</style>", "")).replaceAll("");
        if (text.indexOf('<') >= 0 || text.indexOf('>') >= 0) {
            strangers.add("an angle bracket in the text");
        }
        return strangers;
    }

    private static long count(String pattern, String text) {
        return Pattern.compile(pattern).matcher(text).results().count();
    }

    private static long sum(String text, String pattern) {
        return Pattern.compile("\"keyMapVersion\"|" + pattern)
                .matcher(text)
                .results()
                .filter(match -> match.group(1) != null)
                .mapToLong(match -> Long.parseLong(match.group(1)))
                .sum();
    }
}
