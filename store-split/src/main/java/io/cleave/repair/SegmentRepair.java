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
import io.cleave.core.run.RunProperties;
import io.cleave.core.run.RunWriter;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.segment.SegmentManifest;
import io.cleave.core.segment.SegmentManifestFormat;
import io.cleave.core.storage.MetadataFile;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import io.cleave.log.LogRecordKind;
import io.cleave.log.LogSalvage;
import io.cleave.log.OperationsDecoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes one segment usable: keeps the runs that are whole, puts the others aside, makes a manifest anew where there is none.
 *
 * <p>Without a manifest the live runs are those files that are whole but for two kinds, which are provably not live. Numbers of
 * runs rise, and a live run holds only sequence numbers above those of all older live ones; so an older run that reaches
 * into the numbers of a newer one was an input of the compaction that made that. And a run that is ahead of a whole log was never
 * published, because the log is made durable first.
 *
 * <p>What the log still holds of a lost run's entries recovery would skip, because the manifest says that it is in the runs. So the
 * newest version of each such key is merged with the runs that are left into one new run. A run beside them would break the
 * rule about numbers above, and the next repair would take the others for its inputs.
 *
 * <p>Belongs to one thread, used once.
 */
final class SegmentRepair {
    /** A run that can be used. */
    private record Usable(long number, RunProperties properties) {}

    /** The newest version of a key in the log; a null value is a deletion. */
    private record Newest(long sequence, byte[] value) {}

    private final Salvage salvage;
    private final PlannedStorage storage;
    private final long[] identity;
    private final int indexId;
    private final long segmentId;
    private final Path directory;
    private final Path manifestFile;

    SegmentRepair(Salvage salvage, long[] identity, int indexId, Path directory) {
        this.salvage = salvage;
        this.storage = salvage.storage();
        this.identity = identity;
        this.indexId = indexId;
        this.directory = directory;
        this.segmentId = SegmentDirectory.parse(directory.getFileName().toString())
                .orElseThrow(() -> new IllegalArgumentException("not a segment directory: " + directory));
        this.manifestFile = directory.resolve(SegmentManifest.FILE_NAME);
    }

    /** The manifest; null when it is damaged, absent or another segment's. */
    SegmentManifest manifest() {
        try {
            SegmentManifest manifest = read();
            return manifest.indexId() == indexId && manifest.segmentId() == segmentId ? manifest : null;
        } catch (StoreException e) {
            salvage.requireDamage(e);
            return null;
        }
    }

    private SegmentManifest read() {
        MetadataFormat.Frame frame =
                MetadataFile.read(storage, manifestFile, SegmentManifestFormat.MAGIC, identity[0], identity[1]);
        return SegmentManifestFormat.decode(manifestFile, frame.body());
    }

    /** Keys of the runs that can be used, as a range; null when there is none. Of a segment without a manifest. */
    KeyBounds keysOfRuns() {
        byte[] from = null;
        byte[] to = null;
        for (Usable run : usableWithoutManifest(KeyBounds.ALL, Long.MAX_VALUE)) {
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
        publish(SegmentManifest.empty(indexId, segmentId, bounds, 0));
    }

    /** Makes the segment usable with these bounds. */
    void repair(KeyBounds bounds, LogSalvage log) {
        SegmentManifest manifest = manifest();
        if (manifest != null && manifest.bounds().equals(bounds)) {
            repairRuns(manifest, log);
            return;
        }
        long logSequence = log.failure() == null ? log.lastSequence() : Long.MAX_VALUE;
        List<Usable> usable = usableWithoutManifest(bounds, logSequence);
        long flushed = 0;
        for (Usable run : usable) {
            flushed = Math.max(flushed, run.properties().largestSequence());
        }
        String done = "made anew from " + usable.size() + " runs, " + putManifestAside();
        salvage.note("manifest", manifestFile, "one that can be used", "none", done);
        for (String name : storage.list(directory)) {
            Path file = directory.resolve(name);
            boolean used = usable.stream()
                    .anyMatch(run -> RunIdentity.fileName(run.number()).equals(name));
            if (RunIdentity.isFileName(name) && !used) {
                giveUp(bounds, file, "live and whole", "another, or merged into a newer one", salvage.putAside(file));
            }
        }
        publishWithLog(new SegmentManifest(indexId, segmentId, bounds, flushed, nextNumber(1), entries(usable)), log);
    }

    private void repairRuns(SegmentManifest manifest, LogSalvage log) {
        List<SegmentManifest.RunEntry> kept = new ArrayList<>();
        Map<Path, StoreException> lost = new TreeMap<>();
        for (SegmentManifest.RunEntry entry : manifest.runs()) {
            Path file = directory.resolve(RunIdentity.fileName(entry.runNumber()));
            try {
                // No run has a length of 0, nor a negative one, which would tell nothing.
                long fileBytes = Math.max(0, entry.fileBytes());
                check(entry.runNumber(), manifest.bounds(), manifest.flushedSequence(), fileBytes);
                kept.add(entry);
            } catch (StoreException e) {
                salvage.requireDamage(e);
                lost.put(file, e);
            }
        }
        if (lost.isEmpty()) {
            return;
        }
        publishWithLog(
                new SegmentManifest(
                        indexId,
                        segmentId,
                        manifest.bounds(),
                        manifest.flushedSequence(),
                        nextNumber(manifest.nextRunNumber()),
                        kept),
                log);
        // Only now that no manifest names them.
        lost.forEach((file, failure) -> {
            boolean there = storage.kind(file) != Storage.PathKind.ABSENT;
            KeyBounds range = keysOf(file, manifest.bounds());
            Path target = there ? salvage.putAside(file) : null;
            salvage.note(failure, file, there ? salvage.movedTo(target) : "taken out of the manifest");
            salvage.lose(new LostRange(indexId, there ? target : file, range.lower(), range.upper(), 0));
        });
    }

    private void giveUp(KeyBounds bounds, Path file, String expected, String found, Path target) {
        KeyBounds range = keysOf(target, bounds);
        salvage.note("run", file, expected, found, salvage.movedTo(target));
        salvage.lose(new LostRange(indexId, target, range.lower(), range.upper(), 0));
    }

    /** Keys of a run as far as it still tells, else all that it could have. */
    private KeyBounds keysOf(Path file, KeyBounds otherwise) {
        if (storage.kind(file) != Storage.PathKind.FILE) {
            return otherwise;
        }
        try (Run run = Run.openAny(storage, file)) {
            return new KeyBounds(
                    run.properties().smallestKey(), run.properties().largestKey());
        } catch (StoreException e) {
            salvage.requireDamage(e);
            return otherwise;
        }
    }

    private String putManifestAside() {
        if (storage.kind(manifestFile) == Storage.PathKind.ABSENT) {
            return "none was there";
        }
        return "the old one " + salvage.movedTo(salvage.putAside(manifestFile));
    }

    private List<Usable> usableWithoutManifest(KeyBounds bounds, long logSequence) {
        List<Usable> found = new ArrayList<>();
        for (String name : storage.list(directory)) {
            if (!RunIdentity.isFileName(name) || storage.kind(directory.resolve(name)) != Storage.PathKind.FILE) {
                continue;
            }
            try {
                long number = Long.parseLong(name.replaceAll("\\D", ""));
                Usable run = new Usable(number, check(number, bounds, logSequence, -1));
                found.add(run);
            } catch (NumberFormatException e) {
                // No store reaches that number. It is put aside.
                assert e.getMessage() != null;
            } catch (StoreException e) {
                // If that is damage it is put aside, with what is wrong about it.
                salvage.requireDamage(e);
            }
        }
        found.sort(Comparator.comparingLong(Usable::number).reversed());
        List<Usable> live = new ArrayList<>();
        long above = Long.MAX_VALUE;
        for (Usable run : found) {
            if (run.properties().largestSequence() < above) {
                live.add(run);
                above = run.properties().smallestSequence();
            }
        }
        return live;
    }

    /** Checks a whole run; {@code fileBytes} is negative where nothing tells its length. */
    private RunProperties check(long number, KeyBounds bounds, long sequenceMax, long fileBytes) {
        RunIdentity expected = identityOf(number);
        Path file = directory.resolve(expected.fileName());
        try (Run run = Run.open(storage, file, expected)) {
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
                throw new StoreException.Corrupt(file, 0, "length", fileBytes, run.fileBytes());
            }
            return properties;
        }
    }

    private static List<SegmentManifest.RunEntry> entries(List<Usable> runs) {
        return runs.stream()
                .map(run -> new SegmentManifest.RunEntry(
                        run.number(), run.properties().fileBytes()))
                .toList();
    }

    /** Above the numbers of all files. */
    private long nextNumber(long least) {
        long next = least;
        for (String name : storage.list(directory)) {
            if (RunIdentity.isFileName(name) && name.length() < 24) {
                next = Math.max(next, Long.parseLong(name.replaceAll("\\D", "")) + 1);
            }
        }
        return next;
    }

    /** Publishes a manifest from which runs are missing, with what the log holds of them. */
    private void publishWithLog(SegmentManifest manifest, LogSalvage log) {
        TreeMap<byte[], Newest> entries = newestInLog(manifest, log);
        removeWhatIsThere(manifest, entries);
        if (entries.isEmpty()) {
            publish(manifest);
            return;
        }
        long number = manifest.nextRunNumber();
        Path file = directory.resolve(RunIdentity.fileName(number));
        merge(manifest, entries, number);
        storage.forceDirectory(directory);
        publish(new SegmentManifest(
                indexId,
                segmentId,
                manifest.bounds(),
                manifest.flushedSequence(),
                number + 1,
                List.of(new SegmentManifest.RunEntry(number, storage.size(file)))));
        salvage.note(
                "entries of lost runs",
                file,
                "in a run",
                "in the log",
                entries.size() + " keys of the log merged with "
                        + manifest.runs().size() + " runs into a new one");
        for (SegmentManifest.RunEntry run : manifest.runs()) {
            Path merged = directory.resolve(RunIdentity.fileName(run.runNumber()));
            salvage.putAside(merged, "run", "named by the manifest", "one that was merged into " + file.getFileName());
        }
    }

    /** Writes a run with everything that the manifest's runs hold and the entries of the log. */
    private void merge(SegmentManifest manifest, TreeMap<byte[], Newest> entries, long number) {
        RunIdentity identityOfRun = identityOf(number);
        Path file = directory.resolve(identityOfRun.fileName());
        // Never carried out: what is written there is only read here.
        PlannedStorage scratch = new PlannedStorage(storage, directory);
        try (RunWriter writer = RunWriter.create(scratch, file, identityOfRun, RunOptions.defaults())) {
            entries.forEach((key, entry) -> {
                byte kind = entry.value() == null ? EntryKind.TOMBSTONE : EntryKind.PUT;
                int length = entry.value() == null ? 0 : entry.value().length;
                writer.append(key, key.length, entry.sequence(), kind, entry.value(), length);
            });
            writer.finish();
        }
        List<Run> runs = new ArrayList<>();
        try (RunWriter writer = RunWriter.create(storage, file, identityOfRun, RunOptions.defaults())) {
            runs.add(Run.open(scratch, file, identityOfRun));
            for (SegmentManifest.RunEntry run : manifest.runs()) {
                RunIdentity expected = identityOf(run.runNumber());
                runs.add(Run.open(storage, directory.resolve(expected.fileName()), expected));
            }
            try (EntryCursor all = MergeCursor.of(runs.stream().map(Run::cursor).toList())) {
                for (boolean on = all.first(); on; on = all.next()) {
                    writer.append(all);
                }
            }
            writer.finish();
        } finally {
            runs.forEach(Run::close);
        }
    }

    private RunIdentity identityOf(long number) {
        return new RunIdentity(identity[0], identity[1], indexId, segmentId, number);
    }

    private TreeMap<byte[], Newest> newestInLog(SegmentManifest manifest, LogSalvage log) {
        TreeMap<byte[], Newest> entries = new TreeMap<>(KeyOrder::compare);
        log.records(record -> {
            OperationsDecoder operation = record.decoder();
            while (record.kind() == LogRecordKind.DATA && operation.next()) {
                boolean skipped = operation.indexId() != indexId || operation.sequence() > manifest.flushedSequence();
                if (!skipped && manifest.bounds().contains(operation.key())) {
                    byte[] value = operation.kind() == EntryKind.PUT ? operation.value() : null;
                    entries.put(operation.key(), new Newest(operation.sequence(), value));
                }
            }
        });
        return entries;
    }

    private void removeWhatIsThere(SegmentManifest manifest, Map<byte[], Newest> entries) {
        Lookup found = new Lookup();
        for (SegmentManifest.RunEntry entry : manifest.runs()) {
            RunIdentity expected = identityOf(entry.runNumber());
            try (Run run = Run.open(storage, directory.resolve(expected.fileName()), expected)) {
                entries.entrySet().removeIf(one -> {
                    byte[] key = one.getKey();
                    long hash = KeyHash.of(key, key.length);
                    long prefix = KeyOrder.prefix(key, key.length);
                    return run.find(key, key.length, hash, prefix, Long.MAX_VALUE, found)
                            && found.sequence() >= one.getValue().sequence();
                });
                found.clear();
            }
        }
    }

    private void publish(SegmentManifest manifest) {
        byte[] body = SegmentManifestFormat.encode(manifest);
        MetadataFile.publish(
                storage,
                manifestFile,
                MetadataFormat.encode(SegmentManifestFormat.MAGIC, identity[0], identity[1], body));
        storage.forceDirectory(directory.getParent());
    }
}
