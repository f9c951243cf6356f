package io.cleave.tools;

import io.cleave.core.entry.EntryKind;
import io.cleave.core.run.BlockEntry;
import io.cleave.core.run.RunInspector;
import io.cleave.inspect.IndexLook;
import io.cleave.inspect.LogLayout;
import io.cleave.inspect.RunLayout;
import io.cleave.inspect.SegmentLook;
import io.cleave.inspect.StoreInspection;
import io.cleave.log.LogFileInfo;
import io.cleave.log.LogRecord;
import io.cleave.log.LogRecordKind;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cleave inspect}. */
@Command(
        name = "inspect",
        description =
                "Show the files of a store field by field: file offset, length, name, value. Changes nothing, works beside"
                        + " a process that has the store open.",
        footer = {
            "",
            "  inspect STORE                                       the catalog, and what there is",
            "  inspect STORE --key-map [--index NAME]              the key map and the mark of the segment ids",
            "  inspect STORE --parts                               the ledger: versions of the parts of the store",
            "  inspect STORE [--index NAME] --segment ID           a manifest, and its runs",
            "  inspect STORE [--index NAME] --segment ID --run N   a run: header, blocks, properties, footer",
            "  inspect STORE ... --segment ID --run N --block B    a block down to its entries",
            "  inspect STORE --log [--file N]                      the log files; one with its records and operations"
        })
final class InspectCommand extends InspectionCommand {
    @Option(names = "--index", paramLabel = "NAME", description = "Name of the index. Default: main, or the only one.")
    private String index;

    @Option(names = "--key-map", description = "Show the key map.")
    private boolean keyMap;

    @Option(names = "--parts", description = "Show the ledger of the parts.")
    private boolean parts;

    @Option(names = "--segment", paramLabel = "ID", description = "Show a segment.")
    private Long segment;

    @Option(names = "--run", paramLabel = "NUMBER", description = "Show a run of the segment.")
    private Long run;

    @Option(names = "--block", paramLabel = "NUMBER", description = "Show a block of the run, from 0 on.")
    private Integer block;

    @Option(names = "--log", description = "Show the log.")
    private boolean log;

    @Option(names = "--file", paramLabel = "NUMBER", description = "Show a file of the log.")
    private Long file;

    @Mixin
    private FormOptions form;

    private FieldOutput out;

    @Override
    public Integer call() {
        checkOptions();
        StoreInspection inspection = inspection();
        out = form.isJson() ? FieldOutput.json(terminal(), form) : FieldOutput.text(terminal(), form.form());
        if (log) {
            showLog(inspection);
        } else if (parts) {
            out.part("parts", inspection.partsLayout().fields());
        } else if (keyMap) {
            out.part("key-map", inspection.keyMapLayout(index(inspection)).fields());
            out.part(
                    "segment-ids",
                    inspection.segmentIdsLayout(index(inspection)).fields());
        } else if (run != null) {
            inspection.run(index(inspection), segment, run, layout -> {
                showRun(layout);
                return layout;
            });
        } else if (segment != null) {
            showSegment(inspection);
        } else if (index != null) {
            showIndex(inspection.index(index));
        } else {
            showStore(inspection);
        }
        out.finish();
        return Cleave.OK;
    }

    private void checkOptions() {
        boolean several = (log ? 1 : 0) + (parts ? 1 : 0) + (keyMap ? 1 : 0) + (segment != null ? 1 : 0) > 1;
        if (several) {
            throw new UsageException("--log, --parts, --key-map and --segment exclude each other");
        }
        if (run != null && segment == null) {
            throw new UsageException("--run needs --segment");
        }
        if (block != null && run == null) {
            throw new UsageException("--block needs --run");
        }
        if (file != null && !log) {
            throw new UsageException("--file needs --log");
        }
    }

    /** The index that was named, else the only one, else main. */
    private String index(StoreInspection inspection) {
        if (index != null) {
            return index;
        }
        var names = inspection.catalog().indexes().keySet();
        return names.size() == 1 ? names.iterator().next() : "main";
    }

    private void showStore(StoreInspection inspection) {
        out.part("catalog", inspection.catalogLayout().fields());
        inspection.indexes(this::showIndex);
        showLogFiles(inspection);
    }

    private void showIndex(IndexLook look) {
        out.begin("index " + look.name());
        out.fact("directory", look.directory());
        out.fact("key map version", look.keyMap().version());
        for (SegmentLook each : look.segments()) {
            out.begin("segment " + each.segmentId());
            showSummary(each);
            out.end();
        }
        out.end();
    }

    private void showSegment(StoreInspection inspection) {
        SegmentLook look = inspection.segment(index(inspection), segment);
        out.part(
                "manifest",
                inspection.manifestLayout(index(inspection), segment).fields());
        out.begin("segment " + segment);
        showSummary(look);
        out.end();
    }

    private void showSummary(SegmentLook look) {
        byte[] lower = look.manifest().bounds().lower();
        byte[] upper = look.manifest().bounds().upper();
        out.fact("from key", lower == null ? "(first)" : lower);
        out.fact("to key", upper == null ? "(last)" : upper);
        for (SegmentLook.RunLook each : look.runs()) {
            out.fact(
                    each.file().getFileName().toString(),
                    Figures.plural(each.properties().entries(), "entry") + ", "
                            + Figures.plural(each.properties().tombstones(), "tombstone") + ", "
                            + Figures.plural(each.properties().blocks(), "block") + ", "
                            + each.properties().fileBytes() + " bytes");
        }
    }

    private void showRun(RunLayout layout) {
        if (block != null) {
            showBlock(layout, block);
            return;
        }
        out.begin("run " + layout.file().getFileName());
        out.part("header", layout.header());
        for (int ordinal = 0; ordinal < layout.blocks(); ordinal++) {
            RunInspector.Block each = layout.block(ordinal);
            out.begin("block " + ordinal);
            out.fact("offset", each.offset());
            out.fact("storedBytes", each.storedBytes());
            out.fact("entries", each.entries());
            out.fact("firstKey", each.firstKey());
            out.fact("separator", each.separator());
            out.end();
        }
        out.part("properties", layout.properties());
        out.part("footer", layout.footer());
        out.end();
    }

    private void showBlock(RunLayout layout, int ordinal) {
        RunInspector.Block shown = layout.block(ordinal);
        out.begin("block " + ordinal + " of " + layout.file().getFileName());
        out.fact("offset", shown.offset());
        out.fact("storedBytes", shown.storedBytes());
        out.fact("compressed", shown.compressed());
        out.fact("separator", shown.separator());
        int number = 0;
        for (BlockEntry entry : layout.entries(ordinal)) {
            out.begin("entry " + number++);
            out.fact("offset in body", entry.offset());
            out.fact("kind", kind(entry.kind()));
            out.fact("sequence", entry.sequence());
            out.fact("shared", entry.sharedLength());
            out.fact("key", entry.key());
            out.fact("valueOffset in body", entry.valueOffset());
            out.fact("valueLength", entry.valueLength());
            out.end();
        }
        out.part("trailer", layout.trailer(ordinal));
        out.end();
    }

    private void showLog(StoreInspection inspection) {
        if (file == null) {
            showLogFiles(inspection);
            return;
        }
        LogLayout layout = inspection.log(file);
        out.begin("log file " + layout.file().path().getFileName());
        out.part("blocks", layout.blocks().fields());
        long end = layout.records(record -> showRecord(layout, record));
        out.fact("records end at offset", end);
        out.end();
    }

    private void showRecord(LogLayout layout, LogRecord record) {
        out.begin("record " + record.kind() + " at position " + record.position());
        out.fields(layout.header(record));
        if (record.kind() == LogRecordKind.DATA) {
            for (LogLayout.Operation operation : LogLayout.operations(record)) {
                out.begin("operation");
                out.fact("sequence", operation.sequence());
                out.fact("kind", kind(operation.kind()));
                out.fact("indexId", operation.indexId());
                out.fact("key", operation.key());
                out.fact("valueLength", operation.value().length);
                out.end();
            }
        }
        out.end();
    }

    private void showLogFiles(StoreInspection inspection) {
        out.begin("log");
        for (LogFileInfo info : inspection.logFiles()) {
            out.begin("file " + info.number());
            out.fact("path", info.path());
            out.fact("bytes", info.bytes());
            out.fact("base", info.chain() == null ? "not started" : info.chain().base());
            out.end();
        }
        out.end();
    }

    private static String kind(byte kind) {
        return kind == EntryKind.PUT ? "put" : kind == EntryKind.TOMBSTONE ? "tombstone" : "unknown " + kind;
    }
}
