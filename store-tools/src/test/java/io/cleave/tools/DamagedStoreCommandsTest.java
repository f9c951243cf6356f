package io.cleave.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.SegmentStore;
import io.cleave.StoreOptions;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What commands show of a store of which not everything can be read. */
final class DamagedStoreCommandsTest {
    @TempDir
    private Path directory;

    private Path store;

    @BeforeEach
    void fill() {
        store = directory.resolve("store");
        StoreOptions options = StoreOptions.builder()
                .maintenanceThreads(0)
                .segmentEntriesMax(60)
                .logFileBytes(64 << 10)
                .build();
        try (SegmentStore open = SegmentStore.open(store, options)) {
            for (String name : List.of("events", "users")) {
                for (int i = 0; i < 100; i++) {
                    open.index(name).put(ReportFixture.key("key-%03d".formatted(i)), new byte[30]);
                }
                open.index(name).flush();
            }
            open.awaitMaintenance();
        }
    }

    private Path first(String directoryOfIndex, String ending) throws IOException {
        try (Stream<Path> paths = Files.walk(store.resolve(directoryOfIndex))) {
            return paths.filter(path -> path.toString().endsWith(ending))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        }
    }

    private String report() throws IOException {
        Path page = directory.resolve("report.html");
        CommandRun run = CommandRun.of("report", store, "-o", page);
        assertEquals("", run.err());
        assertEquals(1, run.code(), run::toString);
        return Files.readString(page);
    }

    @Test
    void statTellsOfALedgerOrALogThatIsGone() throws IOException {
        assertEquals(0, CommandRun.of("stat", store).code());
        Path ledger = store.resolve("parts");
        byte[] kept = Files.readAllBytes(ledger);
        Files.delete(ledger);
        CommandRun gone = CommandRun.of("stat", store);
        assertEquals(1, gone.code());
        assertTrue(gone.out().contains("not read ERROR " + ledger), gone::out);
        Files.write(ledger, kept);
        assertEquals(0, CommandRun.of("stat", store).code());
        Files.move(store.resolve("log"), directory.resolve("log"));
        Files.createDirectory(store.resolve("log"));
        CommandRun empty = CommandRun.of("stat", store);
        assertEquals(1, empty.code());
        assertTrue(empty.out().contains("expected a started file, because there was an index, found none"), empty::out);
    }

    @Test
    void aMissingRunIsNamedAndTheRestIsShown() throws IOException {
        Path run = first("index-00001", ".run");
        Files.delete(run);
        CommandRun stat = CommandRun.of("stat", store);
        assertEquals(1, stat.code());
        assertEquals("", stat.err());
        assertTrue(stat.out().contains("index    users: 100 entries"), stat::out);
        assertTrue(stat.out().contains("not read ERROR index events: " + run), stat::out);
        CommandRun json = CommandRun.of("stat", store, "--json");
        assertTrue(json.out().contains("\"unread\":[{\"index\":\"events\",\"file\":\"" + run), json::out);
        String page = report();
        assertTrue(page.contains("Damaged: 1 error"), page);
        assertTrue(page.contains("<td>events</td>"), page);
    }

    @Test
    void anUnreadableKeyMapHidesNoOtherIndex() throws IOException {
        Path keyMap = first("index-00001", "key-map");
        Files.write(keyMap, new byte[100]);
        CommandRun stat = CommandRun.of("stat", store, "--segments");
        assertEquals(1, stat.code());
        assertTrue(stat.out().contains("index    users: 100 entries"), stat::out);
        assertTrue(stat.out().contains("index    events: 100 entries"), "by its manifests: " + stat.out());
        assertTrue(stat.out().contains("not read ERROR index events: " + keyMap), stat::out);
        assertTrue(report().contains("Damaged: "));
        assertEquals(
                0, CommandRun.of("get", store, "key-001", "--index", "users").code());
        CommandRun.of("put", store, "key-001", "value", "--index", "users")
                .refused(1, keyMap.toString(), "(index \"events\")", "cleave verify ", "cleave repair --dry-run ");
    }

    @Test
    void anUnreadableCatalogLeavesTheDirectoriesToBeLookedAt() throws IOException {
        Files.write(store.resolve("catalog"), new byte[100]);
        CommandRun stat = CommandRun.of("stat", store);
        assertEquals(1, stat.code());
        assertTrue(stat.out().contains("index    index-00001: 100 entries"), stat::toString);
        assertTrue(stat.out().contains("not read ERROR " + store.resolve("catalog")), stat::toString);
        assertTrue(report().contains("Damaged: "));
    }

    @Test
    void aDryRunOverALogFileThatSomebodyMadeLongEndsSoonAndLosesNothing() throws IOException {
        Path log;
        try (Stream<Path> files = Files.list(store.resolve("log"))) {
            log = files.sorted().findFirst().orElseThrow();
        }
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "rw")) {
            file.setLength(64L << 20);
        }
        CommandRun run = CommandRun.of("repair", store, "--dry-run");
        assertTrue(run.out().contains("file length"), run::toString);
        assertFalse(Files.exists(store.resolve("set-aside")));
    }

    @Test
    void aNameThatIsNoTextIsToldAndMovedAway() throws IOException {
        String root = store.toUri().getRawPath();
        List<String> places = List.of(
                "",
                "log/",
                "index-00001/",
                first("index-00001", "manifest")
                        .getParent()
                        .toUri()
                        .getRawPath()
                        .substring(root.length()));
        for (String place : places) {
            Files.writeString(Path.of(URI.create("file://" + root + place + "caf%E9%FF")), "bytes");
        }
        CommandRun verify = CommandRun.of("verify", store);
        assertEquals(0, verify.code(), verify::toString);
        assertEquals(
                4,
                verify.out()
                        .lines()
                        .filter(line -> line.contains("no-text:caf%E9%FF"))
                        .count(),
                verify::out);
        assertEquals(0, CommandRun.of("stat", store).code());
        assertEquals(
                "", CommandRun.of("get", store, "key-001", "--index", "users").err());
        CommandRun repair = CommandRun.of("repair", store);
        assertEquals(0, repair.code(), repair::toString);
        assertTrue(CommandRun.lines("verify", store).get(0).startsWith("healthy: "));
        for (String place : places) {
            URI moved = URI.create("file://" + root + "set-aside/00001/" + place + "caf%E9%FF");
            assertEquals("bytes", Files.readString(Path.of(moved)));
        }
    }
}
