package io.cleave.tools;

import io.cleave.catalog.StoreCatalog;
import io.cleave.error.StoreException;
import io.cleave.inspect.Finding;
import io.cleave.inspect.IndexLook;
import io.cleave.inspect.LogDebt;
import io.cleave.inspect.SegmentLook;
import io.cleave.inspect.StoreInspection;
import io.cleave.log.LogFileInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cleave stat}. */
@Command(
        name = "stat",
        description =
                "Show what a store consists of, from its files: works beside a process that has it open. Entries that"
                        + " are only in the log are told by the number of operations; not counted is what can't be read of a damaged store, which is named (exit code 1); log files have their full length from the beginning. With"
                        + " --watch it looks again and again and shows the change since the last time, on a terminal in place,"
                        + " otherwise line by line, until Ctrl-C.")
final class StatCommand extends InspectionCommand {
    private static final double SECONDS_MIN = 0.01;
    private static final double SECONDS_MAX = 86_400;
    private static final double SECONDS_DEFAULT = 2;

    @Option(names = "--index", paramLabel = "NAME", description = "Only this index. Default: all.")
    private String index;

    @Option(names = "--segments", description = "Show each segment.")
    private boolean segments;

    @Option(names = "--json", description = "Write JSON.")
    private boolean json;

    @Option(names = "--watch", description = "Look again and again, and show what has changed.")
    private boolean watch;

    @Option(
            names = "--interval",
            paramLabel = "SECONDS",
            description = "With --watch: time from look to look. Default: 2.")
    private Double intervalSeconds;

    @Option(names = "--count", paramLabel = "N", description = "With --watch: look so many times. Default: no end.")
    private Long count;

    @Override
    public Integer call() {
        checkOptions();
        StoreInspection inspection = inspection();
        if (watch) {
            watch(inspection);
            return Cleave.OK;
        }
        List<IndexLook> indexes = looks(inspection, index);
        List<Finding> unread = new ArrayList<>();
        indexes.forEach(look -> unread.addAll(look.unread()));
        List<LogFileInfo> log = log(inspection, unread);
        unread.addAll(inspection.unreadParts());
        LogDebt debt = LogDebt.of(storage(), log, indexes);
        if (json) {
            print(json(inspection, indexes, log, debt, unread));
        } else {
            show(inspection, indexes, log, debt);
            unread.forEach(finding -> print("not read " + PrintableText.of(finding.toString())));
        }
        return unread.isEmpty() ? Cleave.OK : Cleave.FAILED;
    }

    private static List<LogFileInfo> log(StoreInspection inspection, List<Finding> unread) {
        try {
            return inspection.logFiles();
        } catch (StoreException.Corrupt | StoreException.Io e) {
            unread.add(Finding.of(e, inspection.directory().resolve("log")));
            return List.of();
        }
    }

    private void checkOptions() {
        if (!watch && (intervalSeconds != null || count != null)) {
            throw new UsageException("--interval and --count need --watch");
        }
        if (watch && segments) {
            throw new UsageException("--watch and --segments exclude each other");
        }
        if (intervalSeconds != null && !(intervalSeconds >= SECONDS_MIN && intervalSeconds <= SECONDS_MAX)) {
            throw new UsageException("--interval: expected " + SECONDS_MIN + " to " + SECONDS_MAX + " seconds, found "
                    + intervalSeconds);
        }
        if (count != null && count < 1) {
            throw new UsageException("--count: expected at least 1, found " + count);
        }
    }

    private void watch(StoreInspection inspection) {
        StatView view =
                new StatView(terminal(), PrintableText.of(inspection.directory().toString()), storage()::wallMillis);
        StatWatch.View shown = json ? view::json : terminal().isScreen() ? view::screen : view::lines;
        double seconds = intervalSeconds == null ? SECONDS_DEFAULT : intervalSeconds;
        new StatWatch(() -> sample(inspection), shown, terminal(), new WallPace(storage()))
                .run((long) (seconds * TimeUnit.SECONDS.toNanos(1)), count == null ? 0 : count);
    }

    private StoreSample sample(StoreInspection inspection) {
        List<IndexLook> indexes = looks(inspection, index);
        List<LogFileInfo> log = inspection.logFiles();
        return StoreSample.of(indexes, log, LogDebt.of(storage(), log, indexes));
    }

    private void show(StoreInspection inspection, List<IndexLook> indexes, List<LogFileInfo> log, LogDebt debt) {
        StoreCatalog catalog = readable(inspection);
        print("store    " + inspection.directory());
        print("log      " + Figures.plural(log.size(), "file") + ", " + Figures.bytes(bytes(log))
                + inLog(debt.operations()));
        for (IndexLook look : indexes) {
            print(String.format(
                    Locale.ROOT,
                    "index    %s: %s, %s, %s, %s%s",
                    PrintableText.of(look.name()),
                    entries(look),
                    Figures.bytes(look.runBytes()),
                    Figures.plural(look.segments().size(), "segment"),
                    Figures.plural(look.runs(), "run"),
                    inLog(debt.operations(look))));
            String options = catalog == null ? "" : KeptText.options(catalog, look.indexId());
            if (!options.isEmpty()) {
                print("         " + options);
            }
            if (segments) {
                SegmentPicture.of(look).print(terminal());
            }
        }
        if (catalog != null) {
            print("format   " + KeptText.format(catalog));
        }
    }

    /** The catalog; null when it can't be read, which is among what is told as not read. */
    private static StoreCatalog readable(StoreInspection inspection) {
        try {
            return inspection.catalog();
        } catch (StoreException e) {
            return null;
        }
    }

    private static String inLog(long operations) {
        return operations == 0 ? "" : ", about " + Figures.plural(operations, "operation") + " not in runs";
    }

    /** What is stored, and, where something was deleted, what is left of it. */
    private static String entries(IndexLook look) {
        String stored = Figures.plural(look.entries(), "entry");
        return look.tombstones() == 0
                ? stored
                : stored + " (" + Figures.plural(look.tombstones(), "tombstone") + ", about "
                        + Figures.count(look.liveEntries()) + " live)";
    }

    private static String json(
            StoreInspection inspection,
            List<IndexLook> indexes,
            List<LogFileInfo> log,
            LogDebt debt,
            List<Finding> unread) {
        Json json = new Json().object();
        StoreCatalog catalog = readable(inspection);
        json.field("store", inspection.directory());
        if (catalog != null) {
            KeptText.format(json, catalog);
        }
        json.name("log").object();
        json.field("files", log.size()).field("bytes", bytes(log));
        json.field("operationsNotInRuns", debt.operations()).endObject();
        json.name("indexes").array();
        for (IndexLook look : indexes) {
            json.object().field("name", look.name()).field("id", look.indexId());
            json.field("entries", look.entries())
                    .field("tombstones", look.tombstones())
                    .field("liveEntries", look.liveEntries())
                    .field("bytes", look.runBytes())
                    .field("runs", look.runs())
                    .field("operationsNotInRuns", debt.operations(look));
            json.field("keyMapVersion", look.keyMapVersion());
            if (catalog != null) {
                KeptText.options(json, catalog, look.indexId());
            }
            json.name("segments").array();
            for (SegmentLook segment : look.segments()) {
                json.object().field("id", segment.segmentId());
                json.name("lower").bytes(segment.manifest().bounds().lower());
                json.name("upper").bytes(segment.manifest().bounds().upper());
                json.field("entries", segment.entries()).field("tombstones", segment.tombstones());
                json.field("liveEntries", segment.liveEntries());
                json.field("runs", segment.runs().size()).field("bytes", segment.runBytes());
                json.endObject();
            }
            json.endArray().endObject();
        }
        json.endArray().name("unread").array();
        for (Finding finding : unread) {
            json.object().field("index", finding.index()).field("file", finding.file());
            json.field("rule", finding.rule()).field("expected", finding.expected());
            json.field("found", finding.found()).endObject();
        }
        return json.endArray().endObject().toString();
    }

    private static long bytes(List<LogFileInfo> log) {
        return log.stream().mapToLong(LogFileInfo::bytes).sum();
    }
}
