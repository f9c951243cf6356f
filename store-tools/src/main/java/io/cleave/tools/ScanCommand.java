package io.cleave.tools;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.storage.RealStorage;
import io.cleave.inspect.StoreInspection;
import io.cleave.look.CutCursor;
import io.cleave.look.IndexCut;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cleave scan}. */
@Command(
        name = "scan",
        description =
                "Print the entries of an index in key order: key, tab, value, one entry a line. Exit code 1 when"
                        + " something could not be read. Changes nothing; not beside a process that has the store open for writing.",
        footer = {
            "",
            "Without --hex and --json a backslash is written twice, and control characters and bytes that are no UTF-8 as"
                    + " \\xNN."
        })
final class ScanCommand extends IndexCommand {
    private static final int LINES_A_CHECK = 1024;

    @Option(names = "--prefix", paramLabel = "KEY", description = "Only keys that start with it.")
    private String prefix;

    @Option(names = "--from", paramLabel = "KEY", description = "Only keys from this one on, itself included.")
    private String from;

    @Option(names = "--to", paramLabel = "KEY", description = "Only keys below this one.")
    private String to;

    @Option(names = "--reverse", description = "Largest key first.")
    private boolean reverse;

    @Option(names = "--limit", paramLabel = "COUNT", description = "Stop after so many entries. Default: no limit.")
    private Long limit;

    @Option(names = "--keys", description = "Print keys only.")
    private boolean keysOnly;

    @Option(
            names = "--skip-damaged",
            description = "Go past what can't be read, say on standard error which keys are left out, and end with exit"
                    + " code 1.")
    private boolean skipDamaged;

    @Mixin
    private FormOptions form;

    private long lines;

    @Override
    public Integer call() {
        DamageDetour.Way way = way();
        if (limit != null && limit < 0) {
            throw new UsageException("--limit: expected 0 or more, found " + limit);
        }
        try (IndexCut cut = cut(indexName(), new KeyBounds(way.lower(), way.upper()))) {
            if (skipDamaged) {
                StoreInspection inspection = new StoreInspection(RealStorage.open(), store());
                return new DamageDetour(inspection, terminal(), indexName(), cut, way).walk(this::show);
            }
            try (CutCursor cursor = way.cursor(cut)) {
                boolean isWanted = limit == null || limit > 0;
                while (isWanted && cursor.next()) {
                    isWanted = show(cursor);
                }
            }
        }
        return Cleave.OK;
    }

    /** Prints an entry; false when no more of them are wanted. */
    private boolean show(CutCursor cursor) {
        if (limit != null && lines >= limit) {
            return false;
        }
        print(line(cursor));
        lines++;
        // Whoever reads the output may have gone: cleave scan | head.
        boolean isHeard = lines % LINES_A_CHECK != 0 || !terminal().out().checkError();
        return isHeard && (limit == null || lines < limit);
    }

    private DamageDetour.Way way() {
        if (prefix != null && (from != null || to != null)) {
            throw new UsageException("--prefix and --from or --to exclude each other");
        }
        byte[] lower = from == null ? null : form.form().parse("--from", from);
        byte[] upper = to == null ? null : form.form().parse("--to", to);
        if (prefix != null) {
            lower = form.form().parse("--prefix", prefix);
            upper = KeyOrder.afterPrefix(lower);
        }
        return new DamageDetour.Way(lower == null || lower.length == 0 ? null : lower, upper, reverse);
    }

    private String line(CutCursor cursor) {
        if (form.isJson()) {
            Json json = new Json().object();
            form.write(json.name("key"), cursor.keyBytes());
            if (!keysOnly) {
                form.write(json.name("value"), cursor.valueBytes());
            }
            return json.endObject().toString();
        }
        String key = form.form().show(cursor.keyBytes());
        return keysOnly ? key : key + "\t" + form.form().show(cursor.valueBytes());
    }
}
