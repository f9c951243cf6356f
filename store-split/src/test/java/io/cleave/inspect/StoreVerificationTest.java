package io.cleave.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.SegmentIndex;
import io.cleave.SegmentStore;
import io.cleave.error.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A healthy store has no finding, and each kind of damage has one that names the file. */
final class StoreVerificationTest {
    private static final int FLIPS = 40;

    @TempDir
    private Path directory;

    private Path store;

    @BeforeEach
    void makeStore() {
        store = StoreFixture.closed(directory.resolve("store"));
    }

    @Test
    void aClosedStoreIsHealthyAndEverythingIsCounted() {
        Verdict verdict = StoreFixture.verify(store);
        assertEquals(List.of(), verdict.findings());
        assertEquals(2, verdict.indexes());
        assertTrue(verdict.segments() > 4, verdict::toString);
        // The last segment of an index that was filled in ascending order may be empty.
        assertTrue(verdict.runs() >= verdict.segments() - 1, verdict::toString);
        assertTrue(verdict.entries() >= 500, verdict::toString);
        assertTrue(verdict.log().clean());
    }

    @Test
    void nothingIsChanged() throws IOException {
        Map<String, String> before = StoreFixture.contents(store);
        StoreFixture.verify(store);
        assertEquals(before, StoreFixture.contents(store));
    }

    @Test
    void progressRisesToTheTotal() {
        List<long[]> steps = new ArrayList<>();
        new StoreVerification(StoreFixture.STORAGE, store, (done, total) -> steps.add(new long[] {done, total}))
                .verify();
        for (int i = 0; i < steps.size(); i++) {
            assertTrue(steps.get(i)[0] <= steps.get(i)[1]);
            assertTrue(i == 0 || steps.get(i - 1)[0] <= steps.get(i)[0]);
        }
        long[] last = steps.get(steps.size() - 1);
        assertEquals(last[1], last[0]);
    }

    @Test
    void aFlippedByteInTheCatalogIsFoundAndTheRestIsStillChecked() throws IOException {
        everyFlipIsFound("catalog", 0, Integer.MAX_VALUE);
        assertTrue(StoreFixture.verify(store).entries() >= 500);
    }

    @Test
    void aFlippedByteInAKeyMapIsFound() throws IOException {
        everyFlipIsFound("key-map", 0, Integer.MAX_VALUE);
    }

    @Test
    void aFlippedByteInTheMarkIsFound() throws IOException {
        everyFlipIsFound("segment-ids", 0, Integer.MAX_VALUE);
    }

    @Test
    void aFlippedByteInAManifestIsFound() throws IOException {
        everyFlipIsFound("manifest", 0, Integer.MAX_VALUE);
    }

    @Test
    void aFlippedByteInARunIsFound() throws IOException {
        everyFlipIsFound("run-.*", 0, Integer.MAX_VALUE);
    }

    @Test
    void aFlippedByteInALogRecordIsFound() throws IOException {
        Path copy = directory.resolve("copy");
        try (SegmentStore open = SegmentStore.open(directory.resolve("open"), StoreFixture.options())) {
            for (int i = 0; i < 20; i++) {
                open.index("main").put(StoreFixture.key(i), new byte[3]);
            }
            // The next record says that those were durable: without it, what is damaged may be a torn end.
            open.sync();
            open.index("main").put(StoreFixture.key(20), new byte[3]);
            StoreFixture.copy(open.directory(), copy);
        }
        store = copy;
        // The identity block, the chain block, and 20 records of 48 bytes that need no padding.
        everyFlipIsFound("log-.*", 0, 64);
        everyFlipIsFound("log-.*", 512, 32);
        everyFlipIsFound("log-.*", 1024, 20 * 48);
    }

    /** Flips bytes of the first file of that name one at a time, at random places of a part of it. */
    private void everyFlipIsFound(String name, int from, int length) throws IOException {
        Path file = StoreFixture.files(store, name).get(0);
        byte[] right = Files.readAllBytes(file);
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < FLIPS; i++) {
            int offset = from + random.nextInt(Math.min(length, right.length - from));
            StoreFixture.flip(file, offset);
            List<Finding> errors = StoreFixture.errors(store);
            assertFalse(errors.isEmpty(), () -> file + ", byte " + offset + " flipped, seed " + seed);
            assertTrue(
                    errors.stream()
                            .anyMatch(finding -> finding.file().equals(file)
                                    || finding.file().equals(file.getParent())),
                    () -> file + ", byte " + offset + " flipped, seed " + seed + ": " + errors);
            Files.write(file, right);
        }
        assertEquals(List.of(), StoreFixture.errors(store));
    }

    @Test
    void theStructureIsCheckedWithoutReadingEntriesOrTheLog() throws IOException {
        Verdict whole = StoreFixture.verify(store);
        Path run = StoreFixture.files(store, "run-.*").get(0);
        StoreFixture.flip(run, 70);
        Verdict verdict = structure();
        assertEquals(List.of(), verdict.findings());
        assertEquals(null, verdict.log());
        assertEquals(whole.runs(), verdict.runs());
        assertEquals(whole.entries(), verdict.entries());
        assertFalse(StoreFixture.verify(store).healthy(), "the flipped byte is in no block");
        byte[] bytes = Files.readAllBytes(run);
        Files.write(run, java.util.Arrays.copyOf(bytes, bytes.length - 1));
        assertEquals(
                List.of(run), structure().findings().stream().map(Finding::file).toList());
    }

    private Verdict structure() {
        return new StoreVerification(StoreFixture.STORAGE, store, (done, total) -> {}, VerificationDepth.STRUCTURE)
                .verify();
    }

    @Test
    void aMissingRunIsFound() throws IOException {
        Path run = StoreFixture.files(store, "run-.*").get(0);
        Files.delete(run);
        Finding finding = onlyError();
        assertEquals(run.resolveSibling("manifest"), finding.file());
        assertEquals(run.getFileName().toString(), finding.expected());
        assertEquals("none", finding.found());
    }

    @Test
    void aTruncatedRunIsFound() throws IOException {
        Path run = StoreFixture.files(store, "run-.*").get(0);
        byte[] content = Files.readAllBytes(run);
        Files.write(run, java.util.Arrays.copyOf(content, content.length / 2));
        assertEquals(run, onlyError().file());
    }

    @Test
    void aRunOfAnotherSegmentIsFound() throws IOException {
        List<Path> segments = StoreFixture.files(store.resolve("index-00001"), "segment-.*");
        Path one = StoreFixture.files(segments.get(0), "run-.*").get(0);
        Path other = StoreFixture.files(segments.get(1), "run-.*").get(0);
        Files.copy(other, one, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertEquals(one, onlyError().file());
    }

    @Test
    void aMissingSegmentIsFound() throws IOException {
        Path segment = StoreFixture.files(store, "segment-\\d+").get(0);
        StoreFixture.delete(segment);
        Finding finding = onlyError();
        assertTrue(finding.rule().startsWith("manifest of segment"), finding::toString);
        assertTrue(finding.expected().matches("one of version \\d+ with \\d+ entries"), finding::toString);
        assertEquals(segment, finding.file());
    }

    @Test
    void aMissingManifestIsFound() throws IOException {
        Path manifest = StoreFixture.files(store, "manifest").get(0);
        Files.delete(manifest);
        assertTrue(
                onlyError().rule().startsWith("manifest of segment"),
                () -> onlyError().toString());
        assertEquals(manifest, onlyError().file());
    }

    @Test
    void anOrphanBelowTheMarkIsAWarningAndOneAboveAnError() throws IOException {
        Path index = store.resolve("index-00001");
        Path below = Files.createDirectory(index.resolve("segment-00001"));
        Verdict verdict = StoreFixture.verify(store);
        assertTrue(verdict.healthy());
        assertEquals(
                List.of(below), verdict.findings().stream().map(Finding::file).toList());
        Path above = Files.createDirectory(index.resolve("segment-09999"));
        assertEquals(above, onlyError().file());
    }

    @Test
    void aCopyOfASegmentIsFound() throws IOException {
        Path index = store.resolve("index-00001");
        Path segment = StoreFixture.files(index, "segment-\\d+").get(0);
        Path copy = index.resolve("segment-00001");
        StoreFixture.copy(segment, copy);
        assertEquals("identity", onlyError().rule());
        assertEquals(copy.resolve("manifest"), onlyError().file());
    }

    @Test
    void swappedSegmentsAreFound() throws IOException {
        Path index = store.resolve("index-00001");
        List<Path> segments = StoreFixture.files(index, "segment-\\d+");
        Path aside = index.resolve("aside");
        Files.move(segments.get(0), aside);
        Files.move(segments.get(1), segments.get(0));
        Files.move(aside, segments.get(1));
        assertEquals(2, StoreFixture.errors(store).size());
    }

    @Test
    void aMissingIndexIsFound() throws IOException {
        StoreFixture.delete(store.resolve("index-00002"));
        assertEquals(
                store.resolve("index-00002").resolve("key-map"), onlyError().file());
    }

    @Test
    void anIndexThatTheCatalogDoesNotNameIsFound() throws IOException {
        try (SegmentStore open = SegmentStore.open(store, StoreFixture.options())) {
            StoreFixture.copy(store.resolve("index-00002"), directory.resolve("aside"));
            open.dropIndex("other");
        }
        StoreFixture.copy(directory.resolve("aside"), store.resolve("index-00002"));
        Verdict verdict = StoreFixture.verify(store);
        assertTrue(verdict.healthy());
        assertEquals("indexes that the catalog names", verdict.findings().get(0).rule());
        Files.createDirectory(store.resolve("index-00077"));
        assertEquals("index id", onlyError().rule());
    }

    @Test
    void aMissingCatalogIsFoundAndTheRestIsStillChecked() throws IOException {
        Files.delete(store.resolve("catalog"));
        assertEquals("catalog", onlyError().rule());
        assertTrue(StoreFixture.verify(store).entries() >= 500);
    }

    @Test
    void aMissingLogIsFound() throws IOException {
        StoreFixture.delete(store.resolve("log"));
        assertEquals(
                List.of("sequence number", "last sequence number of the log"),
                StoreFixture.errors(store).stream().map(Finding::rule).toList());
    }

    @Test
    void aLinkInPlaceOfADirectoryIsFoundAndNotFollowed() throws IOException {
        for (Path path : List.of(
                store.resolve("log"),
                store.resolve("index-00001"),
                StoreFixture.files(store, "segment-\\d+").get(0))) {
            Path outside = directory.resolve("outside");
            Files.move(path, outside);
            Files.createSymbolicLink(path, outside);
            assertTrue(
                    StoreFixture.errors(store).stream()
                            .anyMatch(finding -> finding.file().equals(path)
                                    && finding.rule().equals("kind of path")),
                    path::toString);
            Files.delete(path);
            Files.move(outside, path);
        }
    }

    @Test
    void aDirectoryInPlaceOfALockIsFound() throws IOException {
        for (Path path : StoreFixture.files(store, "lock")) {
            Files.delete(path);
            Files.createDirectory(path);
            assertEquals(path, onlyError().file());
            Files.delete(path);
        }
    }

    @Test
    void aLogFileWithAZeroTooManyInItsNameIsAWarning() throws IOException {
        Path file = StoreFixture.files(store, "log-.*").get(0);
        Path copy = file.resolveSibling(file.getFileName().toString().replace("log-", "log-0"));
        Files.copy(file, copy);
        assertEquals(copy, StoreFixture.verify(store).findings().get(0).file());
    }

    @Test
    void unknownFilesAreWarnings() throws IOException {
        List<Path> planted = List.of(
                store.resolve("notes.txt"),
                store.resolve("log").resolve("notes.txt"),
                store.resolve("index-00001").resolve("notes.txt"),
                StoreFixture.files(store, "segment-\\d+").get(0).resolve("notes.txt"),
                StoreFixture.files(store, "segment-\\d+").get(0).resolve("run-000999.run"));
        for (Path file : planted) {
            Files.writeString(file, "unknown");
        }
        Verdict verdict = StoreFixture.verify(store);
        assertTrue(verdict.healthy());
        assertEquals(
                planted.stream().sorted().toList(),
                verdict.findings().stream().map(Finding::file).sorted().toList());
    }

    @Test
    void aDirectoryWithoutAStoreIsRefused() throws IOException {
        Path empty = Files.createDirectory(directory.resolve("empty"));
        assertThrows(StoreException.NotFound.class, () -> StoreFixture.verify(empty));
        assertThrows(StoreException.NotFound.class, () -> StoreFixture.verify(directory.resolve("absent")));
    }

    @Test
    void aStoreThatSomebodyWritesAndSplitsIsNotTakenForDamaged() throws InterruptedException {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread writer = new Thread(() -> {
            try (SegmentStore open = SegmentStore.open(store, StoreFixture.options())) {
                SegmentIndex main = open.index("main");
                for (int i = 0; !stop.get(); i++) {
                    main.put(StoreFixture.key(i % 20_000), StoreFixture.key(i));
                    if (i % 500 == 0) {
                        main.flush();
                    }
                }
            } catch (RuntimeException | Error e) {
                failure.set(e);
            }
        });
        writer.start();
        try {
            for (int i = 0; i < 15; i++) {
                assertEquals(List.of(), StoreFixture.errors(store));
            }
        } finally {
            stop.set(true);
            writer.join();
        }
        assertEquals(null, failure.get());
    }

    private Finding onlyError() {
        List<Finding> errors = StoreFixture.errors(store);
        assertEquals(1, errors.size(), errors::toString);
        return errors.get(0);
    }
}
