package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.Fault;
import io.cleave.core.storage.FaultingStorage;
import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import io.cleave.event.StoreEvents;
import io.cleave.maintenance.StallReason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What a flight recording of a store holds, and that it holds nothing when nobody asked. */
final class StoreEventsTest {
    private static final List<String> NAMES =
            List.of("Flush", "Compaction", "Split", "Stall", "SlowOperation", "LogSync", "MaintenanceTask", "Leak");
    private static final Path DIRECTORY = SimulatedStorage.DIRECTORY.resolve("store");

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    @TempDir
    Path recordings;

    private static byte[] key(int i) {
        return "%08d".formatted(i).getBytes(StandardCharsets.US_ASCII);
    }

    private static void put(SegmentIndex index, int from, int to) {
        for (int i = from; i < to; i++) {
            index.put(key(i), new byte[10]);
        }
    }

    private SegmentStore open(Storage storage, long slowOperationMillis) {
        return SegmentStore.open(
                DIRECTORY,
                StoreOptions.builder()
                        .storage(storage)
                        .maintenanceThreads(0)
                        .slowOperationMillis(slowOperationMillis)
                        .build());
    }

    /** Does something with a recording on; the events of that name it left, or all of Cleave's for an empty name. */
    private List<RecordedEvent> record(Consumer<Recording> settings, String name, Runnable work) throws IOException {
        Path file = recordings.resolve("recording.jfr");
        try (Recording recording = new Recording()) {
            settings.accept(recording);
            recording.start();
            work.run();
            recording.stop();
            recording.dump(file);
        }
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().startsWith("io.cleave." + name))
                .toList();
    }

    private List<RecordedEvent> record(String name, Runnable work) throws IOException {
        return record(recording -> recording.enable("io.cleave." + name), name, work);
    }

    private static RecordedEvent only(List<RecordedEvent> events) {
        assertEquals(1, events.size(), events::toString);
        RecordedEvent event = events.get(0);
        assertEquals(List.of("Cleave"), event.getEventType().getCategoryNames());
        return event;
    }

    private static void assertPlace(RecordedEvent event, long segmentId) {
        assertEquals(DIRECTORY.toString(), event.getString("store"));
        assertEquals("a", event.getString("index"));
        assertEquals(segmentId, event.getLong("segmentId"));
    }

    @Test
    void aFlushAndACompactionShowWhatTheyReadAndWrote() throws IOException {
        try (SegmentStore store = open(leaks.watch(new SimulatedStorage(1)), 10)) {
            SegmentIndex index = store.index("a");
            put(index, 0, 1_000);
            RecordedEvent flush = only(record("Flush", index::flush));
            assertPlace(flush, 1);
            assertTrue(flush.getLong("bytesIn") > 0, flush::toString);
            assertEquals(1_000, flush.getLong("entriesIn"));
            assertEquals(index.stats().runBytes(), flush.getLong("bytesOut"));
            assertEquals(1_000, flush.getLong("entriesOut"));
            assertFalse(flush.getDuration().isZero(), flush::toString);

            put(index, 0, 50);
            index.flush();
            long runs = index.stats().runBytes();
            RecordedEvent compaction = only(record("Compaction", index::compact));
            assertPlace(compaction, 1);
            assertEquals(runs, compaction.getLong("bytesIn"));
            assertEquals(1_050, compaction.getLong("entriesIn"));
            assertEquals(index.stats().runBytes(), compaction.getLong("bytesOut"));
            assertEquals(1_000, compaction.getLong("entriesOut"));
        }
    }

    @Test
    void aSplitShowsWhatItMade() throws IOException {
        try (SegmentStore store = open(leaks.watch(new SimulatedStorage(1)), 10)) {
            SegmentIndex index = store.index("a");
            put(index, 0, 100);
            RecordedEvent split = only(record("Split", () -> index.split(1)));
            assertPlace(split, 1);
            assertEquals("SPLIT", split.getString("outcome"));
            assertEquals("2,3", split.getString("segments"));
            assertEquals(100, split.getLong("entriesIn"));
            assertEquals(100, split.getLong("entriesOut"));
            assertEquals(index.stats().runBytes(), split.getLong("bytesOut"));
        }
    }

    @Test
    void aStallShowsItsReason() throws IOException {
        try (SegmentStore store = open(leaks.watch(new SimulatedStorage(1)), 10)) {
            RecordedEvent stall = only(record(
                    "Stall",
                    () -> store.engine()
                            .maintenance()
                            .pacing()
                            .begin(StallReason.MEMORY_SLOWDOWN)
                            .end()));
            assertEquals(DIRECTORY.toString(), stall.getString("store"));
            assertEquals("MEMORY_SLOWDOWN", stall.getString("reason"));
        }
    }

    /** No operation is below a threshold of nothing; none reaches one of a day. */
    @Test
    void onlyOperationsAboveTheThresholdAreSlow() throws IOException {
        SimulatedStorage storage = leaks.watch(new SimulatedStorage(1));
        try (SegmentStore store = open(storage, 0)) {
            List<RecordedEvent> events = record("SlowOperation", () -> everyOperation(store));
            assertEquals(
                    List.of("PUT", "GET", "SEEK", "DELETE", "BATCH"),
                    events.stream().map(event -> event.getString("operation")).toList());
            events.forEach(event -> assertEquals(DIRECTORY.toString(), event.getString("store")));
            assertEquals("a", events.get(0).getString("index"));
            assertEquals("", events.get(4).getString("index"));
        }
        try (SegmentStore store = open(storage, 86_400_000)) {
            assertEquals(List.of(), record("SlowOperation", () -> everyOperation(store)));
        }
    }

    private static void everyOperation(SegmentStore store) {
        SegmentIndex index = store.index("a");
        index.put(key(1), new byte[1]);
        index.get(key(1));
        try (Cursor cursor = index.cursor()) {
            cursor.seek(key(1));
        }
        index.delete(key(1));
        store.batch().put(index, key(2), new byte[1]).commit();
    }

    @Test
    void aSyncOfTheLogShowsHowMuchItMadeDurable() throws IOException {
        try (SegmentStore store = open(leaks.watch(new SimulatedStorage(1)), 10)) {
            SegmentIndex index = store.index("a");
            store.sync();
            long before = store.metrics().log().bytesAppended();
            index.put(key(1), new byte[100]);
            long appended = store.metrics().log().bytesAppended() - before;
            RecordedEvent sync = only(record("LogSync", store::sync));
            assertEquals(DIRECTORY.toString(), sync.getString("store"));
            assertEquals(appended, sync.getLong("bytes"));
        }
    }

    @Test
    void aTaskShowsWhatItWasAboutAndHowItEnded() throws IOException {
        FaultingStorage faulting = new FaultingStorage(leaks.watch(new SimulatedStorage(1)));
        try (SegmentStore store = open(faulting, 10);
                QuietLog quiet = new QuietLog()) {
            assertTrue(quiet.isQuiet());
            SegmentIndex index = store.index("a");
            put(index, 0, 10);
            RecordedEvent failed = only(record("MaintenanceTask", () -> {
                faulting.failAt(faulting.callCount() + 1, Fault.NO_ROOM, true);
                assertThrows(StoreException.DiskFull.class, index::flush);
                faulting.disarm();
            }));
            assertPlace(failed, 1);
            assertEquals("FLUSH", failed.getString("task"));
            assertTrue(failed.getString("failure").contains("DiskFull"), failed::toString);
            List<RecordedEvent> tasks = record("MaintenanceTask", index::flush);
            assertEquals("FLUSH", tasks.get(0).getString("task"));
            assertEquals("", tasks.get(0).getString("failure"));
            assertEquals("LOG_RELEASE", tasks.get(1).getString("task"));
            assertEquals(0, tasks.get(1).getLong("segmentId"));
        }
    }

    @Test
    void aLeakShowsWhatAndWhere() throws IOException {
        RecordedEvent leak = only(record("Leak", () -> StoreEvents.leak("cursor", "opened by a test")));
        assertEquals("cursor", leak.getString("type"));
        assertEquals("opened by a test", leak.getString("where"));
    }

    @Test
    void nothingIsRecordedThatIsOff() throws IOException {
        try (SegmentStore store = open(leaks.watch(new SimulatedStorage(1)), 0)) {
            List<RecordedEvent> events = record(
                    recording -> NAMES.forEach(name -> recording.disable("io.cleave." + name)),
                    "",
                    () -> everything(store));
            assertEquals(List.of(), events);
        }
    }

    /** Timing every operation costs; so that kind is on only where it is asked for by name. */
    @Test
    void allButSlowOperationsAreOnByThemselves() throws IOException {
        try (SegmentStore store = open(leaks.watch(new SimulatedStorage(1)), 0)) {
            List<String> names = record(recording -> {}, "", () -> everything(store)).stream()
                    .map(event -> event.getEventType().getName().replace("io.cleave.", ""))
                    .distinct()
                    .sorted()
                    .toList();
            assertEquals(List.of("Compaction", "Flush", "Leak", "LogSync", "MaintenanceTask", "Split", "Stall"), names);
        }
    }

    private static void everything(SegmentStore store) {
        everyOperation(store);
        SegmentIndex index = store.index("a");
        put(index, 0, 100);
        index.flush();
        put(index, 0, 50);
        index.compact();
        index.split(index.stats().segments().get(0).id());
        store.engine().maintenance().pacing().begin(StallReason.MEMORY_STOP).end();
        StoreEvents.leak("cursor", "opened by a test");
    }
}
