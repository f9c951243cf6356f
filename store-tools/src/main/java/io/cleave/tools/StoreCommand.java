package io.cleave.tools;

import io.cleave.SegmentIndex;
import io.cleave.SegmentStore;
import io.cleave.StoreOptions;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.storage.RealStorage;
import io.cleave.error.StoreException;
import io.cleave.look.IndexCut;
import io.cleave.look.StoreLook;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** A command on one store. Belongs to one thread. */
abstract class StoreCommand implements Callable<Integer> {
    private static final int BRIEF_LOG_FILE_BYTES = 64 << 10;

    @ParentCommand
    private Cleave cleave;

    @Parameters(index = "0", paramLabel = "STORE", description = "Directory of the store.")
    private Path store;

    /** Directory of the store. */
    final Path store() {
        return store;
    }

    /** Where to write. */
    final Terminal terminal() {
        return cleave.terminal();
    }

    /** Writes a line of results. */
    final void print(String line) {
        terminal().out().println(line);
    }

    /** What lies within bounds of an index, read without a change to the store. The caller closes it. */
    final IndexCut cut(String index, KeyBounds bounds) {
        StoreLook look = new StoreLook(RealStorage.open(), store);
        requireIndex(look.directory(), look.indexNames(), index);
        return look.cut(index, bounds);
    }

    /** Opens a store that must exist, for a few operations. */
    final SegmentStore openExisting() {
        return SegmentStore.open(store, brief().createIfMissing(false).build());
    }

    /** Opens a store that must exist, with all features of this version from then on. */
    final SegmentStore openUpgraded() {
        return SegmentStore.open(
                store, brief().createIfMissing(false).upgrade(true).build());
    }

    /** Opens a store, or creates it, for a few operations. */
    final SegmentStore openOrCreate() {
        return SegmentStore.open(store, brief().build());
    }

    /** Every open makes a log file of its full length durable: a short one will do. */
    private static StoreOptions.Builder brief() {
        return StoreOptions.builder().logFileBytes(BRIEF_LOG_FILE_BYTES);
    }

    /** An index that must exist: asking the store for it would create it. */
    static SegmentIndex existing(SegmentStore store, String name) {
        requireIndex(store.directory(), store.indexNames(), name);
        return store.index(name);
    }

    private static void requireIndex(Path store, SortedSet<String> names, String name) {
        if (!names.contains(name)) {
            throw new StoreException.NotFound("store " + store + " has no index " + quoted(name)
                    + Resemblance.question(name, names)
                    + (names.isEmpty() ? "" : ": expected one of " + Resemblance.few(names)));
        }
    }

    static String quoted(String name) {
        return "\"" + PrintableText.of(name) + "\"";
    }
}
