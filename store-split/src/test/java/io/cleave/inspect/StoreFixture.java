package io.cleave.inspect;

import io.cleave.SegmentIndex;
import io.cleave.SegmentStore;
import io.cleave.StoreOptions;
import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A small store with two indexes, several segments and runs, on the machine's own storage. */
final class StoreFixture {
    static final Storage STORAGE = RealStorage.open();

    private StoreFixture() {}

    static StoreOptions options() {
        return StoreOptions.builder()
                .segmentEntriesMax(100)
                .logFileBytes(16 << 10)
                .maintenanceThreads(1)
                .build();
    }

    /** Makes the store and closes it. Index main has gone through splits and has a delta run, index other is small. */
    static Path closed(Path directory) {
        try (SegmentStore store = SegmentStore.open(directory, options())) {
            fill(store);
        }
        return directory;
    }

    static void fill(SegmentStore store) {
        SegmentIndex main = store.index("main");
        for (int i = 0; i < 500; i++) {
            main.put(key(i), bytes("value " + i));
        }
        main.flush();
        store.awaitMaintenance();
        main.put(key(7), bytes("newer"));
        main.delete(key(8));
        main.flush();
        store.index("other").put(bytes("k"), bytes("v"));
        store.index("other").flush();
        store.awaitMaintenance();
    }

    static byte[] key(int i) {
        return bytes("key-%05d".formatted(i));
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static Verdict verify(Path store) {
        return new StoreVerification(STORAGE, store, (done, total) -> {}).verify();
    }

    static List<Finding> errors(Path store) {
        return verify(store).findings().stream()
                .filter(finding -> finding.severity() == Finding.Severity.ERROR)
                .toList();
    }

    /** All files below a directory whose name a pattern matches, in order. */
    static List<Path> files(Path directory, String name) {
        try (Stream<Path> paths = Files.walk(directory)) {
            return paths.filter(path -> path.getFileName().toString().matches(name))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Path and content of everything below a directory. */
    static Map<String, String> contents(Path directory) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        for (Path path : files(directory, ".*")) {
            contents.put(
                    path.toString(),
                    Files.isDirectory(path) ? "directory" : HexFormat.of().formatHex(Files.readAllBytes(path)));
        }
        return contents;
    }

    static void copy(Path from, Path to) throws IOException {
        for (Path path : new ArrayList<>(files(from, ".*"))) {
            Files.copy(path, to.resolve(from.relativize(path).toString()));
        }
    }

    static void delete(Path directory) throws IOException {
        List<Path> paths = new ArrayList<>(files(directory, ".*"));
        for (int i = paths.size() - 1; i >= 0; i--) {
            Files.delete(paths.get(i));
        }
    }

    static void flip(Path file, int offset) throws IOException {
        byte[] content = Files.readAllBytes(file);
        content[offset] ^= 0x10;
        Files.write(file, content);
    }
}
