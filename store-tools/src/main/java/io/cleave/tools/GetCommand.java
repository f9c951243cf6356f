package io.cleave.tools;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.KeyBounds;
import io.cleave.look.IndexCut;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cleave get}. */
@Command(
        name = "get",
        description =
                "Print the value of a key; exit code 1 when the key is absent, for which --json prints the value null."
                        + " Changes nothing; not beside a process that has the store open for writing.")
final class GetCommand extends IndexCommand {
    @Parameters(index = "1", paramLabel = "KEY", description = "The key.")
    private String key;

    @Option(names = "--raw", description = "Print the bytes of the value and nothing else, no line end either.")
    private boolean raw;

    @Mixin
    private FormOptions form;

    @Override
    public Integer call() {
        if (raw && form.isJson()) {
            throw new UsageException("--raw and --json exclude each other");
        }
        byte[] keyBytes = form.form().parse("KEY", key);
        byte[] value;
        try (IndexCut cut = cut(indexName(), new KeyBounds(keyBytes, KeyOrder.successor(keyBytes)))) {
            value = cut.get(keyBytes);
        }
        if (value == null && form.isJson()) {
            printJson(keyBytes, null);
            return Cleave.FAILED;
        }
        if (value == null) {
            throw new CommandException("index " + quoted(indexName()) + " has no such key");
        }
        if (raw) {
            terminal().out().write(value, 0, value.length);
        } else if (form.isJson()) {
            printJson(keyBytes, value);
        } else {
            String text = form.form() == ByteForm.TEXT ? ByteForm.decode(value) : null;
            print(text == null ? form.form().show(value) : text);
        }
        return Cleave.OK;
    }

    private void printJson(byte[] keyBytes, byte[] value) {
        Json json = new Json().object();
        form.write(json.name("key"), keyBytes);
        json.name("value");
        if (value == null) {
            json.value((String) null);
        } else {
            form.write(json, value);
        }
        print(json.endObject().toString());
    }
}
