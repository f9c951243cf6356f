package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.parts.LogEnd;
import io.cleave.core.parts.PartId;
import io.cleave.core.parts.PartsLedger;
import io.cleave.core.parts.PartsLedgerFormat;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import io.cleave.fixture.StoreOfLevel1;
import io.cleave.fuzz.StoreImage;
import io.cleave.inspect.Finding;
import io.cleave.log.LogInspection;
import io.cleave.repair.RepairReport;
import io.cleave.repair.StoreRepair;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the ledger of parts tells, when it is published, and what waits for its comparisons. */
final class StorePartsTest {
    private static final Path STORE = AgingStore.DIRECTORY;
    private static final String MANIFEST = "index-00001/segment-00001/manifest";

    private SimulatedStorage storage = new SimulatedStorage(1);

    private SegmentStore open() {
        return SegmentStore.open(STORE, AgingStore.options(storage));
    }

    /** One session that puts and flushes; returns what lay there at its clean end. */
    private StoreImage session(String key) {
        try (SegmentStore store = open()) {
            write(store, key);
        }
        return StoreImage.of(storage, STORE);
    }

    private static void write(SegmentStore store, String key) {
        store.index("index").put(bytes(key), bytes("value"));
        store.index("index").flush();
    }

    /** A session that writes, and whose process dies. */
    private StoreImage killedSession(String key) {
        SegmentStore store = open();
        write(store, key);
        kill(store);
        return StoreImage.of(storage, STORE);
    }

    private void kill(SegmentStore store) {
        storage = storage.kill();
        CrashWorkload.abandon(store);
    }

    private void lay(StoreImage image) {
        storage = new SimulatedStorage(1);
        storage.createDirectory(STORE);
        image.write(storage, STORE);
    }

    private static List<String> runs(StoreImage image) {
        return image.files().stream().filter(file -> file.endsWith(".run")).toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private PartsLedger ledger() {
        Path file = STORE.resolve(PartsLedger.FILE_NAME);
        MetadataFormat.Frame frame = PartsLedgerFormat.frame(storage, file);
        return PartsLedgerFormat.decode(file, frame, frame.store());
    }

    private LogEnd logEnd() {
        MetadataFormat.Frame frame = PartsLedgerFormat.frame(storage, STORE.resolve(PartsLedger.FILE_NAME));
        return LogInspection.verify(storage, STORE.resolve("log"), frame.store())
                .ending();
    }

    private boolean isLogClosed() {
        return logEnd().closed();
    }

    private String read() {
        try (SegmentStore store = open()) {
            return AgingStore.shown(store);
        }
    }

    private StoreException.Corrupt assertTold(String... words) {
        List<Finding> errors = AgingStore.errors(storage);
        assertFalse(errors.isEmpty(), "verification tells nothing");
        StoreException.Corrupt told = assertThrows(StoreException.Corrupt.class, this::read);
        for (String word : words) {
            assertTrue(told.getMessage().contains(word), told::toString);
        }
        return told;
    }

    @Test
    void aPartBelowItsLineIsToldWithItsNameAndBothVersionsAfterAnyEnd() {
        try (SegmentStore store = open()) {
            store.index("index");
        }
        StoreImage old = StoreImage.of(storage, STORE);
        for (int i = 0; i < 2; i++) {
            try (SegmentStore store = open()) {
                for (int key = 0; key < 40; key++) {
                    write(store, "key" + i + key);
                }
                store.index("more" + i);
            }
        }
        StoreImage closed = StoreImage.of(storage, STORE);
        StoreImage killed = killedSession("last");
        for (StoreImage newer : List.of(closed, killed)) {
            for (String part : List.of("catalog", "index-00001/key-map", "index-00001/segment-ids")) {
                StoreImage mixed = newer.copy();
                mixed.put(part, old.content(part));
                lay(mixed);
                String name = part.substring(part.lastIndexOf('/') + 1).replace('-', ' ');
                assertTold("version of the " + name, "older than the rest of the store");
            }
        }
    }

    @Test
    void anOlderManifestIsToldWhenItsSegmentIsLoaded() {
        StoreImage old = session("first");
        StoreImage newer = session("second");
        StoreImage killed = killedSession("third");
        for (StoreImage image : List.of(newer, killed)) {
            StoreImage mixed = image.copy();
            old.paths().stream()
                    .filter(path -> path.startsWith("index-"))
                    .forEach(path -> mixed.put(path, old.content(path)));
            mixed.put("index-00001/key-map", image.content("index-00001/key-map"));
            mixed.put("index-00001/segment-ids", image.content("index-00001/segment-ids"));
            lay(mixed);
            assertTold("version of the manifest of segment 1 of index 1", "older than the rest of the store");
        }
    }

    @Test
    void theSameVersionWithAnotherContentIsTold() {
        StoreImage closed = session("first");
        byte[] other = closed.content(MANIFEST).clone();
        other[MetadataFormat.BODY_OFFSET + 24]++; // the next run number, which nothing else is compared with
        StoreImage mixed = closed.copy();
        mixed.put(MANIFEST, other);
        mixed.seal(MANIFEST);
        lay(mixed);
        assertTold("version of the manifest", "with checksum", "older than the rest of the store");
    }

    @Test
    void whatIsNamedAndMissingIsToldWithItsEntries() {
        StoreImage closed = session("first");
        StoreImage mixed = closed.copy();
        mixed.paths().stream()
                .filter(path -> path.startsWith("index-00001/segment-00001"))
                .forEach(mixed::remove);
        lay(mixed);
        assertTold("index-00001/segment-00001 at", "manifest of segment 1 of index 1", "with 1 entries", "found none");
        mixed = closed.copy();
        mixed.remove(MANIFEST);
        lay(mixed);
        assertTold(MANIFEST, "with 1 entries", "found none");
        mixed = closed.copy();
        mixed.paths().stream().filter(path -> path.startsWith("index-00001")).forEach(mixed::remove);
        lay(mixed);
        assertTold("key map of index 1", "of an index with 1 entries", "found none");
    }

    @Test
    void aManifestWhoseRunIsMissingSaysSo() {
        StoreImage closed = session("first");
        StoreImage mixed = closed.copy();
        mixed.remove(runs(closed).get(0));
        lay(mixed);
        assertTold(runs(closed).get(0), "because the manifest names it", "found none");
    }

    @Test
    void aLogOlderThanTheLedgerIsTold() {
        StoreImage old = session("first");
        StoreImage newer = session("second");
        lay(withLog(newer, old));
        assertTold("last sequence number of the log", "older than the rest of the store");
    }

    @Test
    void anOlderLogThatEndsAtTheSameNumberIsTold() {
        session("first");
        StoreImage killed = killedSession("second");
        try (SegmentStore store = open()) {
            assertEquals(1, store.indexNames().size());
        }
        lay(withLog(StoreImage.of(storage, STORE), killed));
        assertTold("number of the newest file of the log", "older than the rest of the store");
    }

    private static StoreImage withLog(StoreImage image, StoreImage other) {
        StoreImage mixed = image.copy();
        mixed.paths().stream().filter(path -> path.startsWith("log/")).forEach(mixed::remove);
        other.paths().stream()
                .filter(path -> path.startsWith("log/"))
                .forEach(path -> mixed.put(path, other.content(path)));
        return mixed;
    }

    @Test
    void aLogOfAnIndexThatTheCatalogHasNotMadeYetIsToldAndRepaired() {
        StoreImage mixed = session("first").copy();
        StoreImage later = killedSessionOfAnotherIndex();
        mixed.files().stream().filter(file -> file.startsWith("log/")).toList().forEach(mixed::remove);
        later.files().stream()
                .filter(file -> file.startsWith("log/"))
                .forEach(file -> mixed.put(file, later.content(file)));
        lay(mixed);
        assertTold("index id", "found 2");
        RepairReport report = repaired();
        assertTrue(report.text().contains("index that has left no directory, unless it was dropped"), report::text);
        assertTrue(read().startsWith("index:"), this::read);
        try (SegmentStore store = open()) {
            // The log's records are not those of the next index.
            store.index("next");
            assertEquals(3, store.engine().indexesByName().get("next").indexId());
        }
    }

    @Test
    void anOlderCatalogWithoutAnIndexThatLiesThereIsRepairedWithIt() {
        StoreImage before = session("first");
        StoreImage mixed = killedSessionOfAnotherIndex().copy();
        mixed.put("catalog", before.content("catalog"));
        lay(mixed);
        assertTold("index-00002", "index id", "found 2");
        RepairReport report = repaired();
        assertTrue(report.text().contains("recovered-00002=2"), report::text);
        assertEquals(2, read().lines().count(), this::read);
        assertTrue(read().contains("recovered-00002:" + StoreHistory.hex(bytes("key"))), this::read);
    }

    /** Each part of an upgraded store under the catalog of before: of the same age as that is only what nobody has published since. */
    @Test
    void whatWasPublishedSinceAnUpgradeIsToldUnderTheCatalogOfBeforeAndRepaired() {
        StoreOfLevel1 level1 = StoreOfLevel1.ALL.stream()
                .filter(StoreOfLevel1::closed)
                .filter(kept -> !kept.contents().isEmpty())
                .findFirst()
                .orElseThrow();
        String index = level1.contents().keySet().iterator().next();
        lay(level1.image());
        try (SegmentStore store = openUpgrading()) {
            store.index(index).put(bytes("key"), bytes("value"));
        }
        StoreImage later = StoreImage.of(storage, STORE);
        for (String kind : List.of("catalog", "log/", "index-")) {
            StoreImage mixed =
                    kind.equals("catalog") ? later.copy() : level1.image().copy();
            StoreImage other = kind.equals("catalog") ? level1.image() : later;
            mixed.files().stream()
                    .filter(file -> file.startsWith(kind))
                    .toList()
                    .forEach(mixed::remove);
            other.files().stream()
                    .filter(file -> file.startsWith(kind))
                    .forEach(file -> mixed.put(file, other.content(file)));
            lay(mixed);
            assertFalse(AgingStore.errors(storage).isEmpty(), kind);
            assertThrows(StoreException.Corrupt.class, this::openUpgrading, kind);
            RepairReport report = repaired();
            assertTrue(report.text().contains("one, as parts or the log tell"), report::text);
            try (SegmentStore store = open()) {
                level1.contents()
                        .get(index)
                        .forEach((key, value) ->
                                assertArrayEquals(value, store.index(index).get(key)));
                boolean holds = store.index(index).get(bytes("key")) != null;
                assertTrue(holds || report.text().contains("index " + index), report::text);
            }
        }
    }

    private SegmentStore openUpgrading() {
        return SegmentStore.open(
                STORE, CrashWorkload.optionsBuilder(storage).upgrade(true).build());
    }

    private StoreImage killedSessionOfAnotherIndex() {
        SegmentStore store = open();
        store.index("other").put(bytes("key"), bytes("value"), Durability.PROCESS);
        kill(store);
        return StoreImage.of(storage, STORE);
    }

    /** The report of a repair after which verification finds nothing. */
    private RepairReport repaired() {
        RepairReport report = new StoreRepair(storage, STORE, (done, total) -> {}).repair();
        assertEquals(List.of(), AgingStore.errors(storage), report::text);
        return report;
    }

    @Test
    void aLedgerThatWasPutBackIsToldByTheLog() {
        StoreImage old = session("first");
        StoreImage closed = session("second");
        StoreImage killed = killedSession("third");
        for (StoreImage newer : List.of(closed, killed)) {
            StoreImage mixed = newer.copy();
            mixed.put(PartsLedger.FILE_NAME, old.content(PartsLedger.FILE_NAME));
            lay(mixed);
            assertTold("version of the ledger", "older than the rest of the store");
        }
    }

    @Test
    void aPartAboveItsLineIsToldAfterACleanEndAndFollowedAfterAKill() {
        StoreImage closed = session("first");
        StoreImage newer = session("second");
        StoreImage mixed = closed.copy();
        newer.paths().stream()
                .filter(path -> path.startsWith("index-"))
                .forEach(path -> mixed.put(path, newer.content(path)));
        lay(mixed);
        assertTold("newer than the rest of the store");
        lay(closed);
        killedSession("second");
        long before = ledger().line(PartId.manifest(1, 1)).version();
        try (SegmentStore store = open()) {
            assertArrayEquals(bytes("value"), store.index("index").get(bytes("second")));
            assertTrue(ledger().line(PartId.manifest(1, 1)).version() > before);
        }
    }

    @Test
    void aCloseThatFlushedEverythingLeavesTheFlagAndTheMark() {
        session("first");
        assertTrue(ledger().clean());
        assertTrue(isLogClosed());
        assertEquals(1, ledger().line(PartId.manifest(1, 1)).contents().entries());
    }

    @Test
    void theMarkOfACleanEndFollowsTheLedgerOfTheClose() {
        session("first");
        StoreImage before = StoreImage.of(storage, STORE);
        SegmentStore whole = openAndWrite(before, Long.MAX_VALUE);
        long from = storage.operations();
        whole.close();
        long until = storage.operations();
        int ledgerAlone = 0;
        int marks = 0;
        for (long call = from + 1; call <= until + 1; call++) {
            SegmentStore store = openAndWrite(before, call);
            assertEquals(call <= until, endsInItsClose(store), "dies at call " + call);
            SimulatedStorage ended = storage;
            for (SimulatedStorage left : List.of(ended.kill(), ended.crash(call))) {
                storage = left;
                boolean told = ledger().clean() && ledger().sequence() == logEnd().lastSequence();
                assertTrue(told || !isLogClosed(), "a mark without the ledger of its close, dead at call " + call);
                marks += isLogClosed() ? 1 : 0;
                ledgerAlone += told && !isLogClosed() ? 1 : 0;
                assertEquals(List.of(), AgingStore.errors(storage));
                assertTrue(read().contains("index"));
            }
        }
        assertTrue(ledgerAlone > 0 && marks > 0, "ledger without mark " + ledgerAlone + ", marks " + marks);
    }

    private SegmentStore openAndWrite(StoreImage image, long diesAtCall) {
        storage = new SimulatedStorage(1).crashAt(diesAtCall);
        storage.createDirectory(STORE);
        image.writeDurably(storage, STORE);
        storage.forceDirectory(SimulatedStorage.DIRECTORY);
        SegmentStore store = open();
        write(store, "second");
        return store;
    }

    /** Closes the store; true when its storage is dead by then. */
    private boolean endsInItsClose(SegmentStore store) {
        try {
            store.close();
        } catch (RuntimeException | Error e) {
            if (!storage.isDead()) {
                throw e;
            }
        }
        CrashWorkload.abandon(store);
        return storage.isDead();
    }

    @Test
    void aPoisonedStoreLeavesNeitherFlagNorMark() {
        SegmentStore store = open();
        write(store, "first");
        store.engine().gate().poison(new IllegalStateException("planted"));
        store.close();
        assertFalse(ledger().clean());
        assertFalse(isLogClosed());
        assertEquals(List.of(), AgingStore.errors(storage));
        assertTrue(read().contains("index"));
    }

    @Test
    void anOpenThatFailsLeavesNoMarkOfACleanEnd() {
        StoreImage killed = killedSession("first");
        StoreImage damaged = killed.copy();
        damaged.remove(runs(killed).get(0));
        lay(damaged);
        StoreImage before = StoreImage.of(storage, STORE);
        assertThrows(StoreException.Corrupt.class, this::open);
        assertFalse(isLogClosed());
        before.files().stream()
                .filter(file -> file.startsWith("index-"))
                .forEach(
                        file -> assertArrayEquals(before.content(file), storage.readAll(STORE.resolve(file), 1 << 20)));
    }

    @Test
    void aPartThatIsToldKeepsItsLine() {
        try (SegmentStore store = open()) {
            store.index("index");
            store.index("other");
        }
        StoreImage old = StoreImage.of(storage, STORE);
        session("first");
        SegmentStore last = open();
        last.index("other").put(bytes("key"), bytes("value"));
        kill(last);
        StoreImage mixed = StoreImage.of(storage, STORE).copy();
        mixed.put(MANIFEST, old.content(MANIFEST));
        lay(mixed);
        long line = ledger().line(PartId.manifest(1, 1)).version();
        for (int i = 0; i < 2; i++) {
            // The segment is not needed for the other index; closing takes no notice of it.
            try (SegmentStore store = open()) {
                assertArrayEquals(bytes("value"), store.index("other").get(bytes("key")));
            }
            assertEquals(line, ledger().line(PartId.manifest(1, 1)).version());
            assertTold("version of the manifest of segment 1 of index 1");
        }
    }

    @Test
    void directoriesOfPartsAboveTheirLineAreForcedBeforeTheLedgerTellsOfThem() {
        session("first");
        killedSession("second");
        storage = storage.logOperations();
        try (SegmentStore store = open()) {
            List<String> log = storage.operationLog();
            int forced = log.indexOf("forceDirectory " + STORE.resolve("index-00001/segment-00001"));
            int published = log.indexOf("rename " + STORE.resolve("parts.tmp") + " " + STORE.resolve("parts"));
            assertTrue(forced >= 0 && forced < published, log::toString);
            assertEquals(1, store.indexNames().size());
        }
    }

    @Test
    void anOlderKeyMapDoesNotHaveNewerSegmentsDeleted() {
        try (SegmentStore store = open()) {
            store.index("index");
        }
        StoreImage old = StoreImage.of(storage, STORE);
        try (SegmentStore store = open()) {
            for (int key = 0; key < 60; key++) {
                store.index("index").put(bytes("key" + key), bytes("value"));
            }
            store.index("index").flush();
            store.awaitMaintenance();
        }
        StoreImage mixed = StoreImage.of(storage, STORE).copy();
        assertFalse(mixed.paths().contains("index-00001/segment-00001"), "no split");
        old.paths().stream()
                .filter(path -> path.startsWith("index-00001/segment-00001") || path.endsWith("key-map"))
                .forEach(path -> mixed.put(path, old.content(path)));
        lay(mixed);
        assertTold("key map of index 1", "older than the rest of the store");
        assertEquals(
                mixed.files(),
                StoreImage.of(storage, STORE).files().stream()
                        .filter(file -> !file.equals("lock") || mixed.files().contains("lock"))
                        .toList());
    }

    @Test
    void anOlderManifestThatTheLogMakesGoodLosesNothing() {
        StoreImage old = session("first");
        StoreImage killed = killedSession("second");
        StoreImage mixed = killed.copy();
        mixed.put(MANIFEST, old.content(MANIFEST));
        runs(old).forEach(run -> mixed.put(run, old.content(run)));
        lay(mixed);
        List<String> newer = new ArrayList<>(runs(killed));
        newer.removeAll(runs(old));
        assertFalse(newer.isEmpty(), "no new run");
        // Not older than the ledger: it can't be told. But the log has what it lacks.
        try (SegmentStore store = open()) {
            assertArrayEquals(bytes("value"), store.index("index").get(bytes("first")));
            assertArrayEquals(bytes("value"), store.index("index").get(bytes("second")));
            newer.forEach(run -> assertEquals(Storage.PathKind.ABSENT, storage.kind(STORE.resolve(run)), run));
        }
    }

    @Test
    void verificationBesideAWriterRaisesNoFalseAlarm() {
        session("first");
        try (SegmentStore store = open()) {
            for (int i = 0; i < 6; i++) {
                write(store, "key" + i);
                assertEquals(List.of(), AgingStore.errors(storage));
            }
            store.index("other");
            assertEquals(List.of(), AgingStore.errors(storage));
            store.dropIndex("other");
            assertEquals(List.of(), AgingStore.errors(storage));
        }
        assertEquals(List.of(), AgingStore.errors(storage));
    }

    @Test
    void anAbsentOrUnreadableLedgerIsToldAndRepairMakesItAnew() {
        StoreImage closed = session("first");
        for (boolean absent : new boolean[] {true, false}) {
            StoreImage damaged = closed.copy();
            if (absent) {
                damaged.remove(PartsLedger.FILE_NAME);
            } else {
                damaged.content(PartsLedger.FILE_NAME)[50] ^= 1;
            }
            lay(damaged);
            assertTold(PartsLedger.FILE_NAME);
            RepairReport report = repair();
            assertTrue(report.text().contains("made anew"), report::text);
            assertEquals(List.of(), report.lost());
            assertEquals(List.of(), AgingStore.errors(storage));
            assertTrue(read().contains("index"));
        }
    }

    @Test
    void repairGivesOlderPartsVersionsAboveTheirLinesAndNamesWhatTheyDoNotHold() {
        StoreImage old = session("first");
        StoreImage closed = session("second");
        long line = ledger().line(PartId.manifest(1, 1)).version();
        StoreImage mixed = closed.copy();
        mixed.paths().stream()
                .filter(path -> path.startsWith("index-00001/segment-00001"))
                .forEach(mixed::remove);
        old.paths().stream()
                .filter(path -> path.startsWith("index-00001/segment-00001"))
                .forEach(path -> mixed.put(path, old.content(path)));
        lay(mixed);
        RepairReport report = repair();
        assertTrue(report.text().contains("older than the rest of the store"), report::text);
        assertTrue(report.lost().stream().anyMatch(range -> range.contains(bytes("second"))), report::text);
        assertEquals(line + 1, ledger().line(PartId.manifest(1, 1)).version());
        assertEquals(List.of(), AgingStore.errors(storage));
        try (SegmentStore store = open()) {
            assertArrayEquals(bytes("value"), store.index("index").get(bytes("first")));
        }
    }

    private RepairReport repair() {
        RepairReport report = new StoreRepair(storage, STORE, (done, total) -> {}).repair();
        storage = storage.kill();
        return report;
    }

    @Test
    void aNewStorePublishesItsLedgerBeforeItsFirstIndexId() {
        try (SegmentStore store = open()) {
            assertEquals(Storage.PathKind.ABSENT, storage.kind(STORE.resolve(PartsLedger.FILE_NAME)));
            storage.logOperations();
            store.index("index");
            List<String> log = storage.operationLog();
            int ledger = log.indexOf("rename " + STORE.resolve("parts.tmp") + " " + STORE.resolve("parts"));
            int catalog = log.indexOf("rename " + STORE.resolve("catalog.tmp") + " " + STORE.resolve("catalog"));
            assertTrue(ledger >= 0 && ledger < catalog, log::toString);
        }
    }

    @Test
    void aCloseAfterNothingHappenedDoesNotPublishTheLedger() {
        session("first");
        long version = ledger().version();
        try (SegmentStore store = open()) {
            assertEquals(1, store.indexNames().size());
        }
        assertEquals(version, ledger().version());
        assertTrue(isLogClosed());
    }
}
