package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.fuzz.FuzzVerdict;
import io.cleave.core.run.Compression;
import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.RealStorage;
import io.cleave.error.StoreException;
import io.cleave.inspect.StoreVerification;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What docs/security.md promises, on real files: nothing outside the store is touched, nothing in it is told. */
final class StoreSecurityTest {
    private static final int KEYS = 60;

    @TempDir
    Path parent;

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final RealStorage storage = leaks.watch(RealStorage.open());

    @Test
    void aLinkInPlaceOfAFileOrDirectoryIsNeverFollowed() throws IOException {
        Path template = filled("template");
        int links = 0;
        for (Path path : below(template)) {
            Path relative = template.relativize(path);
            Path root = parent.resolve("case-" + links);
            Path store = copy(template, root.resolve("store"));
            Path canary = root.resolve("canary");
            Files.move(store.resolve(relative), canary);
            Files.createSymbolicLink(store.resolve(relative), canary);
            Map<String, String> before = contents(canary);
            boolean opened = tryUse(store);
            boolean replaceable = relative.toString().matches("owner|lock|.*/lock");
            assertTrue(!opened || replaceable, () -> "a link was followed: " + relative);
            assertEquals(before, contents(canary), () -> "behind a link: " + relative);
            links++;
        }
        assertTrue(links > 12, "only " + links + " links");
    }

    @Test
    void aLinkThatNobodyNamesIsRemovedOrLeftAndItsTargetStays() throws IOException {
        Path store = filled("store");
        Path canary = copy(store.resolve("index-00001"), parent.resolve("canary"));
        Path file = Files.writeString(parent.resolve("file"), "mine");
        Map<String, String> before = contents(canary);
        Path segment = only(store.resolve("index-00001"), "segment-\\d+").get(0);
        // Ids that were given out, so that each of these is an orphan.
        Files.createSymbolicLink(store.resolve("index-00003"), canary);
        Files.createSymbolicLink(store.resolve("index-00001/segment-00001"), canary);
        Files.createSymbolicLink(segment.resolve("run-000999.run"), file);
        Files.createSymbolicLink(segment.resolve("manifest.tmp"), file);
        Files.createSymbolicLink(store.resolve("catalog.tmp"), file);
        Files.createSymbolicLink(store.resolve("index-00001/key-map.tmp"), file);
        Files.createSymbolicLink(store.resolve("owner.tmp"), file);
        for (int i = 0; i < 3; i++) {
            assertTrue(tryUse(store));
        }
        try (SegmentStore open = open(store)) {
            List<Path> segments = only(store.resolve("index-00001"), "segment-\\d+");
            Files.createSymbolicLink(segments.get(segments.size() - 1).resolve("more"), canary);
            assertTrue(open.dropIndex("main"));
        }
        assertFalse(Files.exists(store.resolve("index-00001")));
        assertEquals(before, contents(canary));
        assertEquals("mine", Files.readString(file));
    }

    @Test
    void aFifoOrDirectoryInPlaceOfAFileIsRefusedAndNobodyWaits() throws Exception {
        Path template = filled("template");
        int cases = 0;
        for (Path path : below(template)) {
            if (Files.isDirectory(path)) {
                continue;
            }
            Path relative = template.relativize(path);
            for (String kind : List.of("fifo", "directory")) {
                Path store = copy(template, parent.resolve("case-" + cases++));
                Files.delete(store.resolve(relative));
                if (kind.equals("directory")) {
                    Files.createDirectory(store.resolve(relative));
                } else {
                    run("mkfifo", store.resolve(relative).toString());
                }
                boolean opened = tryUse(store);
                assertTrue(!opened || relative.endsWith("owner"), () -> kind + " was taken for " + relative);
            }
        }
    }

    @Test
    void filesAreForTheOwnerAloneWhateverTheUmaskAndNoneIsMadeElsewhere() throws Exception {
        Path store = parent.resolve("store");
        Path elsewhere = Files.createDirectory(parent.resolve("elsewhere"));
        Path working = Files.createDirectory(parent.resolve("working"));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process child = new ProcessBuilder(
                        "bash",
                        "-c",
                        "umask 0; exec \"$0\" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData -ea \"$@\"",
                        java,
                        "-Djava.io.tmpdir=" + elsewhere,
                        "-cp",
                        absoluteClassPath(),
                        Filler.class.getName(),
                        store.toString())
                .directory(working.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, child.waitFor(), output);
        List<Path> all = new ArrayList<>(below(store));
        all.add(store);
        for (Path path : all) {
            String expected = Files.isDirectory(path) ? "rwx------" : "rw-------";
            assertEquals(expected, PosixFilePermissions.toString(Files.getPosixFilePermissions(path)), path::toString);
        }
        assertEquals(List.of(), below(elsewhere));
        assertEquals(List.of(), below(working));
        assertEquals(4, only(parent, "[^/]*").size(), "the three directories, and their parent");
    }

    /** The other process: fills a store with everything that makes files, and closes it. */
    static final class Filler {
        private Filler() {}

        public static void main(String[] arguments) {
            fill(Path.of(arguments[0]), RealStorage.open());
        }
    }

    @Test
    void namesOfIndexesNeverBecomePaths() throws IOException {
        Path root = Files.createDirectory(parent.resolve("root"));
        Path store = root.resolve("store");
        List<String> names = List.of(
                "../escaped",
                "/tmp/escaped",
                "..",
                ".",
                "a/b",
                "index-00001",
                "log",
                "catalog",
                "nul\0",
                "x\ny",
                "CON");
        try (SegmentStore open = open(store)) {
            for (String name : names) {
                open.index(name).put(bytes("k"), bytes(name));
            }
        }
        try (SegmentStore open = open(store)) {
            assertEquals(new TreeSet<>(names), open.indexNames());
            for (String name : names) {
                assertArrayEquals(bytes(name), open.index(name).get(bytes("k")));
            }
            names.subList(0, 5).forEach(open::dropIndex);
        }
        for (Path path : below(root)) {
            assertTrue(
                    path.getFileName()
                            .toString()
                            .matches(
                                    "store|lock|owner|catalog|log|log-\\d+|index-\\d+|key-map|segment-ids|segment-\\d+|"
                                            + "manifest|parts|run-\\d+\\.run"),
                    path::toString);
        }
    }

    @Test
    void noExceptionAndNoLogRecordTellsAKeyOrValue() throws IOException {
        Path template = filled("template");
        List<String> told = new ArrayList<>();
        Logger logger = Logger.getLogger("io.cleave");
        Handler handler = recorder(told);
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
        logger.setLevel(Level.ALL);
        try {
            refuseArguments(template, told);
            int cases = 0;
            for (Path path : below(template)) {
                if (!Files.isRegularFile(path) || path.endsWith("lock")) {
                    continue;
                }
                byte[] content = Files.readAllBytes(path);
                for (int part = 1; part < 8; part += 3) {
                    Path store = copy(template, parent.resolve("case-" + cases++));
                    byte[] damaged = content.clone();
                    int from = damaged.length * part / 8;
                    for (int i = from; i < Math.min(from + 3, damaged.length); i++) {
                        damaged[i] ^= 0x11;
                    }
                    Files.write(store.resolve(template.relativize(path)), damaged);
                    use(store, told);
                }
            }
        } finally {
            logger.removeHandler(handler);
            logger.setUseParentHandlers(true);
            logger.setLevel(null);
        }
        assertTrue(told.size() > 50, "only " + told.size() + " messages");
        assertEquals(List.of(), told.stream().filter(FuzzVerdict::tellsSecret).toList());
    }

    private void refuseArguments(Path store, List<String> told) {
        try (SegmentStore open = open(store)) {
            SegmentIndex main = open.index("main");
            byte[] longKey = Arrays.copyOf(bytes("top-secret-"), 70_000);
            tell(told, assertThrows(IllegalArgumentException.class, () -> main.put(longKey, bytes("top-secret-"))));
            tell(told, assertThrows(IllegalArgumentException.class, () -> main.get(longKey)));
            tell(told, assertThrows(IllegalArgumentException.class, () -> main.put(bytes("top-secret-"), longKey)));
            told.add(open.stats().toString() + main.stats());
        }
    }

    private void use(Path store, List<String> told) {
        try {
            useAll(store, told);
        } catch (StoreException e) {
            tell(told, e);
        }
        new StoreVerification(storage, store, (done, total) -> {})
                .verify()
                .findings()
                .forEach(finding -> told.add(finding.toString()));
    }

    /** True when the store could be opened, read and written as if nothing were wrong. */
    private boolean tryUse(Path store) {
        List<String> told = new ArrayList<>();
        try (QuietLog quiet = new QuietLog()) {
            assertTrue(quiet.isQuiet());
            useAll(store, told);
        } catch (StoreException e) {
            FuzzVerdict.requireTyped(e);
            return false;
        }
        return told.isEmpty();
    }

    private void useAll(Path path, List<String> told) {
        try (SegmentStore store = open(path)) {
            for (String name : store.indexNames()) {
                SegmentIndex index = store.index(name);
                List<Runnable> uses = List.of(
                        () -> StoreHistory.scan(index),
                        () -> index.get(key(7)),
                        () -> index.put(key(7), bytes("top-secret-, too")),
                        index::flush,
                        index::compact,
                        store::awaitMaintenance);
                for (Runnable use : uses) {
                    try {
                        use.run();
                    } catch (StoreException e) {
                        tell(told, e);
                    }
                }
            }
        }
    }

    private static void tell(List<String> told, Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            told.add(cause.toString());
            for (Throwable suppressed : cause.getSuppressed()) {
                tell(told, suppressed);
            }
        }
    }

    private static Handler recorder(List<String> told) {
        return new Handler() {
            @Override
            public synchronized void publish(LogRecord record) {
                told.add(String.valueOf(record.getMessage()));
                if (record.getThrown() != null) {
                    tell(told, record.getThrown());
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }

    private Path filled(String name) {
        Path store = parent.resolve(name);
        fill(store, storage);
        return store;
    }

    private static void fill(Path path, RealStorage storage) {
        try (SegmentStore store = SegmentStore.open(path, options(storage))) {
            SegmentIndex main = store.index("main");
            for (int i = 0; i < KEYS; i++) {
                main.put(key(i), bytes("top-secret-value " + i));
            }
            main.flush();
            store.awaitMaintenance();
            main.delete(key(3));
            main.flush();
            store.index("other").put(key(1), bytes("top-secret-"), Durability.DEVICE);
            store.index("dropped").put(key(1), bytes("top-secret-"));
            store.dropIndex("dropped");
        }
        try (SegmentStore store = SegmentStore.open(path, options(storage))) {
            store.index("main").put(key(5), bytes("top-secret-"));
        }
    }

    private SegmentStore open(Path store) {
        return SegmentStore.open(store, options(storage));
    }

    private static StoreOptions options(RealStorage storage) {
        return StoreOptions.builder()
                .storage(storage)
                .maintenanceThreads(0)
                .syncIntervalMillis(0)
                .memtableBytesMax(1 << 20)
                .segmentMemtableBytesMax(2 << 10)
                .memtableChunkBytes(512)
                .segmentEntriesMax(24)
                .blockBytes(128)
                .compression(Compression.LZ4)
                .valueBytesMax(1 << 10)
                .logFileBytes(4 << 10)
                .build();
    }

    private static byte[] key(int i) {
        return bytes("top-secret-%04d".formatted(i));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<Path> below(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            return paths.filter(path -> !path.equals(directory)).sorted().toList();
        }
    }

    private static List<Path> only(Path directory, String name) throws IOException {
        try (Stream<Path> paths = Files.walk(directory, 1)) {
            return paths.filter(path -> path.getFileName().toString().matches(name))
                    .sorted()
                    .toList();
        }
    }

    private static Path copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        for (Path path : below(from)) {
            Files.copy(path, to.resolve(from.relativize(path).toString()), LinkOption.NOFOLLOW_LINKS);
        }
        return to;
    }

    /** Every path below, or the file itself, with what it holds. */
    private static Map<String, String> contents(Path root) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        List<Path> all = new ArrayList<>(below(root));
        all.add(root);
        for (Path path : all) {
            contents.put(
                    path.toString(),
                    Files.isDirectory(path) ? "directory" : "hash " + Arrays.hashCode(Files.readAllBytes(path)));
        }
        return contents;
    }

    private static String absoluteClassPath() {
        List<String> entries = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(java.io.File.pathSeparator)) {
            entries.add(Path.of(entry).toAbsolutePath().toString());
        }
        return String.join(java.io.File.pathSeparator, entries);
    }

    private static void run(String... command) throws Exception {
        assertEquals(0, new ProcessBuilder(command).start().waitFor());
    }
}
