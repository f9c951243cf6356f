package io.cleave.tools;

import io.cleave.inspect.StoreInspection;
import io.cleave.inspect.VerificationDepth;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cleave report}. */
@Command(
        name = "report",
        description =
                "Write a store as one HTML page: what it is, whether its structure is sound, and a map of the segments of each"
                        + " index with their runs, sizes, tombstones and ages. The page loads nothing and runs nothing. Changes"
                        + " nothing, works beside a process that has the store open. Entries that are only in the log are not"
                        + " counted. Exit code 1 when there is damage.")
final class ReportCommand extends InspectionCommand {
    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where to write the page, outside of the store; what is there is replaced."
                    + " Default: standard output.")
    private Path output;

    @Option(names = "--index", paramLabel = "NAME", description = "Only this index. Default: all.")
    private String index;

    @Option(
            names = "--width",
            paramLabel = "WHAT",
            defaultValue = "entries",
            description = "What the width of a segment stands for: ${COMPLETION-CANDIDATES}.")
    private SegmentMap.Width width;

    @Option(
            names = "--segment-bytes",
            paramLabel = "BYTES",
            defaultValue = "0",
            showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
            description = "The store's segmentBytesMax: what a full segment is. Default: the largest of each index.")
    private long segmentBytes;

    @Option(
            names = "--verify",
            description =
                    "Read every entry and log record, as cleave verify does. Without it the page says that they were not"
                            + " checked.")
    private boolean verify;

    @Override
    public Integer call() {
        if (segmentBytes < 0) {
            throw new UsageException("--segment-bytes: expected a positive number, found " + segmentBytes);
        }
        StoreInspection inspection = inspection();
        VerificationDepth depth = verify ? VerificationDepth.ENTRIES : VerificationDepth.STRUCTURE;
        StoreFacts facts = StoreFacts.of(storage(), inspection, looks(inspection, index), depth);
        Path target = output == null ? null : target();
        String page = new ReportPage(facts, width, segmentBytes).write();
        if (target == null) {
            terminal().out().print(page);
        } else {
            replace(target, page.getBytes(StandardCharsets.UTF_8));
            print(String.format(
                    Locale.ROOT,
                    "%s: %s, %s, %s",
                    output,
                    Figures.plural(facts.indexes().size(), "index"),
                    Figures.plural(facts.segments(), "segment"),
                    Figures.plural(facts.verdict().findings().size(), "finding")));
        }
        return facts.verdict().healthy() ? Cleave.OK : Cleave.FAILED;
    }

    /** Where to write, once it is known to be a place for a page. */
    private Path target() {
        Path absolute = output.toAbsolutePath().normalize();
        try {
            if (absolute.getParent() == null || !Files.isDirectory(absolute.getParent())) {
                throw new CommandException(output + ": expected a file in a directory that exists");
            }
            Path real = absolute.getParent().toRealPath().resolve(absolute.getFileName());
            if (real.startsWith(store().toRealPath())) {
                throw new CommandException(output + ": expected a file outside of the store " + store());
            }
            if (Files.exists(real, LinkOption.NOFOLLOW_LINKS)
                    && !Files.isRegularFile(real, LinkOption.NOFOLLOW_LINKS)) {
                throw new CommandException(output + ": expected a regular file or nothing, found something else");
            }
            return real;
        } catch (IOException e) {
            throw new CommandException(output + ": " + e, e);
        }
    }

    /** Whoever looks at the target finds what was there before or the whole page. */
    private static void replace(Path target, byte[] page) {
        Path temporary = null;
        try {
            temporary = Files.createTempFile(target.getParent(), "." + target.getFileName(), ".tmp");
            Files.write(temporary, page);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            deleteQuietly(temporary, e);
            throw new CommandException(target + " could not be written: " + e, e);
        }
    }

    private static void deleteQuietly(Path temporary, IOException cause) {
        try {
            if (temporary != null) {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }
}
