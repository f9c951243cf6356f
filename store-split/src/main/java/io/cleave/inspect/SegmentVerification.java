package io.cleave.inspect;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.parts.PartId;
import io.cleave.core.parts.PartLine;
import io.cleave.core.run.Run;
import io.cleave.core.run.RunIdentity;
import io.cleave.core.run.RunProperties;
import io.cleave.core.segment.SegmentDirectory;
import io.cleave.core.segment.SegmentManifest;
import io.cleave.core.segment.SegmentManifestFormat;
import io.cleave.core.storage.MetadataFile;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.PartFile;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Checks one segment: manifest, runs, and what else lies in its directory. Belongs to one thread, used once. */
final class SegmentVerification {
    /** How often the manifest is read again because a run that it named has gone. */
    private static final int LOOKS_MAX = 16;

    private static final Set<String> OWN_NAMES = Set.of(
            SegmentDirectory.LOCK_NAME,
            SegmentManifest.FILE_NAME,
            SegmentManifest.FILE_NAME + MetadataFile.TEMPORARY_SUFFIX);

    private final Storage storage;
    private final Findings findings;
    private final StoreIdentity identity;
    private final int indexId;
    private final long segmentId;
    private final Path directory;
    private final Path manifestFile;
    private final Set<Long> done = new HashSet<>();

    SegmentVerification(Storage storage, Findings findings, StoreIdentity identity, int indexId, Path directory) {
        this.storage = storage;
        this.findings = findings;
        this.identity = identity;
        this.indexId = indexId;
        this.directory = directory;
        this.segmentId = SegmentDirectory.parse(directory.getFileName().toString())
                .orElseThrow(() -> new IllegalArgumentException("not a segment directory: " + directory));
        this.manifestFile = directory.resolve(SegmentManifest.FILE_NAME);
    }

    /**
     * Checks everything.
     *
     * @param expected bounds that the key map gives it
     * @throws StoreException.NotFound when the manifest is not there
     */
    void verify(KeyBounds expected) {
        SegmentManifest manifest = manifest();
        if (manifest == null) {
            return;
        }
        findings.countSegment();
        findings.checkedFile(manifestFile);
        if (!manifest.bounds().equals(expected)) {
            findings.add(Finding.error(
                    manifestFile,
                    MetadataFormat.BODY_OFFSET,
                    "key bounds as in the key map",
                    expected,
                    manifest.bounds()));
        }
        List<SegmentManifest.RunEntry> gone = verifyRuns(manifest);
        boolean settled = gone.isEmpty();
        for (int look = 1; !settled && look < LOOKS_MAX; look++) {
            SegmentManifest newer = manifest();
            settled = newer == null || newer.equals(manifest);
            if (!settled) {
                manifest = newer;
                gone = verifyRuns(manifest);
                settled = gone.isEmpty();
            }
        }
        if (!settled) {
            findings.add(Finding.overtaken(directory, LOOKS_MAX));
            gone = List.of();
        }
        for (SegmentManifest.RunEntry entry : gone) {
            findings.add(Finding.error(
                    manifestFile,
                    MetadataFormat.BODY_OFFSET,
                    "run in the directory",
                    RunIdentity.fileName(entry.runNumber()),
                    "none"));
        }
        findings.sawSequence(manifest.flushedSequence(), manifestFile);
        checkNames(manifest);
    }

    /** The manifest, null when it is damaged or another segment's, which is a finding then. */
    SegmentManifest manifest() {
        try {
            PartFile.Held<SegmentManifest> held = SegmentManifestFormat.FILE.read(storage, directory, identity);
            SegmentManifest manifest = held.content();
            if (manifest.indexId() != indexId || manifest.segmentId() != segmentId) {
                findings.add(Finding.error(
                        manifestFile,
                        MetadataFormat.BODY_OFFSET,
                        "identity",
                        "segment " + segmentId + " of index " + indexId,
                        "segment " + manifest.segmentId() + " of index " + manifest.indexId()));
                return null;
            }
            findings.compare(
                    PartId.manifest(indexId, segmentId),
                    held,
                    new PartLine.Contents(manifest.entries(), manifest.runBytes()));
            return manifest;
        } catch (StoreException.NotFound e) {
            throw e;
        } catch (StoreException e) {
            findings.add(e, manifestFile);
            return null;
        }
    }

    /** Checks the runs that were not checked before; returns those that are not there. */
    private List<SegmentManifest.RunEntry> verifyRuns(SegmentManifest manifest) {
        List<SegmentManifest.RunEntry> gone = new ArrayList<>();
        for (SegmentManifest.RunEntry entry : manifest.runs()) {
            Path file = directory.resolve(RunIdentity.fileName(entry.runNumber()));
            if (done.contains(entry.runNumber())) {
                continue;
            }
            try {
                verifyRun(manifest, entry, file);
                done.add(entry.runNumber());
            } catch (StoreException.NotFound e) {
                gone.add(entry);
            } catch (StoreException e) {
                findings.add(e, file);
                findings.checkedFile(file);
                done.add(entry.runNumber());
            }
        }
        return gone;
    }

    private void verifyRun(SegmentManifest manifest, SegmentManifest.RunEntry entry, Path file) {
        RunIdentity expected = new RunIdentity(identity, indexId, segmentId, entry.runNumber());
        try (Run run = Run.open(storage, file, expected)) {
            if (run.fileBytes() != entry.fileBytes()) {
                findings.add(Finding.error(file, 0, "length as in the manifest", entry.fileBytes(), run.fileBytes()));
            }
            if (findings.depth() == VerificationDepth.ENTRIES) {
                long[] blockBytes = {0};
                run.verify((ordinal, offset, storedBytes) -> {
                    blockBytes[0] += storedBytes;
                    findings.checked(storedBytes);
                });
                findings.checked(run.fileBytes() - blockBytes[0]);
            }
            checkProperties(manifest, run.properties(), file);
            long told = entry.entries();
            if (told >= 0 && told != run.properties().entries()) {
                findings.add(Finding.error(
                        file,
                        0,
                        "entries as in the manifest",
                        told,
                        run.properties().entries()));
            }
            findings.countRun(run.properties().entries());
        }
    }

    private void checkProperties(SegmentManifest manifest, RunProperties properties, Path file) {
        KeyBounds bounds = manifest.bounds();
        if (bounds.lower() != null && KeyOrder.compare(properties.smallestKey(), bounds.lower()) < 0) {
            findings.add(Finding.error(file, 0, "smallest key", "at or above the segment's lower bound", "below it"));
        }
        if (bounds.upper() != null && KeyOrder.compare(properties.largestKey(), bounds.upper()) >= 0) {
            findings.add(Finding.error(file, 0, "largest key", "below the segment's upper bound", "at or above it"));
        }
        if (properties.largestSequence() > manifest.flushedSequence()) {
            findings.add(Finding.error(
                    file,
                    0,
                    "largest sequence number",
                    "at most the manifest's " + manifest.flushedSequence(),
                    properties.largestSequence()));
        }
        findings.sawSequence(properties.largestSequence(), file);
    }

    private void checkNames(SegmentManifest before) {
        List<String> names = findings.list(directory);
        findings.checkKind(directory.resolve(SegmentDirectory.LOCK_NAME));
        findings.checkKind(directory.resolve(SegmentManifest.FILE_NAME + MetadataFile.TEMPORARY_SUFFIX));
        SegmentManifest manifest;
        try {
            // Read after the names: a run that a live writer has just finished is in it.
            manifest = manifest();
        } catch (StoreException.NotFound e) {
            return;
        }
        Set<String> named = new HashSet<>(OWN_NAMES);
        before.runs().forEach(run -> named.add(RunIdentity.fileName(run.runNumber())));
        if (manifest != null) {
            manifest.runs().forEach(run -> named.add(RunIdentity.fileName(run.runNumber())));
        }
        for (String name : names) {
            Path file = directory.resolve(name);
            if (named.contains(name) || findings.kind(file) == Storage.PathKind.ABSENT) {
                continue;
            }
            findings.add(
                    RunIdentity.isFileName(name)
                            ? Finding.warning(
                                    file,
                                    "runs that the manifest names",
                                    "no other",
                                    "one, left by a crash or being written")
                            : Finding.warning(file, "files of a segment", "no other", "a file of an unknown name"));
        }
    }
}
