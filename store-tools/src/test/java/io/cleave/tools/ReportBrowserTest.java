package io.cleave.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of a report in a browser: something is drawn, it fits narrow and wide windows, nothing is loaded or run. */
final class ReportBrowserTest {
    private static final int MAIN_LIGHT = 0x4f7cac;
    private static final int TOMBSTONES_LIGHT = 0x84192a;
    private static final int STRIP_LIGHT = 0x3d4650;
    private static final int MAIN_DARK = 0x6f9fd0;
    private static final int PAGE_DARK = 0x111418;

    /** Tells what it finds of a page in a frame of a given width: the page itself may run no script. */
    private static final String GAUGE = """
            <!DOCTYPE html><iframe id="f" style="border:0;width:%dpx;height:900px" srcdoc="%s"></iframe><p id="found"></p>
            <script>
            addEventListener('load', () => {
              const page = document.getElementById('f').contentDocument;
              const hit = page.querySelector('.hit');
              let tips = 'none';
              if (hit) {
                const tip = hit.nextElementSibling;
                const style = page.defaultView.getComputedStyle(tip);
                tips = style.visibility;
                hit.focus();
                tips += '-' + style.visibility + '-' + (tip.getBoundingClientRect().right <= %d);
              }
              document.getElementById('found').textContent = 'scroll=' + page.documentElement.scrollWidth
                + ' bars=' + page.querySelectorAll('svg.plot').length + ' tips=' + tips
                + ' scripts=' + page.querySelectorAll('script,img').length;
            });
            </script>
            """;

    private static final Pattern FOUND = Pattern.compile("<p id=\"found\">([^<]*)</p>");

    @TempDir
    private Path directory;

    private Browser browser;
    private Path page;

    @BeforeEach
    void makePage() throws IOException {
        browser = Browser.orSkip();
        page = directory.resolve("report.html");
        CommandRun.lines("report", ReportFixture.closed(directory.resolve("store")), "-o", page);
    }

    @AfterEach
    void closeBrowser() {
        if (browser != null) {
            browser.close();
        }
    }

    @Test
    void theSegmentsAreDrawnInTheirColours() throws IOException {
        Map<Integer, Integer> light = colours(browser.screenshot(page, 1280, 3000, false));
        assertEquals(List.of(), browser.console());
        assertTrue(light.size() > 50, light.size() + " colours: the page is blank");
        assertTrue(count(light, MAIN_LIGHT) > 100_000, "pixels of main runs: " + count(light, MAIN_LIGHT));
        assertTrue(count(light, TOMBSTONES_LIGHT) > 100, "pixels of tombstones: " + count(light, TOMBSTONES_LIGHT));
        assertTrue(count(light, STRIP_LIGHT) > 2_000, "pixels of the strips: " + count(light, STRIP_LIGHT));
        assertEquals(0, count(light, MAIN_DARK));
    }

    @Test
    void aUserWhoPrefersDarkPagesGetsOne() throws IOException {
        Map<Integer, Integer> dark = colours(browser.screenshot(page, 1280, 3000, true));
        assertTrue(count(dark, PAGE_DARK) > 100_000, "pixels of the background: " + count(dark, PAGE_DARK));
        assertTrue(count(dark, MAIN_DARK) > 100_000, "pixels of main runs: " + count(dark, MAIN_DARK));
        assertEquals(0, count(dark, MAIN_LIGHT));
    }

    @Test
    void nothingOverflowsAndFocusShowsTheFigures() throws IOException {
        String text = Files.readString(page);
        for (int width : new int[] {375, 768, 1280}) {
            assertEquals("scroll=" + width + " bars=3 tips=hidden-visible-true scripts=0", gauge(text, width));
        }
        assertEquals(List.of(), browser.console());
        String wide = text.replace("<main>", "<main><div style=\"width:500px\">wide</div>");
        assertTrue(gauge(wide, 375).startsWith("scroll=512 "), "the gauge sees no overflow: " + gauge(wide, 375));
    }

    @Test
    void thePolicyKeepsScriptsFromRunning() throws IOException {
        Path hostile = directory.resolve("hostile.html");
        Files.writeString(
                hostile, Files.readString(page).replace("<main>", "<main><script>document.title = 'ran'</script>"));
        assertTrue(!browser.document(hostile).contains("<title>ran</title>"), "the script ran");
        assertTrue(browser.console().size() > 0, "the console tells nothing of a script that was refused");
    }

    private String gauge(String text, int width) throws IOException {
        Path gauge = directory.resolve("gauge.html");
        Files.writeString(gauge, GAUGE.formatted(width, Html.escaped(text), width));
        String document = browser.document(gauge);
        Matcher found = FOUND.matcher(document);
        assertTrue(found.find(), "the gauge did not run");
        return found.group(1);
    }

    private static int count(Map<Integer, Integer> colours, int colour) {
        return colours.getOrDefault(colour, 0);
    }

    private static Map<Integer, Integer> colours(BufferedImage image) {
        Map<Integer, Integer> colours = new HashMap<>();
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                colours.merge(image.getRGB(x, y) & 0xFFFFFF, 1, Integer::sum);
            }
        }
        return colours;
    }
}
