package io.cleave.route;

import io.cleave.catalog.StoredOptions;
import java.nio.file.Path;
import java.util.function.BiConsumer;

/**
 * Where an index lies, how it is kept and how it is reached.
 *
 * @param name what users call it
 * @param indexId its id
 * @param directory its directory
 * @param options how what it writes is kept, until it is told otherwise
 * @param handlersMax bound of the handler cache
 * @param retry how long to wait for a busy segment
 * @param holdersMax leases of one segment at a time
 * @param loads told of each segment that was loaded for a slot, on the thread that loaded it
 */
public record IndexPlace(
        String name,
        int indexId,
        Path directory,
        StoredOptions options,
        int handlersMax,
        RetryPolicy retry,
        int holdersMax,
        BiConsumer<RoutedIndex, SegmentSlot> loads) {
    /** Without a limit of leases, and nobody told. */
    public IndexPlace(
            String name, int indexId, Path directory, StoredOptions options, int handlersMax, RetryPolicy retry) {
        this(name, indexId, directory, options, handlersMax, retry, Integer.MAX_VALUE, (index, slot) -> {});
    }
}
