package io.cleave.core.parts;

import io.cleave.core.storage.MetadataFile;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.PartFile;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The parts of one store that are replaced whole: reads them, compares them with the ledger, publishes them with the next version.
 * In a store without a ledger it reads and publishes frames that tell no version, and refuses what was published with one.
 *
 * <p>Ownership: holds nothing open. Thread-safe; callers keep two publishers of one part apart, and {@link #publishLedger} from
 * publishers of any part.
 *
 * <p>Errors: {@code Corrupt} for a part that is of another age than the store, named by "older than the rest of the store" or
 * "newer than the rest of the store"; of {@link MetadataFile} the rest.
 */
public final class Parts {
    private static final String OLDER = ", older than the rest of the store";
    private static final String NEWER = ", newer than the rest of the store";

    /** Whether a store has a ledger. */
    private enum Tracking {
        ON,
        OFF
    }

    private final Storage storage;
    private final Path file;
    private final StoreIdentity identity;
    private final Tracking tracking;
    private final Map<PartId, PartLine> lines = new ConcurrentHashMap<>();

    /** Parts that were found above their line, or without one, since the ledger was published, and where. */
    private final Map<PartId, Path> above = new ConcurrentHashMap<>();

    /** Versions that failed publishes have perhaps left on disk. */
    private final Map<PartId, Long> spent = new ConcurrentHashMap<>();

    /** As published; null while there is none. Replaced by {@link #publishLedger} alone. */
    private volatile PartsLedger ledger;

    /** Version of the last attempt to publish the ledger. */
    private long attempted;

    /** A part was published since the ledger was. */
    private volatile boolean changed;

    /** True after a clean end, until it is unknown which version of a part is the durable one: no part may be above its line. */
    private volatile boolean exact;

    private volatile boolean endedCleanly;

    private volatile boolean settled;

    private Parts(Storage storage, Path file, StoreIdentity identity, Tracking tracking) {
        this.storage = storage;
        this.file = file;
        this.identity = identity;
        this.tracking = tracking;
    }

    /** The parts of a store that has no ledger. */
    public static Parts untracked(Storage storage, StoreIdentity identity) {
        return new Parts(storage, Path.of(PartsLedger.FILE_NAME), identity, Tracking.OFF);
    }

    /**
     * The parts of a store with a ledger.
     *
     * @param store its directory
     * @param ledger as it was read; null in a store that has had no index yet
     */
    public static Parts of(Storage storage, Path store, StoreIdentity identity, PartsLedger ledger) {
        Parts parts = new Parts(storage, store.resolve(PartsLedger.FILE_NAME), identity, Tracking.ON);
        if (ledger != null) {
            parts.ledger = ledger;
            parts.attempted = ledger.version();
            parts.lines.putAll(ledger.lines());
        }
        return parts;
    }

    /** The same parts, read and published through another storage from now on; this object is not used any more. */
    public Parts through(Storage other) {
        Parts same = new Parts(other, file, identity, tracking);
        same.lines.putAll(lines);
        same.above.putAll(above);
        same.ledger = ledger;
        same.attempted = attempted;
        return same;
    }

    /** Whose they are. */
    public StoreIdentity identity() {
        return identity;
    }

    /** Version of the frames that are published. */
    public int frameVersion() {
        return tracking == Tracking.ON ? MetadataFormat.VERSION : MetadataFormat.VERSION_OLDEST;
    }

    /** Version of the ledger that is durable, 0 before the first; {@link LogEnd#NO_LEDGER} in a store without one. */
    public long ledgerVersion() {
        if (tracking == Tracking.OFF) {
            return LogEnd.NO_LEDGER;
        }
        PartsLedger published = ledger;
        return published == null ? 0 : published.version();
    }

    /** True when the store has a ledger, and there was none to read or to publish yet. */
    public boolean isWithoutLedger() {
        return tracking == Tracking.ON && ledger == null;
    }

    /** True once the end of the log has shown that the store was closed with nothing to replay. */
    public boolean endedCleanly() {
        return endedCleanly;
    }

    /** All comparisons of an open have ended. */
    public void settle() {
        settled = true;
    }

    /** True once what no part names may be deleted: before, an older part than the store's may be the one that was read. */
    public boolean isSettled() {
        return settled;
    }

    /**
     * Reads a part and checks its frame and that it belongs to the store; its age is not looked at, see {@link #compare}.
     *
     * @param directory it lies in
     * @throws StoreException.Corrupt also when there is none
     */
    public <T> PartFile.Held<T> read(PartId part, PartFile<T> file, Path directory) {
        Path partFile = file.in(directory);
        if (storage.kind(partFile) == Storage.PathKind.ABSENT) {
            throw missing(part, partFile);
        }
        return file.read(storage, directory, identity);
    }

    /** What to throw when something names a part that is not there; {@code where} it should be. */
    public StoreException.Corrupt missing(PartId part, Path where) {
        PartLine line = lines.get(part);
        if (line == null) {
            return new StoreException.Corrupt(where, 0, part.toString(), "one, because the store names it", "none");
        }
        String expected = "one of version " + line.version();
        long entries = line.contents().entries();
        if (part.kind() == PartId.Kind.MANIFEST) {
            expected += entries < 0 ? "" : " with " + entries + " entries";
        } else if (part.kind() == PartId.Kind.KEY_MAP && ledger != null) {
            expected += " of an index with " + ledger.entriesOf(part.indexId()) + " entries";
        }
        return new StoreException.Corrupt(where, 0, part.toString(), expected, "none");
    }

    /**
     * Compares a part that was read with its line, which it replaces when it may be above it.
     *
     * @throws StoreException.Corrupt when it is of another age than the store; the line stays
     */
    public void compare(PartId part, PartFile.Held<?> held, PartLine.Contents contents) {
        Path partFile = held.file();
        MetadataFormat.Frame frame = held.frame();
        if (tracking == Tracking.OFF) {
            if (frame.version() != MetadataFormat.VERSION_OLDEST) {
                throw ofAStoreWithALedger(partFile, "version of the " + part, frame.partVersion());
            }
            return;
        }
        PartLine line = lines.get(part);
        PartLine found = new PartLine(frame.partVersion(), frame.checksum(), contents);
        if (line != null) {
            if (found.isSame(line)) {
                return;
            }
            requireNotOlder(part, partFile, frame, line);
            if (exact) {
                throw newer(part, partFile, line.version(), found.version());
            }
        }
        above.put(part, partFile);
        lines.put(part, found);
    }

    private static void requireNotOlder(PartId part, Path partFile, MetadataFormat.Frame frame, PartLine line) {
        if (frame.partVersion() > line.version()) {
            return;
        }
        boolean below = frame.partVersion() < line.version();
        String found = frame.partVersion() + (below ? "" : " with checksum " + Integer.toHexString(frame.checksum()));
        throw new StoreException.Corrupt(
                partFile,
                frame.partVersionOffset(),
                "version of the " + part,
                line.version() + (below ? "" : " with checksum " + Integer.toHexString(line.checksum())),
                found + OLDER + (below ? "" : " or of another copy of it"));
    }

    private static StoreException.Corrupt newer(PartId part, Path partFile, long expected, long found) {
        return new StoreException.Corrupt(
                partFile,
                MetadataFormat.BODY_OFFSET,
                "version of the " + part,
                expected + ", as the ledger of a clean close tells",
                found + NEWER);
    }

    /**
     * Compares the ledger with the log once that was read, and decides whether the store had a clean end. Before anything is
     * changed on disk.
     *
     * @param log its directory
     */
    public void logEnded(Path log, LogEnd end) {
        if (tracking == Tracking.OFF) {
            if (end.ledgerVersion() != LogEnd.NO_LEDGER) {
                throw ofAStoreWithALedger(log, "version of the ledger in the log", end.ledgerVersion());
            }
            return;
        }
        requireLogReaches(log, end);
        PartsLedger published = published();
        if (end.ledgerVersion() > published.version()) {
            throw olderLedger("at least " + end.ledgerVersion() + ", as the log tells", published.version());
        }
        boolean told = published.clean() && published.sequence() == end.lastSequence();
        if (end.closed() && !told && end.ledgerVersion() != LogEnd.NO_LEDGER) {
            throw olderLedger("that of a clean close at sequence number " + end.lastSequence(), published.version());
        }
        endedCleanly = end.closed() && told;
        exact = endedCleanly;
        List<StoreException.Corrupt> newer = newerThanLedger();
        if (!newer.isEmpty()) {
            throw newer.get(0);
        }
    }

    private static StoreException.Corrupt ofAStoreWithALedger(Path where, String what, long found) {
        return new StoreException.Corrupt(where, 0, what, "none, as the catalog tells", found + NEWER);
    }

    /** Requires of a log that it reaches as far as the ledger tells, be the ledger the newest one or not. */
    public void requireLogReaches(Path log, LogEnd end) {
        PartsLedger published = published();
        if (end.lastSequence() < published.sequence()) {
            throw olderLog(log, "last sequence number", published.sequence(), end.lastSequence());
        }
        if (end.newestFile() < published.logFile()) {
            throw olderLog(log, "number of the newest file", published.logFile(), end.newestFile());
        }
    }

    /** Parts that were found above their line although the store had a clean end, as what to throw for each. */
    public List<StoreException.Corrupt> newerThanLedger() {
        List<StoreException.Corrupt> newer = new ArrayList<>();
        if (endedCleanly) {
            new TreeMap<>(above).forEach((part, partFile) -> {
                PartLine line = ledger.line(part);
                if (line != null) {
                    newer.add(newer(
                            part, partFile, line.version(), lines.get(part).version()));
                }
            });
        }
        return newer;
    }

    private PartsLedger published() {
        PartsLedger published = ledger;
        return published == null ? new PartsLedger(0, false, 0, 0, new TreeMap<>()) : published;
    }

    private static StoreException.Corrupt olderLog(Path log, String what, long expected, long found) {
        return new StoreException.Corrupt(
                log, 0, what + " of the log", "at least " + expected + ", as the ledger tells", found + OLDER);
    }

    private StoreException.Corrupt olderLedger(String expected, long found) {
        return new StoreException.Corrupt(file, 0, "version of the ledger", expected, found + OLDER);
    }

    /**
     * Publishes a part with the next version (P3 to P5) and then replaces its line in memory.
     *
     * @throws StoreException as {@link MetadataFile#publish(Storage, Path, byte[])} does
     */
    public <T> void publish(PartId part, PartFile<T> file, Path directory, T content, PartLine.Contents contents) {
        if (tracking == Tracking.OFF) {
            file.publish(storage, directory, identity, content);
            return;
        }
        byte[] body = file.encode(content, MetadataFormat.VERSION);
        PartLine before = lines.get(part);
        long version = Math.max(before == null ? 0 : before.version(), spent.getOrDefault(part, 0L)) + 1;
        byte[] framed = MetadataFormat.encode(file.magic(), identity, version, body);
        changed = true;
        try {
            MetadataFile.publish(storage, file.in(directory), framed);
        } catch (StoreException.Poisoned e) {
            exact = false;
            spent.put(part, version);
            throw e;
        }
        lines.put(part, new PartLine(version, MetadataFormat.checksum(framed), contents));
    }

    /** Drops the line of a part that nothing names any more. */
    public void forget(PartId part) {
        lines.remove(part);
    }

    /** Drops the lines of an index that nothing names any more. */
    public void forgetIndex(int indexId) {
        lines.keySet().removeIf(part -> part.indexId() == indexId);
    }

    /**
     * Makes durable what was found above its line: a process that died between rename and force of the directory has left versions
     * that a power cut takes back.
     */
    public void forceWhatIsAbove() {
        Set<Path> directories = new LinkedHashSet<>();
        above.values().forEach(partFile -> directories.add(partFile.getParent()));
        directories.forEach(storage::forceDirectory);
    }

    /**
     * Publishes the ledger with the present lines if that would tell anything new. Everything that the lines tell is durable.
     *
     * @param end {@code clean} in it, when nothing is left to replay; its sequence number and newest file are those of the log,
     *     durable
     * @param named the parts that catalog and routes name
     */
    public synchronized void publishLedger(LogEnd end, Set<PartId> named) {
        if (tracking == Tracking.OFF || !tellsNews(end)) {
            return;
        }
        Map<PartId, PartLine> kept = new TreeMap<>(lines);
        kept.keySet().retainAll(named);
        attempted++;
        PartsLedger next =
                new PartsLedger(attempted, end.closed(), end.lastSequence(), end.newestFile(), new TreeMap<>(kept));
        changed = false;
        try {
            write(storage, file, identity, next);
        } catch (RuntimeException | Error e) {
            changed = true;
            throw e;
        }
        ledger = next;
        above.clear();
    }

    private boolean tellsNews(LogEnd end) {
        PartsLedger published = ledger;
        return published == null
                || changed
                || !above.isEmpty()
                || end.lastSequence() > published.sequence()
                || (end.closed() && !published.clean());
    }

    /** Publishes a ledger as it is, for who puts a store together: an upgrade or a repair. */
    public static void write(Storage storage, Path file, StoreIdentity identity, PartsLedger ledger) {
        MetadataFile.publish(
                storage,
                file,
                MetadataFormat.encode(
                        PartsLedgerFormat.MAGIC, identity, ledger.version(), PartsLedgerFormat.encode(ledger)),
                PartsLedgerFormat.FILE_BYTES_MAX);
    }
}
