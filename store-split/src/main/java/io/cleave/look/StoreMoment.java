package io.cleave.look;

import io.cleave.catalog.StoreCatalog;
import io.cleave.catalog.StoreLayout;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.Storage;
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
 * @param log the files of the log, which every open for writing adds to
 */
record StoreMoment(ByteBuffer catalog, ByteBuffer keyMap, List<LogFileInfo> log) {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    static StoreMoment of(Storage storage, Path store, Path index) {
        return new StoreMoment(
                content(storage, store.resolve(StoreCatalog.FILE_NAME)),
                content(storage, index.resolve(KeyMapFormat.FILE_NAME)),
                List.copyOf(LogInspection.files(storage, store.resolve(StoreLayout.LOG_NAME))));
    }

    private static ByteBuffer content(Storage storage, Path file) {
        if (storage.kind(file) == Storage.PathKind.ABSENT) {
            return NOTHING;
        }
        return ByteBuffer.wrap(storage.readAll(file, MetadataFormat.FILE_BYTES_MAX))
                .asReadOnlyBuffer();
    }
}
