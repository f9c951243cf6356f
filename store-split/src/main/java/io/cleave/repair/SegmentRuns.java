package io.cleave.repair;

import io.cleave.core.entry.KeyBounds;
import io.cleave.core.run.Run;
import io.cleave.core.run.RunIdentity;
import io.cleave.core.run.RunProperties;
import io.cleave.core.run.RunSalvage;
import io.cleave.core.segment.SegmentManifest;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * The runs of one segment as far as they can be read: whole ones where they are, and what is left of damaged ones in new files that
 * a plan of its own holds until the repair decides where they go. Belongs to one thread.
 */
final class SegmentRuns {
    /**
     * A run, or what is left of one.
     *
     * @param number its number
     * @param properties what it holds
     * @param from where its file can be read
     * @param file the file there
     * @param damage null when the run is whole
     */
    record Kept(long number, RunProperties properties, Storage from, Path file, Damage damage) {
        boolean isWhole() {
            return damage == null;
        }
    }

    /**
     * What is wrong with a run.
     *
     * @param number its number
     * @param sequenceMax all of its numbers are up to here
     * @param entries how many it had by the manifest; negative when that does not tell
     * @param file where it is
     * @param failure the first thing that is wrong
     * @param properties what it held; null when that can't be read
     * @param kept entries that are kept
     * @param complete true when it is known that all are
     * @param gaps where entries are missing
     */
    record Damage(
            long number,
            long sequenceMax,
            long entries,
            Path file,
            StoreException failure,
            RunProperties properties,
            long kept,
            boolean complete,
            List<RunSalvage.Gap> gaps) {}

    private final Salvage salvage;
    private final PlannedStorage storage;
    /** Never carried out: what is written there is only read. */
    private final PlannedStorage scratch;

    private final RunIdentity segment;
    private final Path directory;

    /** @param segment identity of any run of the segment */
    SegmentRuns(Salvage salvage, RunIdentity segment, Path directory) {
        this.salvage = salvage;
        this.storage = salvage.storage();
        this.scratch = new PlannedStorage(storage, directory);
        this.segment = segment;
        this.directory = directory;
    }

    PlannedStorage scratch() {
        return scratch;
    }

    Path file(long number) {
        return directory.resolve(RunIdentity.fileName(number));
    }

    RunIdentity identity(long number) {
        return new RunIdentity(segment.store(), segment.indexId(), segment.segmentId(), number);
    }

    /**
     * What there is of a run that a manifest names.
     *
     * @param above sequence number above which all of its numbers are
     * @return null when nothing of it can be used, told in {@code lost}
     */
    Kept named(SegmentManifest manifest, SegmentManifest.RunEntry entry, long above, List<Damage> lost) {
        long number = entry.runNumber();
        // No run has a length of 0, nor a negative one, which would tell nothing.
        long fileBytes = Math.max(0, entry.fileBytes());
        StoreException failure;
        try {
            RunProperties whole = check(number, manifest.bounds(), manifest.flushedSequence(), fileBytes);
            requireEntries(entry, whole);
            return new Kept(number, whole, storage, file(number), null);
        } catch (StoreException e) {
            salvage.requireDamage(e);
            failure = e;
        }
        Damage nothing = new Damage(
                number, manifest.flushedSequence(), entry.entries(), file(number), failure, null, 0, false, List.of());
        if (storage.kind(file(number)) != Storage.PathKind.FILE) {
            lost.add(nothing);
            return null;
        }
        try (RunSalvage found = open(number, fileBytes)) {
            if (found == null) {
                lost.add(nothing);
                return null;
            }
            found.placeAbove(above);
            boolean another = (found.fileBytes() >= 0 && found.fileBytes() != fileBytes) || tellsOthers(found, entry);
            Kept kept = keep(entry, found, manifest, failure, another);
            if (kept == null) {
                lost.add(new Damage(
                        number,
                        manifest.flushedSequence(),
                        entry.entries(),
                        file(number),
                        failure,
                        found.properties(),
                        0,
                        false,
                        List.copyOf(found.gaps())));
            }
            return kept;
        }
    }

    /** A run that is whole but has another number of entries than the manifest tells is not the one that it means. */
    private void requireEntries(SegmentManifest.RunEntry entry, RunProperties properties) {
        if (entry.entries() >= 0 && entry.entries() != properties.entries()) {
            throw new StoreException.Corrupt(
                    file(entry.runNumber()), 0, "entries as in the manifest", entry.entries(), properties.entries());
        }
    }

    private static boolean tellsOthers(RunSalvage found, SegmentManifest.RunEntry entry) {
        RunProperties own = found.properties();
        return own != null && entry.entries() >= 0 && own.entries() != entry.entries();
    }

    private RunSalvage open(long number, long fileBytes) {
        return RunSalvage.open(storage, file(number), identity(number), fileBytes, salvage::requireDamage);
    }

    /** Writes what can be used; {@code another}: the file is not the one that the manifest means, or not in its last state. */
    private Kept keep(
            SegmentManifest.RunEntry entry,
            RunSalvage found,
            SegmentManifest manifest,
            StoreException failure,
            boolean another) {
        long number = entry.runNumber();
        Path written = free(directory.resolve(RunIdentity.fileName(number) + FilePlaces.WAITING_SUFFIX));
        RunProperties properties = found.writeTo(scratch, written, manifest.bounds(), manifest.flushedSequence());
        if (properties == null) {
            return null;
        }
        boolean allFound = found.isComplete() || found.entries() == entry.entries();
        boolean complete = !another && allFound && properties.entries() == found.entries();
        List<RunSalvage.Gap> gaps = another ? List.of() : List.copyOf(found.gaps());
        Damage damage = new Damage(
                number,
                manifest.flushedSequence(),
                entry.entries(),
                file(number),
                failure,
                found.properties(),
                properties.entries(),
                complete,
                gaps);
        return new Kept(number, properties, scratch, written, damage);
    }

    private Path free(Path wanted) {
        Path free = wanted;
        for (int n = 2; scratch.kind(free) != Storage.PathKind.ABSENT; n++) {
            free = wanted.resolveSibling(wanted.getFileName() + "." + n);
        }
        return free;
    }

    /**
     * The runs of a segment whose manifest is lost, newest first: those that provably are not live are left out.
     *
     * @param logSequence what a whole log leads up to
     */
    List<Kept> live(KeyBounds bounds, long logSequence) {
        List<Kept> live = new ArrayList<>();
        long above = Long.MAX_VALUE;
        for (long number : numbers()) {
            Kept run = unnamed(number, bounds, logSequence);
            if (run != null && largestSequence(run) < above) {
                live.add(run);
                above = smallestSequence(run);
            }
        }
        return live;
    }

    /** Numbers of the files, largest first. */
    private List<Long> numbers() {
        List<Long> numbers = new ArrayList<>();
        for (String name : storage.list(directory)) {
            OptionalLong number = RunIdentity.parse(name);
            if (number.isPresent() && storage.kind(directory.resolve(name)) == Storage.PathKind.FILE) {
                numbers.add(number.getAsLong());
            }
        }
        numbers.sort((a, b) -> Long.compare(b, a));
        return numbers;
    }

    /** Null for a run of which nothing can be used, or of whose sequence numbers nothing is known. */
    private Kept unnamed(long number, KeyBounds bounds, long logSequence) {
        StoreException failure;
        try {
            return new Kept(number, check(number, bounds, logSequence, -1), storage, file(number), null);
        } catch (StoreException e) {
            salvage.requireDamage(e);
            failure = e;
        }
        try (RunSalvage found = open(number, -1)) {
            boolean known = found != null && found.isPlaced() && found.entries() > 0;
            RunProperties properties = known ? found.properties() : null;
            long largest = !known ? 0 : properties == null ? found.largestSequence() : properties.largestSequence();
            SegmentManifest any = new SegmentManifest(
                    segment.indexId(), segment.segmentId(), bounds, logSequence, number + 1, List.of());
            SegmentManifest.RunEntry itself = new SegmentManifest.RunEntry(number, 0);
            return known && largest <= logSequence ? keep(itself, found, any, failure, false) : null;
        }
    }

    /** Of a damaged run, that of all that it held, if that is known. */
    static long largestSequence(Kept run) {
        RunProperties own = run.isWhole() ? null : run.damage().properties();
        return Math.max(run.properties().largestSequence(), own == null ? 0 : own.largestSequence());
    }

    private static long smallestSequence(Kept run) {
        RunProperties own = run.isWhole() ? null : run.damage().properties();
        long found = run.properties().smallestSequence();
        return own == null ? found : Math.min(found, own.smallestSequence());
    }

    /** Checks a whole run; {@code fileBytes} is negative where nothing tells its length. */
    private RunProperties check(long number, KeyBounds bounds, long sequenceMax, long fileBytes) {
        Path file = file(number);
        try (Run run = Run.open(storage, file, identity(number))) {
            run.verify();
            RunProperties properties = run.properties();
            boolean inside = bounds.contains(properties.smallestKey()) && bounds.contains(properties.largestKey());
            if (!inside) {
                throw new StoreException.Corrupt(file, 0, "keys", "within the segment", "others");
            }
            if (properties.largestSequence() > sequenceMax) {
                throw new StoreException.Corrupt(
                        file, 0, "sequence numbers", "up to " + sequenceMax, properties.largestSequence());
            }
            if (fileBytes >= 0 && run.fileBytes() != fileBytes) {
                throw new StoreException.Corrupt(file, 0, "length as in the manifest", fileBytes, run.fileBytes());
            }
            return properties;
        }
    }

    /** Above the numbers of all files. */
    long nextNumber(long least) {
        long next = least;
        for (String name : storage.list(directory)) {
            OptionalLong number = RunIdentity.parse(name);
            next = Math.max(next, number.isPresent() ? number.getAsLong() + 1 : 0);
        }
        return next;
    }
}
