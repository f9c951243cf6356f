package io.cleave;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.KeyBounds;
import io.cleave.core.segment.SegmentManifest;
import io.cleave.core.segment.SegmentManifestFormat;
import io.cleave.core.storage.MetadataFile;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import io.cleave.fuzz.StoreImage;
import io.cleave.inspect.StoreInspection;
import io.cleave.log.LogFileInfo;
import io.cleave.log.LogRecordKind;
import io.cleave.look.CutCursor;
import io.cleave.look.IndexCut;
import io.cleave.look.StoreLook;
import io.cleave.repair.StoreRepair;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that is read without being opened gives what an open would, and stays as it is. */
final class StoreLookTest {
    private static final Path STORE = SimulatedStorage.DIRECTORY.resolve("store");

    private final SimulatedStorage storage = new SimulatedStorage(1);

    private SegmentStore open() {
        return SegmentStore.open(STORE, CrashWorkload.options(storage));
    }

    private StoreLook look() {
        return new StoreLook(storage, STORE);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static KeyBounds only(String key) {
        return new KeyBounds(bytes(key), KeyOrder.successor(bytes(key)));
    }

    private static String get(StoreLook look, String index, String key) {
        try (IndexCut cut = look.cut(index, only(key))) {
            byte[] value = cut.get(bytes(key));
            return value == null ? null : new String(value, UTF_8);
        }
    }

    private static Map<String, String> entries(StoreLook look, String index, KeyBounds bounds) {
        Map<String, String> up = new LinkedHashMap<>();
        List<String> down = new ArrayList<>();
        try (IndexCut cut = look.cut(index, bounds);
                CutCursor cursor = cut.cursor(KeyBounds.ALL)) {
            while (cursor.next()) {
                up.put(new String(cursor.keyBytes(), UTF_8), new String(cursor.valueBytes(), UTF_8));
            }
            assertFalse(cursor.next());
            while (cursor.previous()) {
                down.add(new String(cursor.keyBytes(), UTF_8));
            }
            up.forEach((key, value) -> assertArrayEquals(bytes(value), cut.get(bytes(key)), key));
            int at = 0;
            for (String key : up.keySet()) {
                at++;
                assertTrue(
                        at % 7 != 0 || (cursor.seek(bytes(key)) && new String(cursor.keyBytes(), UTF_8).equals(key)));
            }
        }
        try (IndexCut cut = look.cut(index, bounds);
                CutCursor cursor = cut.descendingCursor(bounds)) {
            for (String key : down) {
                assertTrue(cursor.next());
                assertEquals(key, new String(cursor.keyBytes(), UTF_8));
            }
            assertFalse(cursor.next());
        }
        Collections.reverse(down);
        assertEquals(new ArrayList<>(up.keySet()), down);
        return up;
    }

    private static Map<String, Map<String, String>> all(StoreLook look) {
        Map<String, Map<String, String>> all = new TreeMap<>();
        look.indexNames().forEach(name -> all.put(name, entries(look, name, KeyBounds.ALL)));
        return all;
    }

    private static Map<String, Map<String, String>> all(SegmentStore store) {
        Map<String, Map<String, String>> all = new TreeMap<>();
        for (String name : store.indexNames()) {
            Map<String, String> entries = new LinkedHashMap<>();
            try (Cursor cursor = store.index(name).cursor()) {
                while (cursor.next()) {
                    entries.put(new String(cursor.keyBytes(), UTF_8), new String(cursor.valueBytes(), UTF_8));
                }
            }
            all.put(name, entries);
        }
        return all;
    }

    @Test
    void aStoreThatDiedAnywhereIsReadAsTheNextOpenFindsItAndStaysAsItIs() {
        SimulatedStorage counted = new SimulatedStorage(1);
        new CrashWorkload(counted).run();
        long stride = Campaign.standard(149, 1);
        long looks = 0;
        try (QuietLog quiet = new QuietLog()) {
            for (long at = 1 + Campaign.seed() % stride; at <= counted.operations(); at += stride) {
                SimulatedStorage dying = new SimulatedStorage(1).crashAt(at);
                new CrashWorkload(dying).run();
                for (SimulatedStorage left : List.of(dying.kill(), dying.crash(at))) {
                    try {
                        looks += compare(left);
                    } catch (RuntimeException | Error e) {
                        throw new AssertionError("at operation " + at + ", -Dcleave.seed=" + Campaign.seed(), e);
                    }
                }
            }
            assertTrue(quiet.isQuiet());
        }
        System.out.printf("looks at stores that died: %d%n", looks);
        assertTrue(looks > 20, "looks: " + looks);
    }

    private static long compare(SimulatedStorage left) {
        long operations = left.operations();
        Map<String, Map<String, String>> seen;
        try {
            seen = all(new StoreLook(left, CrashWorkload.DIRECTORY));
        } catch (StoreException.NotFound e) {
            return 0;
        }
        assertEquals(operations, left.operations(), "something was changed");
        assertEquals(0, left.counters().mappings());
        assertEquals(0, left.counters().memoryBytes());
        try (SegmentStore store = SegmentStore.open(CrashWorkload.DIRECTORY, CrashWorkload.options(left))) {
            assertEquals(all(store), seen);
        }
        return 1;
    }

    @Test
    void whatWasNeverFlushedIsReadFromTheLog() {
        SegmentStore store = open();
        store.index("a").put(bytes("flushed"), bytes("1"));
        store.index("a").flush();
        store.index("a").put(bytes("logged"), bytes("2"));
        store.index("a").delete(bytes("flushed"));
        SimulatedStorage killed = storage.kill();
        StoreLook look = new StoreLook(killed, STORE);
        assertEquals(Map.of("logged", "2"), entries(look, "a", KeyBounds.ALL));
        assertNull(get(look, "a", "flushed"));
        assertEquals("2", get(look, "a", "logged"));
        assertEquals(Map.of(), entries(look, "a", new KeyBounds(bytes("m"), bytes("z"))));
        CrashWorkload.abandon(store);
    }

    @Test
    void besideAWriterItIsRefusedAndSaysWhatCanBeDone() {
        try (SegmentStore store = open()) {
            store.index("a").put(bytes("k"), bytes("v"));
            StoreException.Locked refused = assertThrows(StoreException.Locked.class, () -> get(look(), "a", "k"));
            assertTrue(refused.getMessage().contains("stat, report, inspect and verify"), refused.getMessage());
            assertEquals(Set.of("a"), look().indexNames());
        }
        assertEquals("v", get(look(), "a", "k"));
    }

    @Test
    void whatDoesNotExistIsNotMade() {
        assertThrows(StoreException.NotFound.class, () -> get(look(), "a", "k"));
        open().close();
        long operations = storage.operations();
        StoreException.NotFound refused = assertThrows(StoreException.NotFound.class, () -> get(look(), "a", "k"));
        assertTrue(refused.getMessage().contains("no index \"a\""), refused.getMessage());
        assertEquals(operations, storage.operations());
    }

    /** The storage as a look sees it, and something that happens at a call of the look. */
    private Storage disturbed(String call, int times, Runnable disturbance) {
        int[] left = {times};
        return (Storage) Proxy.newProxyInstance(
                Storage.class.getClassLoader(), new Class<?>[] {Storage.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals(call) && left[0]-- > 0) {
                        disturbance.run();
                    }
                    try {
                        return method.invoke(storage, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private void write(String value) {
        try (SegmentStore store = open()) {
            store.index("a").put(bytes("k"), bytes(value));
            store.index("a").flush();
            store.index("a").compact();
        }
    }

    @Test
    void aWriterThatComesAndGoesInTheMiddleIsNoticedAndWhatItWroteIsRead() {
        for (String call : List.of("readAll", "list", "openForReading", "kind")) {
            write("old");
            StoreLook look = new StoreLook(disturbed(call, 1, () -> write("new")), STORE);
            assertEquals("new", get(look, "a", "k"), call);
        }
        int[] round = {0};
        StoreLook look = new StoreLook(disturbed("openForReading", 1_000, () -> write("v" + round[0]++)), STORE);
        StoreException.Busy busy = assertThrows(StoreException.Busy.class, () -> get(look, "a", "k"));
        assertTrue(busy.getMessage().contains("written to"), busy.getMessage());
    }

    @Test
    void aCutStandsWhenAWriterComesLaterAndSaysWhatIsGone() {
        write("old");
        try (IndexCut read = look().cut("a", KeyBounds.ALL);
                IndexCut unread = look().cut("a", KeyBounds.ALL)) {
            assertArrayEquals(bytes("old"), read.get(bytes("k")));
            write("new");
            assertArrayEquals(bytes("old"), read.get(bytes("k")));
            StoreException.Busy busy = assertThrows(StoreException.Busy.class, () -> unread.get(bytes("k")));
            assertTrue(busy.getMessage().contains("opened for writing"), busy.getMessage());
        }
        assertEquals("new", get(look(), "a", "k"));
    }

    @Test
    void damageIsToldAsAnOpenTellsIt() {
        write("old");
        Path run = DamageSubject.below(storage, STORE).stream()
                .filter(path -> path.toString().endsWith(".run"))
                .findFirst()
                .orElseThrow();
        byte[] content = storage.readAll(run, 1 << 20);
        storage.delete(run);
        assertEquals(
                run,
                assertThrows(StoreException.Corrupt.class, () -> get(look(), "a", "k"))
                        .file());
        content[content.length / 4] ^= 1;
        DamageSubject.write(storage, run, content);
        assertEquals(
                run,
                assertThrows(StoreException.Corrupt.class, () -> all(look())).file());
        Path log = STORE.resolve("log");
        storage.list(log).forEach(name -> storage.delete(log.resolve(name)));
        assertEquals(
                log,
                assertThrows(StoreException.Corrupt.class, () -> get(look(), "a", "k"))
                        .file());
        assertEquals(0, storage.counters().mappings());
    }

    @Test
    void aRepairThatComesAndGoesInTheMiddleIsNoticed() {
        write("old");
        storage.delete(STORE.resolve("parts"));
        List<String> log = storage.list(STORE.resolve("log"));
        int[] asked = {0};
        Storage repaired = disturbed("isLocked", 2, () -> {
            // Asked for the first time before anything is read, then when the ledger was missed.
            if (++asked[0] == 2) {
                new StoreRepair(storage, STORE, (done, total) -> {}).repair();
            }
        });
        assertEquals("old", get(new StoreLook(repaired, STORE), "a", "k"));
        assertEquals(2, asked[0]);
        assertEquals(log, storage.list(STORE.resolve("log")), "the repair alone tells of itself");
    }

    /** A store that was killed, in the log of which nothing stands behind the first operation. */
    private SimulatedStorage withACutLog() {
        SegmentStore store = open();
        store.index("early").put(bytes("k"), bytes("1"));
        store.index("late").put(bytes("k"), bytes("2"));
        store.index("late").flush();
        SimulatedStorage killed = storage.kill();
        CrashWorkload.abandon(store);
        StoreInspection inspection = new StoreInspection(killed, STORE);
        int[] cut = {0};
        LogFileInfo file = inspection.logFiles().stream()
                .filter(each -> each.chain() != null)
                .reduce((a, b) -> b)
                .orElseThrow();
        inspection.log(file.number()).records(record -> {
            boolean isFirst = cut[0] == 0 && record.kind() == LogRecordKind.DATA;
            cut[0] = isFirst ? (int) (record.offset() + record.endPosition() - record.position()) : cut[0];
        });
        byte[] content = killed.readAll(file.path(), Integer.MAX_VALUE);
        Arrays.fill(content, cut[0], content.length, (byte) 0);
        DamageSubject.write(killed, file.path(), content);
        return killed;
    }

    @Test
    void aLogThatEndsBelowWhatRunsHoldIsToldWhicheverIndexIsReadAndAsAnOpenTellsIt() {
        SimulatedStorage cut = withACutLog();
        long operations = cut.operations();
        for (String index : List.of("late", "early")) {
            StoreException.Corrupt told =
                    assertThrows(StoreException.Corrupt.class, () -> get(new StoreLook(cut, STORE), index, "k"), index);
            assertEquals("flushed sequence number", told.rule());
            assertEquals("at most the log's last, 1", told.expected());
            assertEquals("manifest", told.file().getFileName().toString());
            assertEquals(
                    "index-00002",
                    told.file().getParent().getParent().getFileName().toString());
        }
        assertEquals(operations, cut.operations());
        StoreException.Corrupt opened = assertThrows(
                StoreException.Corrupt.class,
                () -> SegmentStore.open(STORE, CrashWorkload.options(cut)).close());
        assertEquals("flushed sequence number", opened.rule());
    }

    @Test
    void aSegmentAheadOfALogWithACleanEndIsTold() {
        storage.createDirectory(STORE);
        Path fixture = Path.of("src", "test", "resources", "fixtures", "1", "defaults");
        StoreImage.of(RealStorage.open(), fixture.toAbsolutePath()).writeDurably(storage, STORE);
        Path file = STORE.resolve("index-00001").resolve("segment-00001").resolve(SegmentManifest.FILE_NAME);
        MetadataFormat.Frame frame = MetadataFile.read(storage, file, SegmentManifestFormat.MAGIC);
        SegmentManifest was = SegmentManifestFormat.decode(file, frame.body());
        SegmentManifest ahead = new SegmentManifest(
                was.indexId(), was.segmentId(), was.bounds(), 1_000, was.nextRunNumber(), was.runs());
        assertTrue(was.flushedSequence() < 1_000);
        byte[] body = SegmentManifestFormat.encode(ahead);
        MetadataFile.publish(storage, file, MetadataFormat.encode(SegmentManifestFormat.MAGIC, frame.store(), body));
        StoreException.Corrupt told = assertThrows(StoreException.Corrupt.class, () -> get(look(), "main", "k"));
        assertEquals("flushed sequence number", told.rule());
        assertEquals(file, told.file());
    }

    /** All but the lock files: opening one here would drop the lock. */
    private static void copy(Path store, Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(store)) {
            for (Path path : paths.filter(path -> !path.endsWith("lock")).toList()) {
                Files.copy(path, to.resolve(store.relativize(path).toString()));
            }
        }
    }

    @Test
    void aLogThatDoesNotFitIntoMemoryIsRefusedWithTheHeapThatItTakes(@TempDir Path directory) throws IOException {
        Path place = directory.resolve("store");
        try (SegmentStore store = SegmentStore.open(place)) {
            for (int i = 0; i < 64; i++) {
                store.index("a").put(bytes("k%02d".formatted(i)), new byte[64 << 10]);
            }
            store.sync();
            Path copy = directory.resolve("copy");
            copy(place, copy);
            StoreLook look = new StoreLook(RealStorage.open(100, 2 << 20), copy);
            StoreException.LimitReached refused =
                    assertThrows(StoreException.LimitReached.class, () -> look.cut("a", KeyBounds.ALL));
            assertTrue(refused.getMessage().contains("-Xmx37m"), refused.getMessage());
            // What is not asked for takes no memory.
            assertEquals("\0".repeat(64 << 10), get(look, "a", "k07"));
        }
    }
}
