package io.cleave.tools;

import io.cleave.repair.LostEntries;
import io.cleave.repair.LostRange;
import io.cleave.repair.ReadErrors;
import io.cleave.repair.RepairAction;
import io.cleave.repair.RepairReport;
import io.cleave.repair.StoreRepair;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cleave repair}. */
@Command(
        name = "repair",
        description =
                "Make a damaged store usable that no process has open: keep what can be read, make catalog, key maps, manifests"
                        + " and log anew where they are damaged, move the rest to set-aside in the store's directory, beside a"
                        + " report that names the keys whose entries are lost. Exit code 1 when entries are lost or may be, or something is"
                        + " still wrong afterwards; a dry run has the same.")
final class RepairCommand extends InspectionCommand {
    @Option(names = "--dry-run", description = "Change nothing, and print the same report.")
    private boolean dryRun;

    @Option(
            names = "--unreadable-as-damaged",
            description =
                    "Move files to set-aside that can't be read because of I/O errors. Without it such an error ends the"
                            + " repair and nothing is changed: in a moment the device may answer again.")
    private boolean unreadableAsDamaged;

    @Option(names = "--json", description = "Write JSON.")
    private boolean json;

    @Mixin
    private ProgressOption progress;

    @Override
    public Integer call() {
        RepairReport report;
        try (ProgressBar bar = new ProgressBar(terminal(), ProgressBar.style(terminal(), progress), "repair")) {
            ReadErrors readErrors = unreadableAsDamaged ? ReadErrors.ARE_DAMAGE : ReadErrors.END_THE_REPAIR;
            StoreRepair repair = new StoreRepair(storage(), store(), bar::update, readErrors);
            report = dryRun ? repair.dryRun() : repair.repair();
        }
        if (json) {
            print(json(report));
        } else if (report.nothingToDo()) {
            print("nothing to do: verification finds nothing");
            report.cutShort()
                    .forEach(each -> print(PrintableText.of(
                            "an earlier repair was cut short: what it says is lost stands in " + each)));
        } else {
            report.text().strip().lines().map(PrintableText::of).forEach(this::print);
            print((dryRun ? "nothing was changed; the report would be in " : "the report is in ")
                    + report.setAside().resolve(RepairReport.FILE_NAME));
        }
        boolean well = report.after().findings().isEmpty()
                && report.nothingLost()
                && report.cutShort().isEmpty();
        return well ? Cleave.OK : Cleave.FAILED;
    }

    private String json(RepairReport report) {
        Json json = new Json().object().field("store", report.store()).field("dryRun", dryRun);
        json.field("setAside", report.setAside());
        json.field("found", report.found().size()).name("actions").array();
        for (RepairAction action : report.actions()) {
            json.object().field("what", action.what()).field("file", action.where());
            json.field("expected", action.expected()).field("found", action.found());
            json.field("done", action.done()).endObject();
        }
        json.endArray().name("lost").array();
        for (LostRange range : report.lost()) {
            json.object().field("index", range.index()).field("indexId", range.indexId());
            json.field("file", range.file());
            json.name("from").bytes(range.from()).name("to").bytes(range.to());
            json.field("afterSequence", range.afterSequence());
            count(json, range.entries());
            json.field("shown", range.shown()).endObject();
        }
        json.endArray().name("entriesLost").object();
        count(json, report.entriesLost());
        json.endObject().field("left", report.after().findings().size());
        json.name("cutShort").array();
        report.cutShort().forEach(each -> json.value(each.toString()));
        json.endArray();
        return json.endObject().toString();
    }

    private static void count(Json json, LostEntries entries) {
        json.field("entriesAtLeast", entries.atLeast());
        if (entries.atMost() != LostEntries.UNCOUNTED) {
            json.field("entriesAtMost", entries.atMost());
        }
    }
}
