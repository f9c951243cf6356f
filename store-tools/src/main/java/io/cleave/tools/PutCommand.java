package io.cleave.tools;

import io.cleave.Durability;
import io.cleave.SegmentStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cleave put}. */
@Command(name = "put", description = "Set the value of a key. Creates the store and the index when they are not there.")
final class PutCommand extends IndexCommand {
    @Parameters(index = "1", paramLabel = "KEY", description = "The key.")
    private String key;

    @Parameters(index = "2", paramLabel = "VALUE", description = "The value.")
    private String value;

    @Option(
            names = "--durability",
            defaultValue = "DEVICE",
            description = "What the write survives once the command ends: ${COMPLETION-CANDIDATES}.")
    private Durability durability;

    @Mixin
    private FormOptions form;

    @Override
    public Integer call() {
        byte[] keyBytes = form.form().parse("KEY", key);
        byte[] valueBytes = form.form().parse("VALUE", value);
        try (SegmentStore open = openOrCreate()) {
            open.index(indexName()).put(keyBytes, valueBytes, durability);
        }
        if (form.isJson()) {
            print(new Json().object().field("put", true).endObject().toString());
        }
        return Cleave.OK;
    }
}
