package io.cleave.tools;

import io.cleave.inspect.Finding;
import io.cleave.inspect.StoreVerification;
import io.cleave.inspect.Verdict;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cleave verify}. */
@Command(
        name = "verify",
        description =
                "Check every rule that a healthy store obeys: catalog, key maps, directories, manifests, each block and"
                        + " entry of each run, point indexes, counts, the log. Changes nothing, works beside a process that has the"
                        + " store open. Exit code 1 when there is damage, or when this user may not read everything; warnings alone are"
                        + " no damage.")
final class VerifyCommand extends InspectionCommand {
    @Option(names = "--json", description = "Write JSON.")
    private boolean json;

    @Mixin
    private ProgressOption progress;

    @Override
    public Integer call() {
        Verdict verdict;
        try (ProgressBar bar = new ProgressBar(terminal(), ProgressBar.style(terminal(), progress), "verify")) {
            verdict = new StoreVerification(storage(), store(), bar::update).verify();
        }
        if (json) {
            print(json(verdict));
        } else {
            verdict.findings().forEach(finding -> print(PrintableText.of(finding.toString())));
            print((verdict.damaged() ? "DAMAGED: " : verdict.healthy() ? "healthy: " : "NOT ALL READ: ")
                    + Figures.plural(verdict.indexes(), "index") + ", "
                    + Figures.plural(verdict.segments(), "segment") + ", "
                    + Figures.plural(verdict.runs(), "run") + ", "
                    + Figures.plural(verdict.entries(), "entry") + ", "
                    + (verdict.log() == null
                            ? "no log record"
                            : Figures.plural(verdict.log().records(), "log record"))
                    + ", " + Figures.bytes(verdict.bytes()) + " checked, "
                    + Figures.plural(verdict.findings().size(), "finding"));
        }
        return verdict.healthy() ? Cleave.OK : Cleave.FAILED;
    }

    private static String json(Verdict verdict) {
        Json json = new Json().object().field("healthy", verdict.healthy());
        json.field("damaged", verdict.damaged());
        json.field("indexes", verdict.indexes()).field("segments", verdict.segments());
        json.field("runs", verdict.runs()).field("entries", verdict.entries()).field("bytes", verdict.bytes());
        if (verdict.log() != null) {
            json.name("log").object().field("files", verdict.log().files());
            json.field("records", verdict.log().records())
                    .field("lastSequence", verdict.log().lastSequence());
            json.field("clean", verdict.log().clean()).endObject();
        }
        json.name("findings").array();
        for (Finding finding : verdict.findings()) {
            json.object().field("severity", finding.severity()).field("index", finding.index());
            json.field("file", finding.file());
            json.field("offset", finding.offset()).field("rule", finding.rule());
            json.field("expected", finding.expected())
                    .field("found", finding.found())
                    .endObject();
        }
        return json.endArray().endObject().toString();
    }
}
