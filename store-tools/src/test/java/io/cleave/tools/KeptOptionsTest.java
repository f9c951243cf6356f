package io.cleave.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.IndexOptions;
import io.cleave.SegmentIndex;
import io.cleave.SegmentStore;
import io.cleave.StoreOptions;
import io.cleave.core.run.Compression;
import io.cleave.core.storage.RealStorage;
import io.cleave.inspect.IndexLook;
import io.cleave.inspect.StoreInspection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands keep an index as the store says, change that when they are told to, and show it. */
final class KeptOptionsTest {
    private static final int ENTRIES = 3_000;

    @TempDir
    Path temporary;

    private Path store;

    /** By a program with options of its own. */
    @BeforeEach
    void fill() {
        store = temporary.resolve("store");
        IndexOptions own =
                IndexOptions.defaults().withCompression(Compression.LZ4).withSegmentEntriesMax(500);
        StoreOptions options = StoreOptions.builder().logFileBytes(1 << 20).build();
        try (SegmentStore open = SegmentStore.open(store, options)) {
            SegmentIndex index = open.index("main", own);
            for (int i = 0; i < ENTRIES; i++) {
                byte[] key = "key-%07d".formatted(i).getBytes(StandardCharsets.US_ASCII);
                index.put(key, "value that shrinks, shrinks, shrinks, shrinks".getBytes(StandardCharsets.US_ASCII));
            }
            index.flush();
            open.awaitMaintenance();
        }
    }

    private IndexLook look() {
        return new StoreInspection(RealStorage.open(), store).index("main");
    }

    @Test
    void compactingKeepsCompressionAndSegments() {
        IndexLook before = look();
        assertTrue(before.segments().size() > 3, before.segments().size() + " segments");
        CommandRun.lines("put", store, "key-0000001", "more");
        CommandRun.lines("compact", store, "--all");
        CommandRun.lines("compact", store, "--force");
        IndexLook after = look();
        assertEquals(before.segments().size(), after.segments().size());
        assertTrue(after.runBytes() < before.runBytes() * 1.2, before.runBytes() + " bytes became " + after.runBytes());
        assertEquals(ENTRIES, CommandRun.lines("scan", store).size());
    }

    @Test
    void anotherCompressionIsRememberedAndWritesTheIndexAnew() {
        long packed = look().runBytes();
        CommandRun.lines("compact", store, "--compression", "none");
        long plain = look().runBytes();
        assertTrue(plain > 2 * packed, packed + " bytes became " + plain);
        CommandRun.lines("put", store, "key-0000001", "more");
        CommandRun.lines("compact", store, "--force");
        assertTrue(look().runBytes() > 2 * packed, packed + " bytes became " + look().runBytes());
        CommandRun.lines("compact", store, "--compression", "lz4");
        assertTrue(look().runBytes() < packed * 1.2, packed + " bytes became " + look().runBytes());
    }

    @Test
    void loadDoesNotSayThatItCompressesWhenTheIndexIsKeptOtherwise() throws IOException {
        Path file = Files.writeString(temporary.resolve("a.tsv"), "a\tb\n");
        CommandRun.of("load", store, file, "--format", "tsv", "--compression", "none")
                .refused(2, "index \"main\" is there and is kept with LZ4", "cleave compact --compression NONE");
        CommandRun.lines("load", store, file, "--format", "tsv", "--compression", "lz4");
        CommandRun.lines("load", store, file, "--format", "tsv", "--index", "other", "--compression", "lz4");
        CommandRun.lines("load", store, file, "--format", "tsv", "--index", "other");
        assertTrue(CommandRun.lines("stat", store, "--index", "other").get(3).contains("LZ4"));
    }

    @Test
    void statShowsHowEachIndexIsKept() {
        List<String> lines = CommandRun.lines("stat", store);
        assertEquals(
                "         LZ4, bloom filter, blocks of 4.0 KiB, segments up to 64.0 MiB and 500 entries", lines.get(3));
        assertEquals("format   level 2: index-options, ledger", lines.get(4));
        String json = CommandRun.lines("stat", store, "--json").get(0);
        assertTrue(json.contains("\"level\":2,\"features\":[\"index-options\",\"ledger\"]"), json);
        assertTrue(
                json.contains("\"options\":{\"compression\":\"lz4\",\"filter\":\"bloom\",\"blockBytes\":4096,"), json);
    }

    @Test
    void aStoreOfLevel1IsReadAndWrittenAfterAnUpgrade() throws IOException {
        Path old = store.resolveSibling("old");
        copy(Path.of("../store-split/src/test/resources/fixtures/1/lz4"), old);
        int entries = CommandRun.lines("scan", old).size();
        assertTrue(entries > 0, "an empty store");
        assertEquals(
                "format   level 1; \"cleave upgrade\" makes it one that this version writes",
                CommandRun.lines("stat", old).get(3));
        CommandRun.of("put", old, "k", "v").refused(1, "expected the features", "cleave upgrade " + old);
        List<String> upgraded = CommandRun.lines("upgrade", old);
        assertEquals("from level 1 to level 2: index-options, ledger", upgraded.get(0));
        assertEquals("index \"main\": LZ4, no filter, blocks of 128 B, segments up to 64.0 MiB", upgraded.get(1));
        assertEquals(
                "nothing to do: level 2: index-options, ledger",
                CommandRun.lines("upgrade", old).get(0));
        assertTrue(CommandRun.lines("upgrade", old, "--json").get(0).startsWith("{\"upgraded\":false,\"level\":2,"));
        CommandRun.lines("put", old, "k", "v");
        assertEquals(entries + 1, CommandRun.lines("scan", old).size());
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
    }
}
