package io.cleave.tools;

import io.cleave.Durability;
import io.cleave.SegmentStore;
import io.cleave.StoreOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cleave put}. */
@Command(name = "put", description = "Set the value of a key. Creates the store and the index when they are not there.")
final class PutCommand extends IndexCommand {
    @Parameters(index = "1", paramLabel = "KEY", description = "The key.")
    private String key;

    @Parameters(
            index = "2",
            arity = "0..1",
            paramLabel = "VALUE",
            description = "The value. Left out with --value-file.")
    private String value;

    @Option(
            names = "--value-file",
            paramLabel = "FILE",
            description =
                    "Take the bytes of this file for the value, as they are, - for the standard input: a word of a"
                            + " command line holds 128 KiB at most. --hex is then about the key alone.")
    private String valueFile;

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
        if ((value == null) == (valueFile == null)) {
            throw new UsageException(
                    "expected either VALUE or --value-file FILE, found " + (value == null ? "neither" : "both"));
        }
        byte[] valueBytes = valueFile == null ? form.form().parse("VALUE", value) : read();
        try (SegmentStore open = openOrCreate()) {
            open.index(indexName()).put(keyBytes, valueBytes, durability);
        }
        if (form.isJson()) {
            print(new Json().object().field("put", true).endObject().toString());
        }
        return Cleave.OK;
    }

    /** The whole file, unless it is longer than any value of a store that this process opens. */
    private byte[] read() {
        StoreOptions options = StoreOptions.defaults();
        long most = Math.min(options.valueBytesMax(), options.memtableBytesMax() / 4);
        try (InputStream input = valueFile.equals("-") ? System.in : Files.newInputStream(Path.of(valueFile))) {
            byte[] bytes = input.readNBytes((int) most + 1);
            if (bytes.length > most) {
                throw new CommandException(valueFile + ": expected at most " + most
                        + " bytes (valueBytesMax, and a quarter of memtableBytesMax), found more");
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw new CommandException("no file " + valueFile, e);
        } catch (IOException e) {
            throw new CommandException("reading " + valueFile + ": " + e.getMessage(), e);
        }
    }
}
