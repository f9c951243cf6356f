package io.cleave.repair;

import io.cleave.catalog.StoreLayout;
import io.cleave.core.parts.PartId;
import io.cleave.core.parts.PartLine;
import io.cleave.core.parts.PartsLedger;
import io.cleave.core.storage.NumberedName;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The working place of one repair: the store as planned, the directory below {@code set-aside} for what can't be used, and
 * the list of what was done. Belongs to one thread.
 */
final class Salvage {
    private final PlannedStorage storage;
    private final Path store;
    private final ReadErrors readErrors;
    private final Path setAside;
    private final List<RepairAction> actions = new ArrayList<>();
    private final List<LostRange> lost = new ArrayList<>();
    private LostEntries entriesLost = LostEntries.NONE;

    /** Null unless it tells of the end of the store. */
    private PartsLedger ledgerOfTheEnd;

    Salvage(PlannedStorage storage, Path store, ReadErrors readErrors) {
        this.storage = storage;
        this.store = store;
        this.readErrors = readErrors;
        Path all = store.resolve(StoreLayout.SET_ASIDE_NAME);
        long highest = 0;
        if (storage.kind(all) == Storage.PathKind.DIRECTORY) {
            for (String name : storage.list(all)) {
                highest = Math.max(highest, name.matches("[0-9]{5,18}") ? Long.parseLong(name) : 0);
            }
        } else if (storage.kind(all) != Storage.PathKind.ABSENT) {
            throw new StoreException.Corrupt(all, 0, "kind of path", "a directory, or nothing", "something else");
        }
        this.setAside = all.resolve(NumberedName.of("", highest + 1, 5));
    }

    PlannedStorage storage() {
        return storage;
    }

    Path store() {
        return store;
    }

    Path setAside() {
        return setAside;
    }

    List<RepairAction> actions() {
        return actions;
    }

    List<LostRange> lost() {
        return lost;
    }

    /** Returns when a failure to read a file says that it is damaged or missing; else throws it, which ends the repair. */
    void requireDamage(StoreException failure) {
        boolean damage = failure instanceof StoreException.Corrupt
                || failure instanceof StoreException.NotFound
                || (failure instanceof StoreException.Io && readErrors == ReadErrors.ARE_DAMAGE);
        if (!damage) {
            throw failure;
        }
    }

    void note(String what, Path where, Object expected, Object found, String done) {
        actions.add(new RepairAction(what, where, String.valueOf(expected), String.valueOf(found), done));
    }

    /** As {@link #note} for what an exception says. */
    void note(StoreException failure, Path where, String done) {
        if (failure instanceof StoreException.Corrupt corrupt) {
            note(corrupt.rule() + " at offset " + corrupt.offset(), where, corrupt.expected(), corrupt.found(), done);
        } else {
            note("readable", where, "a file that can be read", failure.getMessage(), done);
        }
    }

    /** A ledger that was published by the last clean close, and nothing came after that. */
    void countBy(PartsLedger ledger) {
        ledgerOfTheEnd = ledger;
    }

    /** Entries that the runs of a segment held before anything was damaged; -1 when nothing tells. */
    long entriesOf(int indexId, long segmentId) {
        PartLine line = ledgerOfTheEnd == null ? null : ledgerOfTheEnd.line(PartId.manifest(indexId, segmentId));
        return line == null ? -1 : line.contents().entries();
    }

    /** Entries of some ranges, all of them together counted, are lost. */
    void lose(LostEntries entries, List<LostRange> ranges) {
        entriesLost = entriesLost.plus(entries);
        lost.addAll(ranges);
    }

    void lose(LostRange range) {
        lose(range.entries(), List.of(range));
    }

    LostEntries entriesLost() {
        return entriesLost;
    }

    /**
     * Moves something to the place where nobody looks for it, under the path that it has in the store. The move is durable
     * before anything else takes its name. Returns where it is then.
     */
    Path putAside(Path path) {
        Path target = freePath(setAside.resolve(store.relativize(path)));
        makeDirectories(target.getParent());
        storage.rename(path, target);
        storage.forceDirectory(target.getParent());
        storage.forceDirectory(path.getParent());
        return target;
    }

    /** As {@link #putAside}, and says so. */
    void putAside(Path path, String what, Object expected, Object found) {
        note(what, path, expected, found, movedTo(putAside(path)));
    }

    String movedTo(Path target) {
        return "moved to " + store.relativize(target);
    }

    /** Creates what is missing of a path in the store, durably. */
    void makeDirectories(Path directory) {
        if (storage.kind(directory) == Storage.PathKind.DIRECTORY) {
            return;
        }
        makeDirectories(directory.getParent());
        storage.createDirectory(directory);
        storage.forceDirectory(directory.getParent());
    }

    /** Two things may have had one path, one after the other. */
    private Path freePath(Path wanted) {
        Path free = wanted;
        for (int n = 2; storage.kind(free) != Storage.PathKind.ABSENT; n++) {
            free = wanted.resolveSibling(wanted.getFileName() + "." + n);
        }
        return free;
    }
}
