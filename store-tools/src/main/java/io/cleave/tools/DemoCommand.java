package io.cleave.tools;

import io.cleave.SegmentStore;
import io.cleave.StoreStats;
import io.cleave.core.storage.RealStorage;
import io.cleave.inspect.StoreInspection;
import io.cleave.inspect.StoreVerification;
import io.cleave.inspect.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code cleave demo}. */
@Command(
        name = "demo",
        description =
                "Load the classes and resources of the running JDK and an index of all words in them, with segments"
                        + " splitting all the while; kill a second process in the middle of writing and reopen its store; read"
                        + " everything back against the source; show the segments and the figures. Exit code 1 when a check fails.")
final class DemoCommand implements Callable<Integer> {
    @ParentCommand
    private Cleave cleave;

    @Option(names = "--small", description = "The module java.base only: less than half a minute.")
    private boolean small;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Where to work: absent or empty. Default: a temporary directory.")
    private Path dir;

    @Option(names = "--keep", description = "Leave the directory behind.")
    private boolean keep;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "42", description = "Seed of all that is random.")
    private long seed;

    @Mixin
    private ProgressOption progress;

    private DemoReport report;
    private DemoSize size;
    private Path work;

    @Override
    public Integer call() throws IOException {
        long start = System.nanoTime();
        size = small ? DemoSize.SMALL : DemoSize.FULL;
        report = new DemoReport(cleave.terminal());
        work = workDirectory();
        boolean right = false;
        try {
            run();
            report.figure("elapsed", Figures.seconds(System.nanoTime() - start));
            report.print();
            right = report.isRight();
        } finally {
            if (keep || !right) {
                report.step("left in " + work);
            } else {
                DirectoryTree.delete(work);
            }
        }
        return right ? Cleave.OK : Cleave.FAILED;
    }

    private void run() throws IOException {
        Path directory = work.resolve("store");
        DemoCorpus corpus = DemoCorpus.open(size.module());
        DemoFill fill = new DemoFill(corpus, seed);
        report.step("loading " + Figures.count(corpus.names().size()) + " classes and resources of Java "
                + Runtime.version() + " into " + directory);
        fill(directory, fill);
        kill(work.resolve("killed"));
        readBack(directory, corpus, fill);
        verify(directory);
        StoreInspection inspection = new StoreInspection(RealStorage.open(), directory);
        report.picture(SegmentPicture.of(inspection.index(DemoFill.CLASSES)));
        report.picture(SegmentPicture.of(inspection.index(DemoFill.WORDS)));
    }

    private void fill(Path directory, DemoFill fill) throws IOException {
        long start = System.nanoTime();
        StoreStats stats;
        try (SegmentStore store = SegmentStore.open(directory, size.options())) {
            try (ProgressBar bar = bar("load")) {
                fill.fill(store, bar);
            }
            store.sync();
            long nanos = System.nanoTime() - start;
            store.awaitMaintenance();
            stats = store.stats();
            long entries = fill.classes().entries() + fill.words().entries();
            long bytes = fill.classes().bytes() + fill.words().bytes();
            report.figure("entries", Figures.count(entries));
            report.figure(
                    "put",
                    Figures.bytes(bytes) + " in " + Figures.seconds(nanos) + ", " + Figures.rate(bytes, nanos)
                            + String.format(Locale.ROOT, ", %,.0f entries/s", Figures.perSecond(entries, nanos)));
            report.figure(
                    "splits",
                    stats.splits() + " while loading, " + stats.flushes() + " flushes, " + stats.compactions()
                            + " compactions");
            report.figure(
                    "written",
                    Figures.bytes(stats.bytesWritten())
                            + String.format(
                                    Locale.ROOT, ", %.1f times what was put", (double) stats.bytesWritten() / bytes));
            report.expectNone("background tasks that failed", stats.failures());
            report.expectNone("loads without a split", stats.splits() == 0 ? 1 : 0);
        }
        report.figure("size on disk", Figures.bytes(DirectoryTree.bytes(directory)));
    }

    private void kill(Path directory) throws IOException {
        report.step("killing a second process in the middle of writing");
        DemoKill.Result result = new DemoKill(directory, seed).run(size.acknowledged());
        AcknowledgedWrites.Outcome outcome = result.outcome();
        report.figure(
                "killed process",
                Figures.count(outcome.acknowledged()) + " writes acknowledged, " + outcome.lost() + " lost, "
                        + outcome.wrong() + " wrong, " + outcome.unasked() + " unasked for, in " + result.segments()
                        + " segments; reopened in " + Figures.seconds(result.openNanos()));
        report.expectNone("acknowledged writes that were lost", outcome.lost());
        report.expectNone("writes that were found wrong", outcome.wrong());
        report.expectNone("entries that were never written", outcome.unasked());
        verify(directory);
    }

    private void readBack(Path directory, DemoCorpus corpus, DemoFill fill) throws IOException {
        report.step("reading everything back");
        long openStart = System.nanoTime();
        try (SegmentStore store = SegmentStore.open(directory, size.options())) {
            report.figure("reopened in", Figures.seconds(System.nanoTime() - openStart));
            DemoReadBack readBack = new DemoReadBack(store, corpus);
            try (ProgressBar bar = bar("read back")) {
                long wrong = readBack.wrongClasses(bar);
                report.expectNone("classes and resources that differ from the JDK's", wrong);
            }
            long scanStart = System.nanoTime();
            EntrySum found = readBack.scanWords();
            long scanNanos = System.nanoTime() - scanStart;
            report.expectSame("entries of all words", fill.words().toString(), found.toString());
            report.figure("full scan", perSecond(found.entries(), scanNanos, "entries/s"));
            long wrongCounts = readBack.wrongCounts(fill.occurrences(), seed);
            report.expectNone("words whose count differs from the source's", wrongCounts);
            readBack.missing(fill.keys(), size.lookups() / 4, ~seed);
            long start = System.nanoTime();
            long missing = readBack.missing(fill.keys(), size.lookups(), seed);
            report.figure("random lookups", perSecond(size.lookups(), System.nanoTime() - start, "lookups/s"));
            report.expectNone("keys that were not found", missing);
            start = System.nanoTime();
            long unexpected = readBack.unexpected(fill.keys(), size.lookups(), seed);
            report.figure("absent lookups", perSecond(size.lookups(), System.nanoTime() - start, "lookups/s"));
            report.expectNone("keys that were found and never put", unexpected);
        }
    }

    private void verify(Path directory) {
        Verdict verdict;
        try (ProgressBar bar = bar("verify")) {
            verdict = new StoreVerification(RealStorage.open(), directory, bar::update).verify();
        }
        report.expectSame("findings of verify in " + directory, List.of(), verdict.findings());
    }

    private static String perSecond(long count, long nanos, String unit) {
        return String.format(Locale.ROOT, "%,.0f %s (%s)", Figures.perSecond(count, nanos), unit, Figures.count(count));
    }

    private ProgressBar bar(String what) {
        return new ProgressBar(cleave.terminal(), ProgressBar.style(cleave.terminal(), progress), what);
    }

    private Path workDirectory() throws IOException {
        if (dir == null) {
            return Files.createTempDirectory("cleave-demo");
        }
        if (Files.exists(dir)) {
            if (!Files.isDirectory(dir)) {
                throw new UsageException("--dir: " + dir + " is no directory");
            }
            try (Stream<Path> content = Files.list(dir)) {
                List<Path> first = content.limit(1).toList();
                if (!first.isEmpty()) {
                    throw new UsageException("--dir: " + dir + " is not empty");
                }
            }
        }
        return Files.createDirectories(dir).toAbsolutePath();
    }
}
