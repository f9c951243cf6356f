package io.cleave.repair;

import io.cleave.core.bytes.KeyHash;
import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.entry.Lookup;
import io.cleave.core.merge.MergeCursor;
import io.cleave.core.run.Run;
import io.cleave.core.run.RunIdentity;
import io.cleave.core.run.RunOptions;
import io.cleave.core.run.RunWriter;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.segment.SegmentManifest;
import io.cleave.core.segment.SegmentManifestFormat;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import io.cleave.inspect.NewestRun;
import io.cleave.log.LogRecordKind;
import io.cleave.log.LogSalvage;
import io.cleave.log.OperationsDecoder;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes one segment usable: keeps the runs that are whole and of the others every block that is, makes a manifest anew where
 * there is none, and says which keys have lost entries.
 *
 * <p>What is left of a damaged run is written under its own number, in its place: numbers of runs rise with the sequence numbers
 * that they hold. The new file waits beside the old one, under a name from which another repair puts it in place, until that one
 * is moved; then the manifest is published, with the new length.
 *
 * <p>Without a manifest the live runs are those files that can be read but for two kinds, which are provably not live. A live run
 * holds only sequence numbers above those of all older live ones; so an older run that reaches into the numbers of a newer one
 * was an input of the compaction that made that. And a run that is ahead of a whole log was never published, because the log is
 * made durable first. Whether there were others nothing tells, unless the damaged manifest still names just these: then the
 * whole range of the segment may have lost entries.
 *
 * <p>What the log still holds of a lost run's entries recovery would skip, because the manifest says that it is in the runs. So the
 * newest version of each such key is merged with the runs that are left into one new run. A run beside them would break the
 * rule about numbers above, and the next repair would take the others for its inputs.
 *
 * <p>Belongs to one thread, used once.
 */
final class SegmentRepair {
    /** The newest version of a key in the log; a null value is a deletion. */
    private record Newest(long sequence, byte[] value) {}

    private final Salvage salvage;
    private final PlannedStorage storage;
    private final StoreIdentity identity;
    private final IndexPlace index;
    private final long segmentId;
    private final Path directory;
    private final Path manifestFile;
    private final SegmentRuns runs;
    private final SegmentLosses losses;

    SegmentRepair(Salvage salvage, StoreIdentity identity, IndexPlace index, Path directory) {
        this.salvage = salvage;
        this.storage = salvage.storage();
        this.identity = identity;
        this.index = index;
        this.directory = directory;
        this.segmentId = SegmentDirectory.parse(directory.getFileName().toString())
                .orElseThrow(() -> new IllegalArgumentException("not a segment directory: " + directory));
        this.manifestFile = directory.resolve(SegmentManifest.FILE_NAME);
        this.runs = new SegmentRuns(salvage, new RunIdentity(identity, index.id(), segmentId, 1), directory);
        this.losses = new SegmentLosses(salvage, index);
    }

    /** The manifest; null when it is damaged, absent or another segment's. */
    SegmentManifest manifest() {
        try {
            SegmentManifest manifest = SegmentManifestFormat.FILE
                    .read(storage, directory, identity)
                    .content();
            return manifest.indexId() == index.id() && manifest.segmentId() == segmentId ? manifest : null;
        } catch (StoreException e) {
            salvage.requireDamage(e);
            return null;
        }
    }

    /** What a damaged manifest seems to say; null when it makes no sense. Proves nothing alone. */
    private SegmentManifest unchecked() {
        try {
            byte[] file = storage.readAll(manifestFile, MetadataFormat.FILE_BYTES_MAX);
            ByteBuffer body = MetadataFormat.unchecked(file);
            return body == null ? null : SegmentManifestFormat.decode(manifestFile, body);
        } catch (StoreException e) {
            salvage.requireDamage(e);
            return null;
        }
    }

    /** Keys of the runs that can be used, as a range; null when there is none. Of a segment without a manifest. */
    KeyBounds keysOfRuns() {
        byte[] from = null;
        byte[] to = null;
        for (SegmentRuns.Kept run : runs.live(KeyBounds.ALL, Long.MAX_VALUE)) {
            byte[] smallest = run.properties().smallestKey();
            byte[] largest = run.properties().largestKey();
            from = from == null || KeyOrder.compare(smallest, from) < 0 ? smallest : from;
            to = to == null || KeyOrder.compare(largest, to) > 0 ? largest : to;
        }
        return from == null ? null : new KeyBounds(from, to);
    }

    /** Makes a new segment that holds nothing yet, durable, in a directory that may not be there. */
    void makeEmpty(KeyBounds bounds) {
        salvage.makeDirectories(directory);
        publish(SegmentManifest.empty(index.id(), segmentId, bounds, 0));
    }

    /** Makes the segment usable with these bounds. */
    void repair(KeyBounds bounds, LogSalvage log) {
        SegmentManifest manifest = manifest();
        if (manifest == null) {
            repairWithoutManifest(bounds, log);
            return;
        }
        boolean sameBounds = manifest.bounds().equals(bounds);
        SegmentManifest bounded = sameBounds
                ? manifest
                : new SegmentManifest(
                        index.id(),
                        segmentId,
                        bounds,
                        manifest.flushedSequence(),
                        manifest.nextRunNumber(),
                        manifest.runs());
        if (!sameBounds) {
            salvage.note("key bounds", manifestFile, "those of the key map", "others", "published anew");
        }
        repairRuns(bounded, log, sameBounds);
    }

    private void repairWithoutManifest(KeyBounds bounds, LogSalvage log) {
        long logSequence = log.failure() == null ? log.lastSequence() : Long.MAX_VALUE;
        List<SegmentRuns.Kept> live = runs.live(bounds, logSequence);
        long flushed =
                live.stream().mapToLong(SegmentRuns::largestSequence).max().orElse(0);
        boolean proven = isNamedBy(unchecked(), bounds, live);
        String done = "made anew from " + live.size() + " runs, " + putManifestAside();
        salvage.note("manifest", manifestFile, "one that can be used", "none", done);
        for (String name : storage.list(directory)) {
            boolean used = live.stream()
                    .anyMatch(run -> RunIdentity.fileName(run.number()).equals(name));
            if (RunIdentity.isFileName(name) && !used) {
                salvage.putAside(
                        directory.resolve(name), "run", "live and readable", "another, or merged into a newer one");
            }
        }
        long next = runs.nextNumber(1);
        SegmentManifest manifest = new SegmentManifest(index.id(), segmentId, bounds, flushed, next, List.of());
        List<SegmentLosses.Span> missing = proven ? List.of() : List.of(new SegmentLosses.Span(null, null));
        int restored = finish(manifest, live, List.of(), log, missing);
        if (!proven && !log.holdsAll(1, flushed)) {
            LostRange.Shown shown = live.isEmpty() ? LostRange.Shown.NOTHING : LostRange.Shown.OLDER;
            losses.loseAll(directory, bounds, missing(live, restored), shown);
        }
    }

    /** How many entries of a segment are not kept: by the ledger, which counts what its last manifest named. */
    private LostEntries missing(List<SegmentRuns.Kept> live, int restored) {
        long all = salvage.entriesOf(index.id(), segmentId);
        if (all < 0) {
            return LostEntries.UNKNOWN;
        }
        // Some of what is kept may be of runs that the manifest did not name.
        long kept = live.stream().mapToLong(run -> run.properties().entries()).sum();
        return new LostEntries(Math.max(0, all - kept - restored), all);
    }

    /** True when a damaged manifest still names just these runs, with their lengths: then there were no others. */
    private boolean isNamedBy(SegmentManifest found, KeyBounds bounds, List<SegmentRuns.Kept> live) {
        return found != null
                && found.indexId() == index.id()
                && found.segmentId() == segmentId
                && found.bounds().equals(bounds)
                && live.stream().allMatch(SegmentRuns.Kept::isWhole)
                && files(found.runs()).equals(files(entries(live)));
    }

    /** The runs without what only manifests of level 2 tell. */
    private static List<SegmentManifest.RunEntry> files(List<SegmentManifest.RunEntry> runs) {
        return runs.stream()
                .map(run -> new SegmentManifest.RunEntry(run.runNumber(), run.fileBytes()))
                .toList();
    }

    private void repairRuns(SegmentManifest manifest, LogSalvage log, boolean isPublished) {
        List<SegmentRuns.Kept> kept = new ArrayList<>();
        List<SegmentRuns.Damage> lost = new ArrayList<>();
        long above = 0;
        for (int i = manifest.runs().size() - 1; i >= 0; i--) {
            SegmentRuns.Kept run = runs.named(manifest, manifest.runs().get(i), above, lost);
            if (run != null) {
                kept.add(0, run);
                above = Math.max(above, SegmentRuns.largestSequence(run));
            }
        }
        boolean whole = lost.isEmpty() && kept.stream().allMatch(SegmentRuns.Kept::isWhole);
        if (!whole || !isPublished) {
            List<SegmentLosses.Span> missing = new ArrayList<>();
            damages(kept, lost).forEach(damage -> missing.addAll(SegmentLosses.spans(damage, manifest.bounds())));
            finish(manifest, kept, lost, log, missing);
        }
    }

    private static List<SegmentRuns.Damage> damages(List<SegmentRuns.Kept> kept, List<SegmentRuns.Damage> lost) {
        List<SegmentRuns.Damage> all = new ArrayList<>(lost);
        kept.stream().filter(run -> !run.isWhole()).forEach(run -> all.add(run.damage()));
        all.sort(Comparator.comparingLong(SegmentRuns.Damage::number));
        return all;
    }

    /**
     * Puts what is kept in place, with what the log has of missing keys, publishes the manifest, and then moves what it does not
     * name any more. Returns how many keys the log had.
     */
    private int finish(
            SegmentManifest manifest,
            List<SegmentRuns.Kept> kept,
            List<SegmentRuns.Damage> lost,
            LogSalvage log,
            List<SegmentLosses.Span> missing) {
        TreeMap<byte[], Newest> entries = newestInLog(manifest, log, missing);
        removeWhatIsThere(kept, entries);
        if (entries.isEmpty()) {
            kept.stream().filter(run -> !run.isWhole()).forEach(this::putInPlace);
            publish(with(manifest, entries(kept), runs.nextNumber(manifest.nextRunNumber())));
        } else {
            Path merged = publishMerged(manifest, kept, entries);
            for (SegmentRuns.Kept run : kept) {
                Path file = runs.file(run.number());
                if (run.isWhole()) {
                    String found = "one that was merged into " + merged.getFileName();
                    salvage.putAside(file, "run", "named by the manifest", found);
                } else {
                    losses.movedTo(file, salvage.putAside(file));
                }
            }
        }
        for (SegmentRuns.Damage damage : lost) {
            if (storage.kind(damage.file()) != Storage.PathKind.ABSENT) {
                losses.movedTo(damage.file(), salvage.putAside(damage.file()));
            }
        }
        for (SegmentRuns.Damage damage : damages(kept, lost)) {
            losses.tell(damage, manifest.bounds(), kept, log, entries.keySet());
        }
        return entries.size();
    }

    /** What is left of a damaged run takes its name. */
    private void putInPlace(SegmentRuns.Kept run) {
        Path file = runs.file(run.number());
        Path waiting = directory.resolve(file.getFileName() + FilePlaces.WAITING_SUFFIX);
        if (storage.kind(waiting) != Storage.PathKind.ABSENT) {
            salvage.putAside(waiting, "files of a segment", "no other", "one that an earlier repair has left");
        }
        storage.adopt(waiting, runs.scratch(), run.file());
        storage.forceDirectory(directory);
        losses.movedTo(file, salvage.putAside(file));
        storage.rename(waiting, file);
        storage.forceDirectory(directory);
    }

    private SegmentManifest with(SegmentManifest manifest, List<SegmentManifest.RunEntry> entries, long nextNumber) {
        return new SegmentManifest(
                index.id(), segmentId, manifest.bounds(), manifest.flushedSequence(), nextNumber, entries);
    }

    private static List<SegmentManifest.RunEntry> entries(List<SegmentRuns.Kept> kept) {
        return kept.stream()
                .map(run -> new SegmentManifest.RunEntry(
                        run.number(), run.properties().fileBytes()))
                .toList();
    }

    private String putManifestAside() {
        if (storage.kind(manifestFile) == Storage.PathKind.ABSENT) {
            return "none was there";
        }
        return "the old one " + salvage.movedTo(salvage.putAside(manifestFile));
    }

    /** Publishes a manifest with one run that holds what is kept and what the log has besides. */
    private Path publishMerged(SegmentManifest manifest, List<SegmentRuns.Kept> kept, TreeMap<byte[], Newest> entries) {
        long number = runs.nextNumber(manifest.nextRunNumber());
        Path file = runs.file(number);
        merge(kept, entries, number);
        storage.forceDirectory(directory);
        publish(with(manifest, List.of(new SegmentManifest.RunEntry(number, storage.size(file))), number + 1));
        salvage.note(
                "entries of lost runs",
                file,
                "in a run",
                "in the log",
                entries.size() + " keys of the log merged with " + kept.size() + " runs into a new one");
        return file;
    }

    /** Writes a run with everything that some runs hold and the entries of the log. */
    private void merge(List<SegmentRuns.Kept> kept, TreeMap<byte[], Newest> entries, long number) {
        RunIdentity identityOfRun = runs.identity(number);
        Path file = runs.file(number);
        PlannedStorage scratch = runs.scratch();
        RunOptions options = options(kept);
        try (RunWriter writer = RunWriter.create(scratch, file, identityOfRun, options)) {
            entries.forEach((key, entry) -> {
                byte kind = entry.value() == null ? EntryKind.TOMBSTONE : EntryKind.PUT;
                int length = entry.value() == null ? 0 : entry.value().length;
                writer.append(key, key.length, entry.sequence(), kind, entry.value(), length);
            });
            writer.finish();
        }
        List<Run> open = new ArrayList<>();
        try (RunWriter writer = RunWriter.create(storage, file, identityOfRun, options)) {
            open.add(Run.open(scratch, file, identityOfRun));
            for (SegmentRuns.Kept run : kept) {
                open.add(Run.open(run.from(), run.file(), runs.identity(run.number())));
            }
            try (EntryCursor all = MergeCursor.of(open.stream().map(Run::cursor).toList())) {
                for (boolean on = all.first(); on; on = all.next()) {
                    writer.append(all);
                }
            }
            writer.finish();
        } finally {
            open.forEach(Run::close);
        }
    }

    /** As the newest run that is kept was written; without any, as the newest one of the index was. */
    private RunOptions options(List<SegmentRuns.Kept> kept) {
        if (kept.isEmpty()) {
            return new NewestRun(storage, identity, index.id(), index.directory()).options(RunOptions.defaults());
        }
        SegmentRuns.Kept newest = kept.get(0);
        try (Run run = Run.open(newest.from(), newest.file(), runs.identity(newest.number()))) {
            return run.options();
        }
    }

    private TreeMap<byte[], Newest> newestInLog(
            SegmentManifest manifest, LogSalvage log, List<SegmentLosses.Span> missing) {
        TreeMap<byte[], Newest> entries = new TreeMap<>(KeyOrder::compare);
        if (missing.isEmpty()) {
            return entries;
        }
        log.records(record -> {
            OperationsDecoder operation = record.decoder();
            while (record.kind() == LogRecordKind.DATA && operation.next()) {
                boolean skipped =
                        operation.indexId() != index.id() || operation.sequence() > manifest.flushedSequence();
                byte[] key = skipped ? null : operation.key();
                boolean inside = !skipped
                        && manifest.bounds().contains(key)
                        && missing.stream().anyMatch(span -> span.contains(key));
                if (inside) {
                    byte[] value = operation.kind() == EntryKind.PUT ? operation.value() : null;
                    entries.put(key, new Newest(operation.sequence(), value));
                }
            }
        });
        return entries;
    }

    private void removeWhatIsThere(List<SegmentRuns.Kept> kept, Map<byte[], Newest> entries) {
        Lookup found = new Lookup();
        for (SegmentRuns.Kept one : kept) {
            try (Run run = Run.open(one.from(), one.file(), runs.identity(one.number()))) {
                entries.entrySet().removeIf(entry -> {
                    byte[] key = entry.getKey();
                    long hash = KeyHash.of(key, key.length);
                    long prefix = KeyOrder.prefix(key, key.length);
                    return run.find(key, key.length, hash, prefix, Long.MAX_VALUE, found)
                            && found.sequence() >= entry.getValue().sequence();
                });
                found.clear();
            }
        }
    }

    private void publish(SegmentManifest manifest) {
        SegmentManifestFormat.FILE.publish(storage, directory, identity, manifest);
        storage.forceDirectory(directory.getParent());
    }
}
