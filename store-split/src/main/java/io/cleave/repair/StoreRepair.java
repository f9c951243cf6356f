package io.cleave.repair;

import io.cleave.catalog.StoreCatalog;
import io.cleave.catalog.StoreLayout;
import io.cleave.catalog.StoreRoot;
import io.cleave.core.parts.PartsLedger;
import io.cleave.core.registry.SegmentIdAllocator;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.storage.MetadataFile;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageFile;
import io.cleave.core.storage.StorageLock;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import io.cleave.inspect.Finding;
import io.cleave.inspect.StoreVerification;
import io.cleave.inspect.Verdict;
import io.cleave.inspect.VerificationProgress;
import io.cleave.route.KeyMapFormat;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Repairs a store that no process has open, so that it opens and verification finds nothing: keeps what can be used, makes the
 * small files anew that say what is where, and moves the rest to a directory of its own below {@value #SET_ASIDE}.
 *
 * <ol>
 *   <li>Nothing is deleted but unfinished files with {@value io.cleave.core.storage.MetadataFile#TEMPORARY_SUFFIX} behind their
 *       name, which nobody reads.
 *   <li>What lies in an undamaged file is kept: runs of damaged segments, log records beside damaged ones, entries of a lost
 *       run that the log still has.
 *   <li>Everything is planned before anything is changed, the report included, so a dry run gives the same report. What would be
 *       written is held in memory until then: a rewritten log, if it comes to that.
 *   <li>Publishing follows docs/protocol/publish.md. The report is durable before the first change. After a crash another repair
 *       finds the rest to do.
 * </ol>
 *
 * <p>Belongs to one thread, used once. Errors: {@code NotFound} when there is no store; {@code Locked} when it is open;
 * {@code FormatVersion} when a file is of another version, which is no damage; {@code Io} when a file can't be read, unless {@link
 * ReadErrors#ARE_DAMAGE} is asked for; what else the storage throws. Unless it is about a write, nothing has changed then.
 */
public final class StoreRepair {
    /** Directory in the store's directory; each repair has a numbered one in it. */
    public static final String SET_ASIDE = StoreLayout.SET_ASIDE_NAME;

    /** Lies beside the report of a repair until it has ended. */
    private static final String UNFINISHED = "unfinished";

    private static final List<String> OWN_FILES = List.of(
            StoreLayout.LOCK_NAME,
            StoreLayout.OWNER_NAME,
            StoreCatalog.FILE_NAME,
            PartsLedger.FILE_NAME,
            KeyMapFormat.FILE_NAME,
            SegmentIdAllocator.FILE_NAME);

    private final Storage storage;
    private final Path store;
    private final VerificationProgress progress;
    private final ReadErrors readErrors;
    private PlannedStorage planned;
    private Salvage salvage;

    /** Repairs the store in a directory, through {@code storage}, which stays the caller's; read errors end the repair. */
    public StoreRepair(Storage storage, Path store, VerificationProgress progress) {
        this(storage, store, progress, ReadErrors.END_THE_REPAIR);
    }

    /** The same, with a word on files that can't be read. */
    public StoreRepair(Storage storage, Path store, VerificationProgress progress, ReadErrors readErrors) {
        this.storage = storage;
        this.store = StoreRoot.of(storage, store);
        this.progress = progress;
        this.readErrors = readErrors;
    }

    /**
     * Tells what {@link #repair} would do, and changes nothing: takes no lock, makes no file, needs no right to write.
     *
     * @throws StoreException.Locked also when another process has opened the store meanwhile
     */
    public RepairReport dryRun() {
        Object before = ownerMark();
        requireNobody(before);
        RepairReport report;
        try {
            report = plan();
        } catch (RuntimeException | Error e) {
            // What somebody writes meanwhile explains it, a mapped file that was cut included.
            requireNobody(before);
            throw e;
        }
        requireNobody(before);
        return report;
    }

    /** Equal as long as nobody opens the store for writing; null when nobody has. */
    private @Nullable Object ownerMark() {
        Path owner = store.resolve(StoreLayout.OWNER_NAME);
        return storage.kind(owner) == Storage.PathKind.FILE ? storage.identity(owner) : null;
    }

    private void requireNobody(@Nullable Object mark) {
        Path lock = store.resolve(StoreLayout.LOCK_NAME);
        // The lock first: whoever has given it back since has left its word before.
        if (storage.kind(lock) == Storage.PathKind.FILE && storage.isLocked(lock)) {
            throw StoreLayout.locked(storage, store);
        }
        if (!Objects.equals(mark, ownerMark())) {
            throw new StoreException.Locked("store " + store + " was opened for writing while it was looked at, in "
                    + StoreLayout.owner(storage, store) + ": try again");
        }
    }

    /** Repairs. */
    public RepairReport repair() {
        requireStore();
        StoreRoot.requireOwner(storage, store);
        if (storage.kind(store.resolve(StoreLayout.LOCK_NAME)) == Storage.PathKind.DIRECTORY
                || storage.kind(store.resolve(StoreLayout.LOCK_NAME)) == Storage.PathKind.OTHER) {
            // Nobody can hold a lock on that.
            return carryOut(plan());
        }
        try (StorageLock lock = StoreLayout.lockQuietly(storage, store)) {
            assert lock != null;
            return carryOut(plan());
        }
    }

    private void requireStore() {
        // Before the lock, which would make a file: a directory that is no store stays as it is.
        if (storage.list(store).stream().noneMatch(StoreVerification::tellsOfAStore)) {
            throw new StoreException.NotFound("no store in " + store);
        }
    }

    private RepairReport plan() {
        planned = new PlannedStorage(storage, store);
        Verdict before = new StoreVerification(planned, store, progress).verify();
        if (before.findings().isEmpty() && !ContentRepair.lacksEnd(planned, store)) {
            return new RepairReport(store, null, List.of(), List.of(), List.of(), LostEntries.NONE, before, cutShort());
        }
        salvage = new Salvage(planned, store, readErrors);
        putWrongKindsAside();
        FilePlaces places = new FilePlaces(salvage);
        StoreIdentity found = places.identity();
        StoreIdentity identity = found == null ? StoreIdentity.random(storage) : found;
        places.putBack(identity);
        LedgerRepair ledger = new LedgerRepair(salvage, identity);
        ledger.look();
        new ContentRepair(salvage, identity, ledger).repair();
        ledger.finish();
        Verdict after = putStraysAside();
        return new RepairReport(
                store,
                salvage.setAside(),
                before.findings(),
                salvage.actions(),
                salvage.lost(),
                salvage.entriesLost(),
                after,
                cutShort());
    }

    private RepairReport carryOut(RepairReport report) {
        assert report.nothingToDo() == planned.isEmpty() : "changes that the report does not tell of: " + report.text();
        if (!report.nothingToDo()) {
            leaveWord();
            writeReport(report);
            planned.carryOut();
            end(report.setAside());
        } else if (!report.cutShort().isEmpty()) {
            leaveWord();
        }
        report.cutShort().forEach(each -> end(each.getParent()));
        return report;
    }

    /** Reports of repairs that have begun and not ended. */
    private List<Path> cutShort() {
        Path all = store.resolve(SET_ASIDE);
        if (storage.kind(all) != Storage.PathKind.DIRECTORY) {
            return List.of();
        }
        return storage.list(all).stream()
                .map(all::resolve)
                .filter(directory -> storage.kind(directory) == Storage.PathKind.DIRECTORY
                        && storage.kind(directory.resolve(UNFINISHED)) == Storage.PathKind.FILE)
                .map(directory -> directory.resolve(RepairReport.FILE_NAME))
                .filter(report -> storage.kind(report) == Storage.PathKind.FILE)
                .toList();
    }

    private void end(Path setAside) {
        storage.delete(setAside.resolve(UNFINISHED));
        storage.forceDirectory(setAside);
    }

    /** A writer that has lost its lock without knowing learns of it, where the owner file is one. */
    private void leaveWord() {
        Path owner = store.resolve(StoreLayout.OWNER_NAME);
        Path temporary = store.resolve(StoreLayout.OWNER_NAME + MetadataFile.TEMPORARY_SUFFIX);
        boolean directories = storage.kind(owner) == Storage.PathKind.DIRECTORY
                || storage.kind(temporary) == Storage.PathKind.DIRECTORY;
        if (!directories) {
            StoreLayout.leaveWord(storage, store);
        }
    }

    private void writeReport(RepairReport report) {
        Path directory = report.setAside();
        storage.createDirectory(directory.getParent());
        storage.forceDirectory(store);
        storage.createDirectory(directory);
        storage.forceDirectory(directory.getParent());
        storage.create(directory.resolve(UNFINISHED)).close();
        byte[] text = report.text().getBytes(StandardCharsets.UTF_8);
        try (StorageFile file = storage.create(directory.resolve(RepairReport.FILE_NAME))) {
            file.append(text, 0, text.length);
            file.force();
        }
        storage.forceDirectory(directory);
    }

    /** A link, fifo or directory in place of a file, or a file in place of a directory. */
    private void putWrongKindsAside() {
        for (String name : planned.list(store)) {
            Path path = store.resolve(name);
            boolean directory = name.equals(StoreLayout.LOG_NAME)
                    || StoreLayout.parseIndex(name).isPresent();
            if (StoreLayout.isAside(name) || !requireKind(path, directory ? Kind.DIRECTORY : Kind.FILE_OR_UNKNOWN)) {
                continue;
            }
            if (name.equals(StoreLayout.LOG_NAME)) {
                planned.list(path).forEach(file -> requireKind(path.resolve(file), Kind.FILE));
            } else if (directory) {
                requireKindsInIndex(path);
            }
        }
    }

    private void requireKindsInIndex(Path index) {
        for (String name : planned.list(index)) {
            Path path = index.resolve(name);
            boolean segment = SegmentDirectory.parse(name).isPresent();
            if (requireKind(path, segment ? Kind.DIRECTORY : Kind.FILE_OR_UNKNOWN) && segment) {
                planned.list(path).forEach(file -> requireKind(path.resolve(file), Kind.FILE));
            }
        }
    }

    private enum Kind {
        FILE,
        DIRECTORY,
        /** A file if it has a name of the store's own, else anything: it may hold something that belongs elsewhere. */
        FILE_OR_UNKNOWN
    }

    /** True when it is what it has to be; else it is put aside. */
    private boolean requireKind(Path path, Kind kind) {
        Storage.PathKind found = planned.kind(path);
        boolean own = OWN_FILES.contains(path.getFileName().toString().replace(MetadataFile.TEMPORARY_SUFFIX, ""));
        Storage.PathKind needed = kind == Kind.DIRECTORY ? Storage.PathKind.DIRECTORY : Storage.PathKind.FILE;
        if (found == needed || (kind == Kind.FILE_OR_UNKNOWN && !own)) {
            return found == needed;
        }
        salvage.putAside(path, "kind of path", needed, found);
        return false;
    }

    /** What lies there and belongs to nothing, as after a crash, goes as well: then verification finds nothing. */
    private Verdict putStraysAside() {
        Verdict verdict = new StoreVerification(planned, store, progress).verify();
        for (Finding finding : verdict.findings()) {
            boolean there = planned.kind(finding.file()) != Storage.PathKind.ABSENT;
            if (finding.severity() == Finding.Severity.WARNING && there) {
                salvage.putAside(finding.file(), finding.rule(), finding.expected(), finding.found());
            }
        }
        return verdict.findings().isEmpty()
                ? verdict
                : new StoreVerification(planned, store, (done, total) -> {}).verify();
    }
}
