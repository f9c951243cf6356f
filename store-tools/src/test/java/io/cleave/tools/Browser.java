package io.cleave.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;

/** Chromium without a window, one process a page. Belongs to one thread. Closing deletes its files. */
final class Browser implements AutoCloseable {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");

    /** Only a hang reaches it. */
    private static final long SECONDS_MAX = 300;

    private final Path program;
    private final Path scratch;
    private String messages = "";

    private Browser(Path program, Path scratch) {
        this.program = program;
        this.scratch = scratch;
    }

    /** The one on the PATH; where there is none the test is skipped. */
    static Browser orSkip() throws IOException {
        Path found = null;
        for (String directory : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
            for (String name : NAMES) {
                Path program = Path.of(directory, name);
                found = found == null && Files.isExecutable(program) ? program : found;
            }
        }
        assumeTrue(found != null, "no " + String.join(" or ", NAMES) + " on the PATH: the page is not rendered");
        return new Browser(found, Files.createTempDirectory("cleave-browser"));
    }

    /** The page as it looks in a window of that size; {@code isDark} as a user who prefers dark pages. */
    BufferedImage screenshot(Path page, int width, int height, boolean isDark) throws IOException {
        Path image = scratch.resolve("page.png");
        run(
                List.of(
                        "--screenshot=" + image,
                        "--window-size=" + width + "," + height,
                        "--blink-settings=preferredColorScheme=" + (isDark ? 0 : 1)),
                page);
        BufferedImage read = ImageIO.read(image.toFile());
        Files.delete(image);
        return read;
    }

    /** The document after it was loaded, as HTML. */
    String document(Path page) throws IOException {
        return run(List.of("--dump-dom"), page);
    }

    /** What the last page told the console: failed loads, refused loads, errors of scripts. */
    List<String> console() {
        return messages.lines().filter(line -> line.contains(":CONSOLE")).toList();
    }

    /** Parts of the browser may outlive it for a moment and still write: what they leave is no failure of a test. */
    @Override
    public void close() {
        try {
            DirectoryTree.delete(scratch);
        } catch (UncheckedIOException e) {
            assert Files.exists(scratch) : e;
        }
    }

    private String run(List<String> options, Path page) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--no-first-run",
                "--hide-scrollbars",
                "--force-device-scale-factor=1",
                "--enable-logging=stderr",
                "--user-data-dir=" + scratch.resolve("profile")));
        command.addAll(options);
        command.add(page.toUri().toString());
        Path out = scratch.resolve("out");
        Path err = scratch.resolve("err");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        try {
            assertTrue(process.waitFor(SECONDS_MAX, TimeUnit.SECONDS), "the browser hangs");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the browser ran", e);
        } finally {
            process.destroyForcibly();
        }
        messages = Files.readString(err, StandardCharsets.UTF_8);
        assertEquals(0, process.exitValue(), messages);
        return Files.readString(out, StandardCharsets.UTF_8);
    }
}
