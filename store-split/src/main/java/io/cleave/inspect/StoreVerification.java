package io.cleave.inspect;

import io.cleave.catalog.Feature;
import io.cleave.catalog.StoreCatalog;
import io.cleave.catalog.StoreCatalogFormat;
import io.cleave.catalog.StoreLayout;
import io.cleave.catalog.StoreRoot;
import io.cleave.core.parts.PartsLedger;
import io.cleave.core.storage.MetadataFile;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.PartFile;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import io.cleave.log.LogInspection;
import io.cleave.route.KeyMapFormat;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/**
 * Checks every rule that a healthy store obeys, from the catalog down to the last entry, and the log; or, with {@link
 * VerificationDepth#STRUCTURE}, what can be told without reading entries and log records. Changes nothing; works on a closed store and beside a live writer.
 *
 * <p>Belongs to one thread, used once. Errors: none for damage, which becomes findings; {@link StoreException.NotFound} when
 * there is no store.
 */
public final class StoreVerification {
    private static final Set<String> OWN_NAMES = Set.of(
            StoreLayout.LOCK_NAME,
            StoreLayout.OWNER_NAME,
            StoreLayout.OWNER_NAME + MetadataFile.TEMPORARY_SUFFIX,
            StoreLayout.LOG_NAME,
            StoreLayout.SET_ASIDE_NAME,
            StoreLayout.LOST_AND_FOUND_NAME,
            StoreCatalog.FILE_NAME,
            StoreCatalog.FILE_NAME + MetadataFile.TEMPORARY_SUFFIX,
            PartsLedger.FILE_NAME,
            PartsLedger.FILE_NAME + MetadataFile.TEMPORARY_SUFFIX);

    private static final List<String> NOT_READ = List.of(
            StoreLayout.LOCK_NAME,
            StoreLayout.OWNER_NAME,
            StoreLayout.OWNER_NAME + MetadataFile.TEMPORARY_SUFFIX,
            StoreCatalog.FILE_NAME + MetadataFile.TEMPORARY_SUFFIX,
            PartsLedger.FILE_NAME + MetadataFile.TEMPORARY_SUFFIX);

    /** How often the log is read again because it ends below what a live writer has put into a run meanwhile. */
    private static final int LOG_LOOKS_MAX = 16;

    private final Storage storage;
    private final Path store;
    private final VerificationProgress progress;
    private final Findings findings;
    private final AgeVerification ages;

    /** Checks the store in a directory down to the entries, through {@code storage}, which stays the caller's. */
    public StoreVerification(Storage storage, Path store, VerificationProgress progress) {
        this(storage, store, progress, VerificationDepth.ENTRIES);
    }

    /** The same, no deeper than {@code depth}. */
    public StoreVerification(Storage storage, Path store, VerificationProgress progress, VerificationDepth depth) {
        this.storage = storage;
        this.store = StoreRoot.of(storage, store);
        this.progress = progress;
        this.findings = new Findings(storage, this.store, progress, depth);
        this.ages = new AgeVerification(storage, this.store, findings);
    }

    /** Checks everything that lies within the depth. */
    public Verdict verify() {
        List<String> names = storage.list(store);
        if (names.stream().noneMatch(StoreVerification::tellsOfAStore)) {
            throw new StoreException.NotFound("no store in " + store);
        }
        ages.readLedger();
        PartFile.Held<StoreCatalog> held = null;
        StoreIdentity identity = null;
        Path catalogFile = store.resolve(StoreCatalog.FILE_NAME);
        try {
            MetadataFormat.Frame frame = StoreCatalogFormat.FILE.frame(storage, store);
            identity = frame.store();
            held = StoreCatalogFormat.FILE.held(catalogFile, frame);
            findings.checkedFile(catalogFile);
        } catch (StoreException.NotFound e) {
            findings.add(Finding.error(catalogFile, 0, "catalog", "a file", "none"));
        } catch (StoreException e) {
            findings.add(e, catalogFile);
        }
        StoreCatalog catalog = held == null ? null : held.content();
        NOT_READ.forEach(name -> findings.checkKind(store.resolve(name)));
        Map<Integer, Path> indexes = new TreeMap<>();
        for (String name : names) {
            StoreLayout.parseIndex(name).ifPresent(id -> indexes.put(id, store.resolve(name)));
        }
        if (catalog != null) {
            checkNames(names, catalog);
            indexes.keySet().retainAll(catalog.indexes().values());
            catalog.indexes().values().forEach(id -> indexes.put(id, StoreLayout.indexDirectory(store, id)));
        }
        if (identity == null) {
            identity = identityElsewhere(indexes);
        }
        if (identity == null) {
            return findings.verdict(indexes.size(), null);
        }
        ages.begin(identity, held);
        verifyIndexes(identity, indexes, catalog);
        LogInspection.Continuity log = verifyLog(identity, catalog);
        if (log != null
                && log.files() == 0
                && findings.sequence() == 0
                && catalog != null
                && catalog.nextIndexId() > 1) {
            findings.add(Finding.error(
                    store.resolve(StoreLayout.LOG_NAME),
                    0,
                    "log",
                    "a started file, because there was an index",
                    "none"));
        }
        if (catalog != null && !catalog.has(Feature.LEDGER) && isInCatalogNow(now -> now.has(Feature.LEDGER))) {
            // Upgraded meanwhile: what was published since tells versions, which the catalog of before does not know.
            return new StoreVerification(storage, store, progress, findings.depth()).verify();
        }
        return findings.verdict(indexes.size(), log);
    }

    private void verifyIndexes(StoreIdentity identity, Map<Integer, Path> indexes, StoreCatalog catalog) {
        Map<Integer, String> names = new TreeMap<>();
        if (catalog != null) {
            catalog.indexes().forEach((name, id) -> names.put(id, name));
        }
        for (Map.Entry<Integer, Path> index : indexes.entrySet()) {
            findings.about(names.get(index.getKey()));
            verifyIndex(identity, index.getKey(), index.getValue());
        }
        findings.about(null);
    }

    private void verifyIndex(StoreIdentity identity, int id, Path directory) {
        if (!findings.checkDirectory(directory)) {
            return;
        }
        int before = findings.count();
        look(findings, directory, () -> new IndexVerification(storage, findings, identity, id, directory).verify());
        if (findings.count() == before) {
            return;
        }
        // A live writer may have replaced or dropped one thing between two looks at others. What is damaged stays so.
        Findings second = findings.forSecondLook();
        if (isStillNamed(id)) {
            IndexVerification again = new IndexVerification(storage, second, identity, id, directory);
            look(second, directory, () -> again.verifyAgain(findings.since(before)));
        }
        findings.keepConfirmed(before, isStillNamed(id) ? second : findings.forSecondLook());
    }

    private static void look(Findings target, Path directory, Runnable verification) {
        try {
            verification.run();
        } catch (StoreException.NotFound e) {
            target.add(Finding.error(directory.resolve(KeyMapFormat.FILE_NAME), 0, "key map", "a file", "none"));
        }
    }

    /** A live writer may have dropped the index meanwhile. */
    private boolean isStillNamed(int id) {
        return isInCatalogNow(catalog -> catalog.indexes().containsValue(id));
    }

    /** A live writer may have made an index meanwhile, and dropped it again. */
    private boolean isHandedOutMeanwhile(int id) {
        return isInCatalogNow(catalog -> id < catalog.nextIndexId());
    }

    /** What the catalog says that lies there now; true when it can't be read. */
    private boolean isInCatalogNow(Predicate<StoreCatalog> question) {
        try {
            return question.test(StoreCatalogFormat.FILE.read(storage, store).content());
        } catch (StoreException e) {
            return true;
        }
    }

    /** Checked last: whatever a run or manifest holds was in the log, or marked there, before. */
    private LogInspection.Continuity verifyLog(StoreIdentity identity, StoreCatalog catalog) {
        Path log = store.resolve(StoreLayout.LOG_NAME);
        if (!findings.checkDirectory(log)) {
            return null;
        }
        for (String name : findings.list(log)) {
            if (!LogInspection.isFileName(name)) {
                findings.add(Finding.warning(
                        log.resolve(name), "files of the log", "no other", "a file of an unknown name"));
            }
        }
        if (findings.depth() == VerificationDepth.STRUCTURE) {
            return null;
        }
        try {
            LogInspection.Continuity continuity = continuity(log, identity, catalog);
            findings.list(log).forEach(name -> findings.checkedFile(log.resolve(name)));
            if (findings.sequence() > continuity.lastSequence()) {
                findings.add(Finding.error(
                        findings.sequenceFile(),
                        0,
                        "sequence number",
                        "at most the log's last, " + continuity.lastSequence(),
                        findings.sequence()));
            }
            ages.end(log, continuity.ending());
            return continuity;
        } catch (StoreException.NotFound e) {
            // Only what is deleted after it was listed is not found: files were released during each pass.
            findings.add(Finding.overtaken(log, LogInspection.PASSES_MAX));
            return null;
        } catch (StoreException e) {
            findings.add(e, log);
            return null;
        }
    }

    /** The log as two looks find it, unless the first finds in it all that a run or manifest holds. */
    private LogInspection.Continuity continuity(Path log, StoreIdentity identity, StoreCatalog catalog) {
        IntPredicate handedOut = id -> catalog == null || id < catalog.nextIndexId() || isHandedOutMeanwhile(id);
        LogInspection.Continuity found = LogInspection.verify(storage, log, identity, handedOut);
        for (int look = 1; look < LOG_LOOKS_MAX && findings.sequence() > found.lastSequence(); look++) {
            LogInspection.Continuity before = found;
            found = LogInspection.verify(storage, log, identity, handedOut);
            if (found.equals(before)) {
                break;
            }
        }
        return found;
    }

    private void checkNames(List<String> names, StoreCatalog catalog) {
        for (String name : names) {
            OptionalInt id = StoreLayout.parseIndex(name);
            Path path = store.resolve(name);
            if (id.isEmpty()) {
                if (!OWN_NAMES.contains(name)) {
                    findings.add(Finding.warning(path, "files of a store", "no other", "a file of an unknown name"));
                }
            } else if (id.getAsInt() >= catalog.nextIndexId()) {
                if (!isStillNamed(id.getAsInt())) {
                    findings.add(Finding.error(path, 0, "index id", "below " + catalog.nextIndexId(), id.getAsInt()));
                }
            } else if (!catalog.indexes().containsValue(id.getAsInt())
                    && findings.kind(path) != Storage.PathKind.ABSENT
                    && !isStillNamed(id.getAsInt())) {
                findings.add(Finding.warning(
                        path,
                        "indexes that the catalog names",
                        "no other",
                        "one, left by a crash or being created or dropped; the next open deletes it"));
            }
        }
    }

    /** With the catalog damaged, the first key map that can be read tells which store this is. */
    private StoreIdentity identityElsewhere(Map<Integer, Path> indexes) {
        for (Path directory : indexes.values()) {
            try {
                return KeyMapFormat.FILE.frame(storage, directory).store();
            } catch (StoreException e) {
                findings.add(e, directory.resolve(KeyMapFormat.FILE_NAME));
            }
        }
        return null;
    }

    /** True for a name that lies in no directory but that of a store. */
    public static boolean tellsOfAStore(String name) {
        return name.equals(StoreCatalog.FILE_NAME)
                || name.equals(StoreLayout.LOG_NAME)
                || StoreLayout.parseIndex(name).isPresent();
    }
}
