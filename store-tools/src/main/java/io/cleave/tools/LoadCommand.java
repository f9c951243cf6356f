package io.cleave.tools;

import io.cleave.IndexOptions;
import io.cleave.SegmentIndex;
import io.cleave.SegmentStore;
import io.cleave.WriteBatch;
import io.cleave.core.entry.EntryLimits;
import io.cleave.core.run.Compression;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cleave load}. */
@Command(
        name = "load",
        description =
                "Put the lines of a file into an index, in batches. Creates the store and the index when they are not"
                        + " there; a key that is there gets the new value.",
        footer = {
            "",
            "Without --value the value is the rest of the line when the key is its first column, else the whole line.",
            "A column that is named and not numbered makes the first line the header. Empty lines are left out. All rows must"
                    + " have as many columns as the first, unless the value is the rest of a line of tsv.",
            "The file is UTF-8; its lines end with LF or CRLF, and inside of the quotes of csv both are kept as they are."
        })
final class LoadCommand extends IndexCommand {
    private static final long BATCH_BYTES_MAX = 4 << 20;
    private static final String STANDARD_INPUT = "-";

    @Parameters(index = "1", paramLabel = "FILE", description = "The file, - for the standard input.")
    private String file;

    @Option(names = "--format", required = true, description = "Format of the file: tsv, csv or jsonl.")
    private EntrySource.Format format;

    @Option(
            names = "--key",
            paramLabel = "FIELD",
            description = "What is the key: a column by number from 1 on or by name, or a field of a JSON object."
                    + " Default: column 1; none for jsonl.")
    private String key;

    @Option(names = "--value", paramLabel = "FIELD", description = "What is the value, likewise. Default: see below.")
    private String value;

    @Option(
            names = "--batch",
            paramLabel = "COUNT",
            defaultValue = "1000",
            description = "Entries of a batch, which is loaded as a whole or not at all.")
    private int batchEntries;

    @Option(names = "--skip-bad", description = "Count lines that are no entries instead of stopping at the first.")
    private boolean skipBad;

    @Option(
            names = "--compression",
            description =
                    "Compression of a new index: ${COMPLETION-CANDIDATES}. Default: NONE. An index that is there stays"
                            + " as it is kept.")
    private Compression compression;

    @Option(names = "--json", description = "Write JSON.")
    private boolean json;

    @Mixin
    private ProgressOption progress;

    /** In batches that are committed; the thread that tells reads it. */
    private volatile long entries;

    private long bytes;
    private long badLines;
    private String firstBadLine;

    @Override
    public Integer call() {
        if (format == EntrySource.Format.JSONL && key == null) {
            throw new UsageException("--format jsonl needs --key FIELD");
        }
        if (batchEntries < 1) {
            throw new UsageException("--batch: expected 1 or more, found " + batchEntries);
        }
        long start = System.nanoTime();
        try (InputStream input = input()) {
            LineReader lines = new LineReader(input);
            // Before the store is opened: a file that can't be loaded makes no store and no index.
            EntrySource source = source(lines);
            Thread teller = new Thread(this::tellWhatIsLoaded, "cleave-load-end");
            try (SegmentStore open = SegmentStore.open(store())) {
                Runtime.getRuntime().addShutdownHook(teller);
                load(open, source);
                open.sync();
            } finally {
                forget(teller);
            }
        } catch (NoSuchFileException e) {
            throw new CommandException("no file " + file);
        } catch (IOException e) {
            throw new CommandException("reading " + file + ": " + e.getMessage(), e);
        }
        report(System.nanoTime() - start);
        return Cleave.OK;
    }

    /** When the process is told to end in the middle, as by Ctrl-C. */
    private void tellWhatIsLoaded() {
        terminal()
                .err()
                .println("cleave: ended before the end of " + PrintableText.of(file) + ": "
                        + Figures.plural(entries, "entry") + " and perhaps one more batch of it are loaded");
        terminal().err().flush();
    }

    private static void forget(Thread teller) {
        try {
            Runtime.getRuntime().removeShutdownHook(teller);
        } catch (IllegalStateException e) {
            // The process is ending: it tells.
            assert e != null;
        }
    }

    private EntrySource source(LineReader lines) throws IOException {
        try {
            return EntrySource.of(format, lines, new EntrySource.Fields(key == null ? "1" : key, value));
        } catch (CommandException e) {
            throw new CommandException(file + ": " + e.getMessage(), e);
        }
    }

    private SegmentIndex index(SegmentStore open) {
        if (compression == null) {
            return open.index(indexName());
        }
        SegmentIndex index = open.index(indexName(), IndexOptions.defaults().withCompression(compression));
        if (index.options().compression() != compression) {
            throw new UsageException("--compression " + compression + ": index " + quoted(indexName())
                    + " is there and is kept with " + index.options().compression()
                    + ": \"cleave compact --compression " + compression + "\" changes that");
        }
        return index;
    }

    private void load(SegmentStore open, EntrySource source) throws IOException {
        SegmentIndex index = index(open);
        long total = file.equals(STANDARD_INPUT) ? 0 : Files.size(Path.of(file));
        try (ProgressBar bar = new ProgressBar(terminal(), ProgressBar.style(terminal(), progress), "load")) {
            boolean more = true;
            while (more) {
                more = loadBatch(open, index, source);
                bar.update(source.lines().bytes(), total, Figures.count(entries) + " entries");
            }
        }
    }

    /** Loads one batch; false when the file has ended. */
    private boolean loadBatch(SegmentStore open, SegmentIndex index, EntrySource source) throws IOException {
        long batchBytes = 0;
        try (WriteBatch batch = open.batch()) {
            while (batch.size() < batchEntries && batchBytes < BATCH_BYTES_MAX) {
                EntrySource.Entry entry;
                try {
                    entry = source.next();
                    if (entry != null) {
                        put(batch, index, entry, source.line());
                    }
                } catch (BadLineException e) {
                    bad(e, batch);
                    continue;
                }
                if (entry == null) {
                    commit(batch, batchBytes);
                    return false;
                }
                batchBytes += entry.key().length + entry.value().length;
            }
            commit(batch, batchBytes);
            return true;
        }
    }

    private static void put(WriteBatch batch, SegmentIndex index, EntrySource.Entry entry, long line)
            throws BadLineException {
        int length = entry.key().length;
        if (length < EntryLimits.KEY_BYTES_MIN || length > EntryLimits.KEY_BYTES_MAX) {
            throw new BadLineException(
                    line,
                    "key: expected " + EntryLimits.KEY_BYTES_MIN + " to " + EntryLimits.KEY_BYTES_MAX + " bytes, found "
                            + length);
        }
        try {
            batch.put(index, entry.key(), entry.value());
        } catch (IllegalArgumentException e) {
            throw new BadLineException(line, e.getMessage());
        }
    }

    private void commit(WriteBatch batch, long batchBytes) {
        batch.commit();
        long before = entries;
        entries = before + batch.size();
        bytes += batchBytes;
    }

    private void bad(BadLineException failure, WriteBatch batch) {
        badLines++;
        if (firstBadLine == null) {
            firstBadLine = failure.getMessage();
        }
        if (!skipBad) {
            long before = batch.size();
            batch.commit();
            throw new CommandException(file + ", " + failure.getMessage() + " ("
                    + Figures.plural(entries + before, "entry") + " before it loaded; --skip-bad goes on)");
        }
    }

    private InputStream input() throws IOException {
        return file.equals(STANDARD_INPUT) ? System.in : Files.newInputStream(Path.of(file));
    }

    private void report(long nanos) {
        if (json) {
            Json result = new Json().object();
            result.field("entries", entries).field("bytes", bytes).field("badLines", badLines);
            result.field("firstBadLine", firstBadLine).field("seconds", nanos / 1e9);
            result.field("entriesPerSecond", Figures.perSecond(entries, nanos));
            result.field("megabytesPerSecond", Figures.perSecond(bytes, nanos) / 1e6);
            print(result.endObject().toString());
            return;
        }
        print(String.format(
                Locale.ROOT,
                "%s, %s in %s: %,.0f entries/s, %s",
                Figures.plural(entries, "entry"),
                Figures.bytes(bytes),
                Figures.seconds(nanos),
                Figures.perSecond(entries, nanos),
                Figures.rate(bytes, nanos)));
        if (badLines > 0) {
            print(Figures.plural(badLines, "bad line") + " left out; the first: " + firstBadLine);
        }
    }
}
