package io.cleave.look;

import io.cleave.catalog.StoreCatalog;
import io.cleave.catalog.StoreLayout;
import io.cleave.core.parts.PartsLedger;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageFile;
import io.cleave.log.LogFileInfo;
import io.cleave.log.LogInspection;
import io.cleave.route.KeyMapFormat;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * What tells two states of a store apart that nobody was writing to at either time: equal moments, equal content. Immutable.
 *
 * @param catalog bytes of the catalog, none when there is no such file
 * @param keyMap bytes of the key map of the index in question
 * @param ledger the end of the ledger of the parts, with its version and checksum: a repair replaces it, and parts whose ages it tells, without
 *     another log file
 * @param log the files of the log, which every open for writing adds to
 */
record StoreMoment(ByteBuffer catalog, ByteBuffer keyMap, ByteBuffer ledger, List<LogFileInfo> log) {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    static StoreMoment of(Storage storage, Path store, Path index) {
        return new StoreMoment(
                content(storage, store.resolve(StoreCatalog.FILE_NAME)),
                content(storage, index.resolve(KeyMapFormat.FILE_NAME)),
                end(storage, store.resolve(PartsLedger.FILE_NAME)),
                List.copyOf(LogInspection.files(storage, store.resolve(StoreLayout.LOG_NAME))));
    }

    private static ByteBuffer content(Storage storage, Path file) {
        if (storage.kind(file) == Storage.PathKind.ABSENT) {
            return NOTHING;
        }
        return ByteBuffer.wrap(storage.readAll(file, MetadataFormat.FILE_BYTES_MAX))
                .asReadOnlyBuffer();
    }

    /** Not the whole of it, which has a line for every segment of the store. */
    private static ByteBuffer end(Storage storage, Path file) {
        if (storage.kind(file) != Storage.PathKind.FILE) {
            return NOTHING;
        }
        byte[] end = new byte[MetadataFormat.trailerBytes(MetadataFormat.VERSION)];
        try (StorageFile open = storage.openForReading(file)) {
            int count = open.read(Math.max(0, open.size() - end.length), end, 0, end.length);
            return ByteBuffer.wrap(end, 0, Math.max(0, count)).asReadOnlyBuffer();
        }
    }
}
