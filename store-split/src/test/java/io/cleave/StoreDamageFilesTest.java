package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import io.cleave.inspect.StoreVerification;
import io.cleave.repair.RepairReport;
import io.cleave.repair.StoreRepair;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * On a real file system: a file or directory of a store that is a link, a fifo or a directory instead. Nothing is followed,
 * nothing outside of the store is touched, nothing waits for a writer that never comes. And damage in a process whose heap and off-heap memory
 * are smaller than the sizes that damaged fields ask for.
 */
final class StoreDamageFilesTest {
    private static final Storage STORAGE = RealStorage.open();
    private static final String INDEX = "index";
    /** Where a dangling link leads to. */
    private static final String NOTHING = "nothing";

    private static final NavigableMap<byte[], byte[]> WRITTEN = StoreHistory.newMap();
    /** What keys held before. */
    private static final NavigableMap<byte[], byte[]> OLDER = StoreHistory.newMap();

    static {
        for (int i = 0; i < 60; i++) {
            WRITTEN.put(bytes("key-" + i), bytes("value " + i));
        }
        OLDER.put(bytes("key-1"), WRITTEN.put(bytes("key-1"), bytes("newer")));
    }

    @TempDir
    private Path directory;

    private long cases;
    private long refused;

    private enum Kind {
        LINK,
        DANGLING_LINK,
        FIFO,
        DIRECTORY,
        FULL_DIRECTORY
    }

    @Test
    void whatIsNoFileIsRefusedFoundAndPutAside() throws IOException, InterruptedException {
        try (QuietLog quiet = new QuietLog()) {
            assertTrue(quiet.isQuiet());
            Path right = make(directory.resolve("right"));
            int number = 0;
            for (Path path : below(right)) {
                for (Kind kind : Kind.values()) {
                    boolean known = Files.isRegularFile(path) || kind == Kind.LINK || kind == Kind.FIFO;
                    boolean always = !Files.isRegularFile(path);
                    boolean chosen = always || Campaign.standard(3, 1) == 1 || (number++ + Campaign.seed()) % 3 == 0;
                    if (known && chosen) {
                        judge(right, path, kind);
                    }
                }
            }
            System.out.printf("damage, kinds of files: cases=%d refused=%d wrong=0%n", cases, refused);
        }
    }

    private void judge(Path right, Path path, Kind kind) throws IOException, InterruptedException {
        cases++;
        String where = right.relativize(path) + " as " + kind;
        Path store = directory.resolve("store-" + cases);
        Path outside = directory.resolve("outside-" + cases);
        copy(right, store);
        Path damaged = store.resolve(right.relativize(path));
        Files.move(damaged, outside);
        replace(damaged, outside, kind);
        Map<String, String> before = contents(outside);
        assertFalse(
                new StoreVerification(STORAGE, store, (done, total) -> {})
                        .verify()
                        .findings()
                        .isEmpty(),
                where);
        try (SegmentStore open = SegmentStore.open(store, options())) {
            assertEquals(List.of(INDEX), List.copyOf(open.indexNames()), where);
            assertNull(StoreHistory.difference(WRITTEN, StoreHistory.scan(open.index(INDEX))), where);
        } catch (StoreException e) {
            refused++;
            assertTrue(e.getMessage().contains(store.toString()), where + ": " + e);
        }
        RepairReport report = new StoreRepair(STORAGE, store, (done, total) -> {}).repair();
        assertEquals(
                List.of(),
                new StoreVerification(STORAGE, store, (done, total) -> {})
                        .verify()
                        .findings(),
                () -> where + "\n" + report.text());
        try (SegmentStore open = SegmentStore.open(store, options())) {
            // A catalog that was made anew has no names.
            assertEquals(1, open.indexNames().size(), where);
            SegmentIndex index = open.index(open.indexNames().iterator().next());
            judgeRepaired(StoreHistory.scan(index), report, where);
        }
        assertEquals(before, contents(outside), where);
        assertFalse(Files.exists(outside.resolveSibling(NOTHING)), () -> where + ": the target of the link was made");
        assertEquals(0, STORAGE.counters().files(), where);
    }

    private static void replace(Path path, Path outside, Kind kind) throws IOException, InterruptedException {
        switch (kind) {
            case LINK -> Files.createSymbolicLink(path, outside);
            case DANGLING_LINK -> Files.createSymbolicLink(path, outside.resolveSibling(NOTHING));
            case FIFO -> {
                Process made = new ProcessBuilder("mkfifo", path.toString()).start();
                assertTrue(made.waitFor(600, TimeUnit.SECONDS) && made.exitValue() == 0, "mkfifo");
            }
            case DIRECTORY -> Files.createDirectory(path);
            case FULL_DIRECTORY -> Files.writeString(Files.createDirectory(path).resolve("something"), "there");
        }
    }

    /** Right, or what the report calls lost: gone then, or an older version. */
    private static void judgeRepaired(NavigableMap<byte[], byte[]> found, RepairReport report, String where) {
        WRITTEN.forEach((key, value) -> {
            byte[] there = found.get(key);
            boolean older = there == null || Arrays.equals(there, OLDER.get(key));
            boolean lost = report.lost().stream().anyMatch(range -> range.indexId() == 1 && range.contains(key));
            assertTrue(
                    Arrays.equals(value, there) || (older && lost),
                    () -> where + ": " + DamageSubject.text(key) + " is " + DamageSubject.text(there) + "\n"
                            + report.text());
        });
        found.keySet().forEach(key -> assertTrue(WRITTEN.containsKey(key), () -> where + ": a key never written"));
    }

    private static StoreOptions options() {
        return StoreOptions.builder()
                .maintenanceThreads(0)
                .syncIntervalMillis(0)
                .segmentEntriesMax(40)
                .logFileBytes(8 << 10)
                .build();
    }

    private static Path make(Path store) {
        try (SegmentStore open = SegmentStore.open(store, options())) {
            SegmentIndex index = open.index(INDEX);
            WRITTEN.forEach(index::put);
            OLDER.forEach(index::put);
            index.flush();
            open.awaitMaintenance();
            OLDER.keySet().forEach(key -> index.put(key, WRITTEN.get(key)));
        }
        return store;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<Path> below(Path root) throws IOException {
        try (Stream<Path> paths = Files.walk(root)) {
            return paths.filter(path -> !path.equals(root)).sorted().toList();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        for (Path path : below(from)) {
            Files.copy(path, to.resolve(from.relativize(path)), StandardCopyOption.COPY_ATTRIBUTES);
        }
    }

    private static Map<String, String> contents(Path root) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.toList()) {
                contents.put(
                        path.toString(),
                        Files.getLastModifiedTime(path)
                                + (Files.isRegularFile(path)
                                        ? Files.readString(path, StandardCharsets.ISO_8859_1)
                                        : ""));
            }
        }
        return contents;
    }

    @Test
    void damagedSizesDoNotAskForMemory() throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx56m",
                        "-XX:MaxDirectMemorySize=32m",
                        "-ea",
                        "-Dcleave.seed=" + Campaign.seed(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        DamageChild.class.getName(),
                        Long.toString(Campaign.count(100, 20_000)))
                .inheritIO()
                .start();
        assertTrue(child.waitFor(Campaign.standard(5, 240), TimeUnit.MINUTES), "the child did not end");
        assertEquals(0, child.exitValue(), "a damaged size asked for more than 56 MiB, see above");
    }
}
