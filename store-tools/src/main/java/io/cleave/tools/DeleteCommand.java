package io.cleave.tools;

import io.cleave.Durability;
import io.cleave.SegmentIndex;
import io.cleave.SegmentStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code cleave delete}. */
@Command(name = "delete", description = "Remove a key; exit code 1 when it is absent.")
final class DeleteCommand extends IndexCommand {
    @Parameters(index = "1", paramLabel = "KEY", description = "The key.")
    private String key;

    @Mixin
    private FormOptions form;

    @Override
    public Integer call() {
        byte[] keyBytes = form.form().parse("KEY", key);
        try (SegmentStore open = openExisting()) {
            SegmentIndex index = existing(open, indexName());
            boolean isThere = index.containsKey(keyBytes);
            if (!isThere && form.isJson()) {
                print(deleted(false));
                return Cleave.FAILED;
            }
            if (!isThere) {
                throw new CommandException("index " + quoted(indexName()) + " has no such key");
            }
            index.delete(keyBytes, Durability.DEVICE);
        }
        if (form.isJson()) {
            print(deleted(true));
        }
        return Cleave.OK;
    }

    private static String deleted(boolean isDeleted) {
        return new Json().object().field("deleted", isDeleted).endObject().toString();
    }
}
