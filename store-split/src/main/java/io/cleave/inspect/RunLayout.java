package io.cleave.inspect;

import io.cleave.core.run.BlockEntry;
import io.cleave.core.run.Run;
import io.cleave.core.run.RunInspector;
import io.cleave.core.run.RunProperties;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageFile;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * An open run field by field: header, blocks, entries, properties, footer.
 *
 * <p>Ownership: borrows the run, which whoever handed this out closes. Belongs to one thread. Errors: {@link
 * StoreException.Corrupt} for damage in what was asked for.
 */
public final class RunLayout {
    private static final int TRAILER_BYTES = 12;

    private final Storage storage;
    private final Run run;
    private final RunInspector inspector;

    RunLayout(Storage storage, Run run) {
        this.storage = storage;
        this.run = run;
        this.inspector = new RunInspector(run);
    }

    /** The file. */
    public Path file() {
        return run.path();
    }

    /** Length of the file. */
    public long bytes() {
        return run.fileBytes();
    }

    /** What it holds. */
    public RunProperties summary() {
        return run.properties();
    }

    /** The header. */
    public List<FileField> header() {
        return fields(inspector.header());
    }

    /** The properties. */
    public List<FileField> properties() {
        return fields(inspector.properties());
    }

    /** The footer. */
    public List<FileField> footer() {
        return fields(inspector.footer());
    }

    /** Number of data blocks. */
    public int blocks() {
        return inspector.blocks();
    }

    /** A data block. */
    public RunInspector.Block block(int ordinal) {
        if (ordinal < 0 || ordinal >= inspector.blocks()) {
            throw new StoreException.NotFound(
                    run.path() + " has no block " + ordinal + ": expected 0 to " + (inspector.blocks() - 1));
        }
        return inspector.block(ordinal);
    }

    /** The trailer of a data block. */
    public List<FileField> trailer(int ordinal) {
        RunInspector.Block block = block(ordinal);
        long offset = block.offset() + block.storedBytes() - TRAILER_BYTES;
        byte[] bytes = new byte[TRAILER_BYTES];
        try (StorageFile file = storage.openForReading(run.path())) {
            file.read(offset, bytes, 0, bytes.length);
        }
        FieldReader reader = new FieldReader(bytes, offset);
        reader.number4("rawLength");
        reader.number2("entries");
        reader.number1("encoding");
        reader.number1("reserved");
        reader.hex("crc", Integer.BYTES);
        return reader.fields();
    }

    /** The entries of a data block. */
    public List<BlockEntry> entries(int ordinal) {
        block(ordinal);
        return inspector.entries(ordinal);
    }

    private static List<FileField> fields(List<RunInspector.Field> fields) {
        List<FileField> result = new ArrayList<>();
        for (RunInspector.Field field : fields) {
            result.add(new FileField(field.offset(), field.bytes(), field.name(), value(field)));
        }
        return result;
    }

    private static Object value(RunInspector.Field field) {
        return switch (field.name()) {
            case "smallestKey", "largestKey" -> HexFormat.of().parseHex((String) field.value());
            case "crc" -> "0x" + HexFormat.of().toHexDigits((Integer) field.value());
            case "storeHigh", "storeLow" -> "0x" + HexFormat.of().toHexDigits((Long) field.value());
            default ->
                field.value() instanceof Number ? field.value() : field.value().toString();
        };
    }
}
