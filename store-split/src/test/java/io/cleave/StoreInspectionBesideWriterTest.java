package io.cleave;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import io.cleave.inspect.Finding;
import io.cleave.inspect.IndexLook;
import io.cleave.inspect.StoreInspection;
import io.cleave.inspect.StoreVerification;
import io.cleave.log.LogFileInfo;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A writer that is faster than a look, time and again: it is looked again, no damage is told, and in the end who was faster. */
final class StoreInspectionBesideWriterTest {
    private static final Path STORE = SimulatedStorage.DIRECTORY.resolve("store");

    private final SimulatedStorage storage = new SimulatedStorage(1);
    private final Map<Path, Integer> overtaken = new HashMap<>();
    private SegmentStore store;

    /** Called before each call of the storage that looks, with the name of the method and the file. */
    private BiConsumer<String, Path> before = (method, file) -> {};

    @BeforeEach
    void open() {
        store = SegmentStore.open(STORE, RepairSubject.options(storage).build());
        fill(0, 400);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void fill(int from, int to) {
        for (int i = from; i < to; i++) {
            store.index("kept").put("key-%04d".formatted(i).getBytes(UTF_8), new byte[20]);
        }
        store.index("kept").flush();
        store.awaitMaintenance();
    }

    private StoreInspection inspection() {
        return new StoreInspection(watched(), STORE);
    }

    private Storage watched() {
        return (Storage) Proxy.newProxyInstance(
                Storage.class.getClassLoader(), new Class<?>[] {Storage.class}, (proxy, method, arguments) -> {
                    if (arguments != null && arguments[0] instanceof Path file) {
                        before.accept(method.getName(), file);
                    }
                    try {
                        return method.invoke(storage, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** Merges all segments into new runs, and lets the old ones go, before a run is mapped; so often in each segment. */
    private void overtake(int timesInEachSegment) {
        before = (method, file) -> {
            if (method.equals("map") && overtaken.merge(file.getParent(), 1, Integer::sum) <= timesInEachSegment) {
                for (int i = 0; i < 400; i += 7) {
                    store.index("kept").put("key-%04d".formatted(i).getBytes(UTF_8), new byte[21]);
                }
                store.index("kept").compact();
                store.awaitMaintenance();
            }
        };
    }

    @Test
    void aWriterThatReplacesEachSegmentSeveralTimesDuringALookIsNoDamage() {
        overtake(9);
        IndexLook look = inspection().readable("kept");
        assertTrue(overtaken.size() >= 4, overtaken::toString);
        assertEquals(List.of(), look.unread());
        assertEquals(look.segments().size(), look.keyMap().ranges().size());
        overtaken.clear();
        assertEquals(400, inspection().index("kept").liveEntries());
        assertTrue(overtaken.values().stream().anyMatch(times -> times > 9), overtaken::toString);
    }

    @Test
    void aWriterThatIsAlwaysFasterIsToldAsSuch() {
        overtake(Integer.MAX_VALUE);
        IndexLook look = inspection().readable("kept");
        assertEquals(1, look.unread().size(), () -> look.unread().toString());
        Finding told = look.unread().get(0);
        assertEquals(Finding.Severity.UNREAD, told.severity());
        assertTrue(told.toString().contains("the store is being written, look again"), told::toString);
        StoreException.Busy busy =
                assertThrows(StoreException.Busy.class, () -> inspection().index("kept"));
        assertTrue(busy.getMessage().contains("is being written"), busy::getMessage);
    }

    private List<Finding> verify() {
        return new StoreVerification(watched(), STORE, (done, total) -> {})
                .verify().findings().stream()
                        .filter(finding -> finding.severity() != Finding.Severity.WARNING)
                        .toList();
    }

    @Test
    void aVerificationThatIsOvertakenSeveralTimesInEachSegmentFindsNothing() {
        overtake(9);
        assertEquals(List.of(), verify());
        assertTrue(overtaken.values().stream().anyMatch(times -> times > 9), overtaken::toString);
    }

    @Test
    void aVerificationThatIsAlwaysOvertakenSaysSoAndFindsNoDamage() {
        overtake(Integer.MAX_VALUE);
        List<Finding> found = verify();
        assertTrue(!found.isEmpty());
        for (Finding finding : found) {
            assertEquals(Finding.Severity.UNREAD, finding.severity(), finding::toString);
            assertTrue(finding.toString().contains("the store is being written, look again"), finding::toString);
        }
    }

    @Test
    void aLogThatIsReleasedDuringEachPassOfAVerificationIsToldAsSuch() {
        before = (method, file) -> {
            if (method.equals("openForReading") && file.getParent().endsWith("log")) {
                fill(0, 400);
            }
        };
        List<Finding> found = verify();
        assertEquals(1, found.size(), found::toString);
        assertEquals(STORE.resolve("log"), found.get(0).file());
        assertEquals(Finding.Severity.UNREAD, found.get(0).severity(), found::toString);
    }

    @Test
    void whatIsDamagedAtEachLookIsNamedBesideAWriterThatIsAlwaysFaster() {
        Path segment = inspection().index("kept").segments().get(0).directory();
        overtake(Integer.MAX_VALUE);
        BiConsumer<String, Path> overtaking = before;
        before = (method, file) -> {
            if (file.equals(segment.resolve("manifest")) && method.equals("readAll")) {
                throw new StoreException.Corrupt(file, 0, "crc", 1, 2);
            }
            overtaking.accept(method, file);
        };
        List<Finding> unread = inspection().readable("kept").unread();
        assertEquals(2, unread.size(), unread::toString);
        assertEquals(segment.resolve("manifest"), unread.get(0).file());
        assertEquals(Finding.Severity.ERROR, unread.get(0).severity());
        assertEquals(Finding.Severity.UNREAD, unread.get(1).severity());
    }

    @Test
    void anIndexThatIsDroppedAndMadeAnewIsShownAsTheNewOne() {
        for (String way : List.of("readable", "whole", "all")) {
            store.index("again").put(new byte[] {1}, new byte[10]);
            store.index("again").flush();
            int id = inspection().catalog().indexes().get("again");
            Path old = inspection().indexDirectory("again");
            before = (method, file) -> {
                if (file.startsWith(old) && method.equals("map") && store.dropIndex("again")) {
                    store.index("again").put(new byte[] {2}, new byte[10]);
                    store.index("again").flush();
                    before = (other, path) -> {};
                }
            };
            Stream<IndexLook> looks = switch (way) {
                case "readable" -> Stream.of(inspection().readable("again"));
                case "whole" -> Stream.of(inspection().index("again"));
                default ->
                    inspection().readable().stream().filter(look -> look.name().equals("again"));
            };
            IndexLook look = looks.findFirst().orElseThrow();
            assertEquals(List.of(), look.unread());
            assertTrue(look.indexId() > id, way);
            before = (method, file) -> {};
        }
    }

    @Test
    void aSegmentThatIsSplitWhileItIsLookedAtIsToldByItsNumber() {
        long segment = inspection().index("kept").segments().get(0).segmentId();
        before = (method, file) -> {
            if (method.equals("readAll") && file.endsWith("manifest")) {
                before = (other, path) -> {};
                store.index("kept").split(segment);
                store.awaitMaintenance();
            }
        };
        StoreException.NotFound told =
                assertThrows(StoreException.NotFound.class, () -> inspection().segment("kept", segment));
        assertTrue(told.getMessage().contains("has no segment " + segment), told::getMessage);
    }

    @Test
    void logFilesThatAreReleasedDuringEachLookAreLeftOut() {
        int[] looks = {0};
        before = (method, file) -> {
            if (method.equals("openForReading") && file.getParent().endsWith("log") && looks[0]++ < 40) {
                fill(0, 400);
            }
        };
        List<LogFileInfo> found = inspection().logFiles();
        assertTrue(looks[0] >= 16, () -> "looks: " + looks[0]);
        found.forEach(file -> assertEquals(Storage.PathKind.FILE, storage.kind(file.path())));
    }
}
