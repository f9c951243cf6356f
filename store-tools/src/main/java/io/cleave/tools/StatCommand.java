package io.cleave.tools;

import io.cleave.inspect.IndexLook;
import io.cleave.inspect.SegmentLook;
import io.cleave.inspect.StoreInspection;
import io.cleave.log.LogFileInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cleave stat}. */
@Command(
        name = "stat",
        description =
                "Show what a store consists of, from its files: works beside a process that has it open. Entries that"
                        + " are only in the log are not counted.")
final class StatCommand extends InspectionCommand {
    @Option(names = "--index", paramLabel = "NAME", description = "Only this index. Default: all.")
    private String index;

    @Option(names = "--segments", description = "Show each segment.")
    private boolean segments;

    @Option(names = "--json", description = "Write JSON.")
    private boolean json;

    @Override
    public Integer call() {
        StoreInspection inspection = inspection();
        List<IndexLook> indexes = new ArrayList<>();
        for (String name : index == null ? inspection.catalog().indexes().keySet() : List.of(index)) {
            indexes.add(inspection.index(name));
        }
        List<LogFileInfo> log = inspection.logFiles();
        if (json) {
            print(json(inspection, indexes, log));
        } else {
            show(inspection, indexes, log);
        }
        return Cleave.OK;
    }

    private void show(StoreInspection inspection, List<IndexLook> indexes, List<LogFileInfo> log) {
        print("store    " + inspection.directory());
        print("log      " + log.size() + " files, " + Figures.bytes(bytes(log)));
        for (IndexLook look : indexes) {
            print(String.format(
                    Locale.ROOT,
                    "index    %s: %s entries, %s, %s segments, %s runs",
                    ByteForm.TEXT.show(look.name().getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                    Figures.count(look.entries()),
                    Figures.bytes(look.runBytes()),
                    Figures.count(look.segments().size()),
                    Figures.count(look.runs())));
            if (segments) {
                SegmentPicture.of(look).print(terminal());
            }
        }
    }

    private static String json(StoreInspection inspection, List<IndexLook> indexes, List<LogFileInfo> log) {
        Json json = new Json().object();
        json.field("store", inspection.directory());
        json.name("log").object();
        json.field("files", log.size()).field("bytes", bytes(log)).endObject();
        json.name("indexes").array();
        for (IndexLook look : indexes) {
            json.object().field("name", look.name()).field("id", look.keyMap().indexId());
            json.field("entries", look.entries())
                    .field("bytes", look.runBytes())
                    .field("runs", look.runs());
            json.field("keyMapVersion", look.keyMap().version());
            json.name("segments").array();
            for (SegmentLook segment : look.segments()) {
                json.object().field("id", segment.segmentId());
                json.name("lower").bytes(segment.manifest().bounds().lower());
                json.name("upper").bytes(segment.manifest().bounds().upper());
                json.field("entries", segment.entries()).field("tombstones", segment.tombstones());
                json.field("runs", segment.runs().size()).field("bytes", segment.runBytes());
                json.endObject();
            }
            json.endArray().endObject();
        }
        return json.endArray().endObject().toString();
    }

    private static long bytes(List<LogFileInfo> log) {
        return log.stream().mapToLong(LogFileInfo::bytes).sum();
    }
}
