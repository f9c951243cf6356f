package io.cleave.tools;

import io.cleave.Cursor;
import io.cleave.KeyRange;
import io.cleave.SegmentStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cleave scan}. */
@Command(
        name = "scan",
        description = "Print the entries of an index in key order: key, tab, value, one entry a line.",
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

    @Option(
            names = "--limit",
            paramLabel = "COUNT",
            defaultValue = "-1",
            showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
            description = "Stop after so many entries. Default: no limit.")
    private long limit;

    @Option(names = "--keys", description = "Print keys only.")
    private boolean keysOnly;

    @Mixin
    private FormOptions form;

    @Override
    public Integer call() {
        KeyRange range = range();
        if (limit < -1) {
            throw new UsageException("--limit: expected 0 or more, found " + limit);
        }
        try (SegmentStore open = openExisting();
                Cursor cursor = existing(open, indexName()).cursor(range)) {
            long left = limit < 0 ? Long.MAX_VALUE : limit;
            long lines = 0;
            while (lines < left && cursor.next()) {
                print(line(cursor));
                // Whoever reads the output may have gone: cleave scan | head.
                if (++lines % LINES_A_CHECK == 0 && terminal().out().checkError()) {
                    break;
                }
            }
        }
        return Cleave.OK;
    }

    private KeyRange range() {
        if (prefix != null && (from != null || to != null)) {
            throw new UsageException("--prefix and --from or --to exclude each other");
        }
        KeyRange range = KeyRange.all();
        if (prefix != null) {
            range = KeyRange.prefix(form.form().parse("--prefix", prefix));
        }
        if (from != null) {
            range = KeyRange.from(form.form().parse("--from", from));
        }
        if (to != null) {
            range = range.to(form.form().parse("--to", to));
        }
        return reverse ? range.descending() : range;
    }

    private String line(Cursor cursor) {
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
