package io.cleave.inspect;

import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageFile;
import io.cleave.log.LogFileInfo;
import io.cleave.log.LogInspection;
import io.cleave.log.LogRecord;
import io.cleave.log.OperationsDecoder;
import io.cleave.log.ReplaySink;
import java.util.ArrayList;
import java.util.List;

/**
 * A log file field by field: identity block, chain block, records, operations. Holds nothing open.
 *
 * <p>Thread-safe. Errors: {@link io.cleave.error.StoreException.Corrupt} for a record whose operations are no such.
 */
public final class LogLayout {
    private static final int CHAIN_OFFSET = 512;
    private static final int RECORD_HEADER_BYTES = 32;

    private final Storage storage;
    private final LogFileInfo file;

    LogLayout(Storage storage, LogFileInfo file) {
        this.storage = storage;
        this.file = file;
    }

    /**
     * A change within a record. Its key and value belong to the reader.
     *
     * @param sequence its sequence number
     * @param kind see {@link io.cleave.core.entry.EntryKind}
     * @param indexId the index it changes
     * @param key the key
     * @param value the value, empty for a tombstone
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared; keys are arrays everywhere
    public record Operation(long sequence, byte kind, int indexId, byte[] key, byte[] value) {}

    /** The file. */
    public LogFileInfo file() {
        return file;
    }

    /** Identity block and chain block, as they stand there, whole or not. */
    public FileLayout blocks() {
        FieldReader identity = new FieldReader(read(0, 64), 0);
        identity.text("magic", Long.BYTES);
        identity.number4("version");
        identity.number4("ledgerHigh");
        identity.hex("storeHigh", Long.BYTES);
        identity.hex("storeLow", Long.BYTES);
        identity.number8("number");
        identity.hex("bootId", Long.BYTES);
        identity.number8("fileBytes");
        identity.number4("ledgerLow");
        identity.hex("crc", Integer.BYTES);
        FieldReader chain = new FieldReader(read(CHAIN_OFFSET, RECORD_HEADER_BYTES), CHAIN_OFFSET);
        chain.number8("base");
        chain.number8("predecessor");
        chain.number8("synced");
        chain.number4("started");
        chain.hex("crc", Integer.BYTES);
        List<FileField> fields = new ArrayList<>(identity.fields());
        fields.addAll(chain.fields());
        return new FileLayout(file.path(), file.bytes(), fields);
    }

    /** Hands over the records in order; returns the offset at which there is none. */
    public long records(ReplaySink sink) {
        return LogInspection.records(storage, file, sink);
    }

    /** The header of a record. */
    public List<FileField> header(LogRecord record) {
        FieldReader header = new FieldReader(read(record.offset(), RECORD_HEADER_BYTES), record.offset());
        header.number4("length");
        header.hex("bodyCrc", Integer.BYTES);
        header.number7("firstSequence");
        header.number1("kind");
        header.number8("synced");
        header.number4("operations");
        header.hex("headerCrc", Integer.BYTES);
        return header.fields();
    }

    /** The operations of a record, none unless it is a DATA record. */
    public static List<Operation> operations(LogRecord record) {
        List<Operation> operations = new ArrayList<>();
        OperationsDecoder decoder = record.decoder();
        while (record.operations() > 0 && decoder.next()) {
            operations.add(new Operation(
                    decoder.sequence(), decoder.kind(), decoder.indexId(), decoder.key(), decoder.value()));
        }
        return operations;
    }

    private byte[] read(long offset, int length) {
        byte[] bytes = new byte[length];
        try (StorageFile open = storage.openForReading(file.path())) {
            open.read(offset, bytes, 0, length);
        }
        return bytes;
    }
}
