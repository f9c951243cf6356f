package io.cleave;

import static io.cleave.RepairSubject.STORE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.run.Run;
import io.cleave.core.run.RunIdentity;
import io.cleave.core.run.RunInspector;
import io.cleave.core.run.RunWriter;
import io.cleave.core.segment.SegmentManifest;
import io.cleave.core.segment.SegmentManifestFormat;
import io.cleave.core.storage.MetadataFile;
import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.fuzz.StoreImage;
import io.cleave.inspect.StoreVerification;
import io.cleave.repair.LostEntries;
import io.cleave.repair.LostRange;
import io.cleave.repair.RepairReport;
import io.cleave.repair.StoreRepair;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where a run can't tell any more how many entries it had, the manifest tells it. */
final class StoreRepairCountTest {
    private static final RepairSubject SUBJECT = RepairSubject.make(3);

    private SimulatedStorage storage;

    private RepairReport repair() {
        StoreDamageTest.directories(storage).forEach(storage::forceDirectory);
        storage = storage.kill();
        RepairReport report = new StoreRepair(storage, STORE, (done, total) -> {}).repair();
        assertEquals(
                List.of(),
                new StoreVerification(storage, STORE, (done, total) -> {})
                        .verify()
                        .findings());
        return report;
    }

    private static long entries(SimulatedStorage storage, Path file) {
        try (Run run = Run.openAny(storage, file)) {
            return run.properties().entries();
        }
    }

    private static KeyBounds bounds(SimulatedStorage storage, Path run) {
        Path manifest = run.resolveSibling(SegmentManifest.FILE_NAME);
        return SegmentManifestFormat.decode(
                        manifest,
                        MetadataFile.read(storage, manifest, SegmentManifestFormat.MAGIC)
                                .body())
                .bounds();
    }

    private static void assertLost(long entries, KeyBounds bounds, RepairReport report) {
        assertEquals(new LostEntries(entries, entries), report.entriesLost(), report::text);
        assertEquals(1, report.lost().size(), report::text);
        LostRange range = report.lost().get(0);
        assertEquals(new LostEntries(entries, entries), range.entries(), report::text);
        assertArrayEquals(bounds.lower(), range.from(), report::text);
        assertArrayEquals(bounds.upper(), range.to(), report::text);
        assertTrue(report.text().contains(": " + entries + (entries == 1 ? " entry; " : " entries; ")), report::text);
    }

    @Test
    void aRunOfWhichNothingIsLeftIsCountedByTheManifest() {
        for (Path run : SUBJECT.files(".run")) {
            for (String way : List.of("deleted", "emptied", "zeros", "garbage")) {
                storage = SUBJECT.copy();
                byte[] content = storage.readAll(run, Integer.MAX_VALUE);
                long entries = entries(storage, run);
                KeyBounds bounds = bounds(storage, run);
                Arrays.fill(content, (byte) (way.equals("zeros") ? 0 : 0x5a));
                switch (way) {
                    case "deleted" -> storage.delete(run);
                    case "emptied" -> DamageSubject.write(storage, run, new byte[0]);
                    default -> DamageSubject.write(storage, run, content);
                }
                assertLost(entries, bounds, repair());
            }
        }
    }

    @Test
    void aSegmentWithoutItsManifestIsCountedByTheLedger() {
        for (Path manifest : SUBJECT.files(SegmentManifest.FILE_NAME)) {
            for (boolean newestOnly : new boolean[] {false, true}) {
                storage = SUBJECT.copy();
                List<Path> runs = storage.list(manifest.getParent()).stream()
                        .filter(RunIdentity::isFileName)
                        .sorted()
                        .map(manifest::resolveSibling)
                        .toList();
                long all = runs.stream().mapToLong(run -> entries(storage, run)).sum();
                storage.delete(manifest);
                List<Path> gone = newestOnly ? runs.subList(runs.size() - 1, runs.size()) : runs;
                long lost =
                        gone.stream().mapToLong(run -> entries(storage, run)).sum();
                gone.forEach(storage::delete);
                RepairReport report = repair();
                LostEntries expected = new LostEntries(lost, newestOnly ? all : lost);
                assertEquals(expected, report.entriesLost(), () -> manifest + ": " + report.text());
                if (!newestOnly) {
                    storage = SUBJECT.copy();
                    storage.list(manifest.getParent()).forEach(name -> storage.delete(manifest.resolveSibling(name)));
                    storage.delete(manifest.getParent());
                    assertEquals(expected, repair().entriesLost(), () -> manifest.getParent() + " is gone");
                }
            }
        }
    }

    @Test
    void aRunThatWasCutIsCountedByTheManifest() {
        for (Path run : SUBJECT.files(".run")) {
            storage = SUBJECT.copy();
            long all = entries(storage, run);
            byte[] content = storage.readAll(run, Integer.MAX_VALUE);
            int cut;
            long kept = 0;
            try (Run open = Run.openAny(storage, run)) {
                RunInspector inspector = new RunInspector(open);
                int blocks = inspector.blocks();
                for (int block = 0; block < blocks - 1; block++) {
                    kept += inspector.block(block).entries();
                }
                cut = (int) inspector.block(blocks - 1).offset() + 10;
            }
            DamageSubject.write(storage, run, Arrays.copyOf(content, cut));
            RepairReport report = repair();
            assertEquals(new LostEntries(all - kept, all - kept), report.entriesLost(), report::text);
            assertTrue(kept == 0 || report.text().contains(kept + " of " + all + " entries kept"), report::text);
        }
    }

    @Test
    void aRunThatWasCutBehindItsBlocksHasLostNothing() {
        for (Path run : SUBJECT.files(".run")) {
            storage = SUBJECT.copy();
            byte[] content = storage.readAll(run, Integer.MAX_VALUE);
            int end;
            try (Run open = Run.openAny(storage, run)) {
                RunInspector inspector = new RunInspector(open);
                RunInspector.Block last = inspector.block(inspector.blocks() - 1);
                end = (int) (last.offset() + last.storedBytes());
            }
            DamageSubject.write(storage, run, Arrays.copyOf(content, end));
            RepairReport report = repair();
            assertEquals(List.of(), report.lost(), report::text);
        }
    }

    /** The bytes of a run of the same length that lacks the last entry; the one before has a longer value instead. */
    private static byte[] withoutTheLastEntry(SimulatedStorage storage, Path file) {
        SimulatedStorage elsewhere = new SimulatedStorage(1);
        Path written = SimulatedStorage.DIRECTORY.resolve("run");
        try (Run run = Run.openAny(storage, file)) {
            long count = run.properties().entries() - 1;
            for (int longer = 0; longer < 4096; longer++) {
                try (RunWriter writer = RunWriter.create(elsewhere, written, run.identity(), run.options());
                        EntryCursor cursor = run.cursor()) {
                    boolean on = cursor.first();
                    for (long i = 0; on && i < count; i++, on = cursor.next()) {
                        byte[] key = Arrays.copyOf(cursor.key(), cursor.keyLength());
                        byte[] value = new byte[cursor.valueLength() + (i == count - 1 ? longer : 0)];
                        writer.append(key, key.length, cursor.sequence(), EntryKind.PUT, value, value.length);
                    }
                    writer.finish();
                }
                if (elsewhere.size(written) == run.fileBytes()) {
                    return elsewhere.readAll(written, Integer.MAX_VALUE);
                }
                elsewhere.delete(written);
            }
        }
        return null;
    }

    @Test
    void aWholeRunThatIsNotTheOneOfTheManifestIsCountedFromTheDifferenceToAll() {
        int cases = 0;
        for (Path run : SUBJECT.files(".run")) {
            storage = SUBJECT.copy();
            long entries = entries(storage, run);
            byte[] another = entries == 1 ? null : withoutTheLastEntry(storage, run);
            if (another != null) {
                DamageSubject.write(storage, run, another);
                RepairReport report = repair();
                assertEquals(new LostEntries(1, entries), report.entriesLost(), report::text);
                assertEquals(1, report.lost().size(), report::text);
                cases++;
            }
        }
        assertTrue(cases > 3, "cases: " + cases);
    }

    @Test
    void aManifestOfLevelOneTellsNoNumber() {
        storage = new SimulatedStorage(1);
        storage.createDirectory(STORE);
        Path fixture =
                Path.of("src", "test", "resources", "fixtures", "1", "split").toAbsolutePath();
        StoreImage.of(RealStorage.open(), fixture).writeDurably(storage, STORE);
        storage.forceDirectory(SimulatedStorage.DIRECTORY);
        // It holds what the runs do.
        DamageSubject.below(storage, STORE.resolve("log")).forEach(storage::delete);
        Path run = DamageSubject.below(storage, STORE.resolve("index-00001")).stream()
                .filter(path -> path.toString().endsWith(".run"))
                .findFirst()
                .orElseThrow();
        KeyBounds bounds = bounds(storage, run);
        storage.delete(run);
        RepairReport report = repair();
        LostRange range = report.lost().stream()
                .filter(lost -> lost.file().equals(run))
                .findFirst()
                .orElseThrow(() -> new AssertionError(report.text()));
        assertEquals(LostEntries.UNKNOWN, range.entries(), report::text);
        assertTrue(range.toString().contains("entries that nothing counts"), range::toString);
        assertNull(range.from());
        assertArrayEquals(bounds.upper(), range.to());
    }
}
