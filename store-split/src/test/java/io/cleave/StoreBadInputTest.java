package io.cleave;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.bytes.Checksum;
import io.cleave.core.run.RunIdentity;
import io.cleave.core.storage.LeakCheck;
import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a caller or a directory holds against the store gets its own clear exception, and nothing is lost. On real files. */
final class StoreBadInputTest {
    private static final int VERSION_OFFSET = Long.BYTES;
    private static final int LOG_IDENTITY_CRC_OFFSET = 60;
    private static final int RUN_CRC_OFFSET = 60;
    private static final byte[] KEY = bytes("key");
    private static final byte[] VALUE = bytes("value");

    @TempDir
    Path parent;

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final RealStorage storage = leaks.watch(RealStorage.open());
    private Path directory;

    @BeforeEach
    void nameTheDirectory() {
        directory = leaks.watch(parent).resolve("store");
    }

    @Test
    void nullEmptyAndOversizedKeysAndValuesAreRefusedAndNothingChanges() {
        try (SegmentStore store = open()) {
            SegmentIndex index = store.index("a");
            index.put(KEY, VALUE);
            byte[] longKey = new byte[65_536];
            byte[] longValue = new byte[1_025];
            assertThrows(NullPointerException.class, () -> index.put(null, VALUE));
            assertThrows(NullPointerException.class, () -> index.put(KEY, null));
            assertThrows(NullPointerException.class, () -> index.put(KEY, KEY, null));
            assertThrows(NullPointerException.class, () -> index.delete(KEY, null));
            assertThrows(NullPointerException.class, () -> index.get(null));
            assertThrows(NullPointerException.class, () -> index.get(KEY, null));
            assertThrows(NullPointerException.class, () -> index.delete(null));
            assertThrows(NullPointerException.class, () -> index.containsKey(null));
            assertThrows(NullPointerException.class, () -> index.cursor(null));
            assertThrows(NullPointerException.class, () -> store.index(null));
            assertThrows(NullPointerException.class, () -> store.dropIndex(null));
            for (byte[] key : List.of(new byte[0], longKey)) {
                assertThrows(IllegalArgumentException.class, () -> index.put(key, VALUE));
                assertThrows(IllegalArgumentException.class, () -> index.get(key));
                assertThrows(IllegalArgumentException.class, () -> index.delete(key));
                assertThrows(IllegalArgumentException.class, () -> index.containsKey(key));
                try (WriteBatch batch = store.batch()) {
                    assertThrows(IllegalArgumentException.class, () -> batch.put(index, key, VALUE));
                    assertThrows(IllegalArgumentException.class, () -> batch.delete(index, key));
                }
            }
            assertThrows(IllegalArgumentException.class, () -> index.put(KEY, longValue));
            assertThrows(IllegalArgumentException.class, () -> store.index(""));
            assertThrows(IllegalArgumentException.class, () -> store.index("x".repeat(256)));
            assertEquals(Map.of("key", "value"), texts(index));
            index.put(new byte[65_535], new byte[1_024]);
            index.flush();
            assertEquals(1_024, index.get(new byte[65_535]).length);
        }
    }

    @Test
    void anUnknownVersionOfEachSmallFileIsRefusedByItsName() throws IOException {
        fill();
        for (String name : List.of("catalog", "index-00001/key-map", "index-00001/segment-ids")) {
            Path file = directory.resolve(name);
            byte[] before = Files.readAllBytes(file);
            Files.write(file, withVersion(before, 99, before.length - Integer.BYTES));
            StoreException.FormatVersion thrown =
                    assertThrows(StoreException.FormatVersion.class, () -> open().close(), name);
            assertTrue(thrown.getMessage().contains(file + ": format version 99 is too new"), thrown.getMessage());
            Files.write(file, before);
        }
        requireFilled();
    }

    @Test
    void anUnknownVersionOfAManifestIsRefusedWhenItsSegmentIsRead() throws IOException {
        fill();
        Path file = only("manifest");
        byte[] before = Files.readAllBytes(file);
        Files.write(file, withVersion(before, 99, before.length - Integer.BYTES));
        StoreException.FormatVersion thrown = assertThrows(StoreException.FormatVersion.class, this::requireFilled);
        assertTrue(thrown.getMessage().contains(file.toString()), thrown.getMessage());
        Files.write(file, before);
        requireFilled();
    }

    @Test
    void anUnknownVersionOfARunIsRefusedWhenItsSegmentIsRead() throws IOException {
        fill();
        Path file = only("run-");
        byte[] before = Files.readAllBytes(file);
        byte[] changed = before.clone();
        ByteBuffer header = ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN);
        RunIdentity identity = new RunIdentity(
                new StoreIdentity(header.getLong(16), header.getLong(24)),
                header.getInt(12),
                header.getLong(32),
                header.getLong(40));
        header.putInt(VERSION_OFFSET, 99);
        header.putInt(RUN_CRC_OFFSET, Checksum.at(identity.seed(), 0, changed, 0, RUN_CRC_OFFSET));
        Files.write(file, changed);
        StoreException.FormatVersion thrown = assertThrows(StoreException.FormatVersion.class, this::requireFilled);
        assertTrue(thrown.getMessage().contains(file.toString()), thrown.getMessage());
        Files.write(file, before);
        requireFilled();
    }

    @Test
    void anUnknownVersionOfALogFileIsRefusedByItsName() throws IOException {
        fill();
        Path file = only("log-");
        byte[] before = Files.readAllBytes(file);
        Files.write(file, withVersion(before, 99, LOG_IDENTITY_CRC_OFFSET));
        StoreException.FormatVersion thrown = assertThrows(StoreException.FormatVersion.class, () -> open().close());
        assertTrue(thrown.getMessage().contains(file.toString()), thrown.getMessage());
        Files.write(file, before);
        requireFilled();
    }

    @Test
    void aDamagedOrCutFileIsNamedAndItsRestorationBringsEverythingBack() throws IOException {
        fill();
        for (Path file : files()) {
            String name = file.getFileName().toString();
            if (name.equals("lock") || name.equals("owner") || name.startsWith("log-")) {
                continue;
            }
            byte[] before = Files.readAllBytes(file);
            for (byte[] damaged : List.of(
                    new byte[0], java.util.Arrays.copyOf(before, before.length / 2), bytes("garbage".repeat(99)))) {
                Files.write(file, damaged);
                StoreException.Corrupt thrown = assertThrows(StoreException.Corrupt.class, this::requireFilled, name);
                assertEquals(file, thrown.file(), thrown.getMessage());
            }
            Files.write(file, before);
            requireFilled();
        }
    }

    @Test
    void filesOfOthersAreLeftAloneAndDoNotDisturb() throws IOException {
        fill();
        for (String place : List.of("", "index-00001", "index-00001/segment-00001")) {
            Files.writeString(directory.resolve(place).resolve("notes.txt"), "mine");
            Files.createDirectories(directory.resolve(place).resolve("folder of mine"));
        }
        requireFilled();
        for (String place : List.of("", "index-00001", "index-00001/segment-00001")) {
            assertEquals("mine", Files.readString(directory.resolve(place).resolve("notes.txt")));
        }
    }

    @Test
    void aDirectoryThatHoldsSomethingElseIsNotMadeAStore() throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("thesis.tex"), "years of work");
        StoreException.NotAStore thrown = assertThrows(StoreException.NotAStore.class, () -> open().close());
        assertTrue(thrown.getMessage().contains("thesis.tex"), thrown.getMessage());
        assertEquals("years of work", Files.readString(directory.resolve("thesis.tex")));
        Path file = Files.writeString(parent.resolve("file"), "a file");
        assertThrows(StoreException.NotAStore.class, () -> SegmentStore.open(file, options()));
    }

    @Test
    void aMissingStoreIsNotCreatedWhenThatIsNotWanted() {
        StoreOptions options = options().toBuilder().createIfMissing(false).build();
        assertThrows(StoreException.NotFound.class, () -> SegmentStore.open(directory, options));
        assertFalse(Files.exists(directory));
    }

    @Test
    void aSecondWriterLearnsThePidOfTheFirst() throws IOException, InterruptedException {
        Process child = new ProcessBuilder(KillChild.command("hold", directory))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertEquals(0, child.getInputStream().read());
            StoreException.Locked thrown = assertThrows(StoreException.Locked.class, () -> open().close());
            assertTrue(thrown.getMessage().contains("pid " + child.pid()), thrown.getMessage());
            assertTrue(thrown.getMessage().contains(directory.toString()), thrown.getMessage());
        } finally {
            child.getOutputStream().close();
            assertEquals(0, child.waitFor());
        }
        fill();
    }

    @Test
    void aSecondWriterInTheSameProcessIsRefusedAndTheFirstGoesOn() {
        try (SegmentStore first = open()) {
            first.index("a").put(KEY, VALUE);
            assertThrows(StoreException.Locked.class, () -> open().close());
            first.index("a").put(KEY, KEY);
            assertArrayEquals(KEY, first.index("a").get(KEY));
        }
        open().close();
    }

    @Test
    void aPlaceWithoutPermissionIsRefused() throws IOException {
        // Not even root makes a directory there.
        assertThrows(StoreException.class, () -> SegmentStore.open(Path.of("/proc/cleave-store"), options()));
        Assumptions.assumeFalse("root".equals(System.getProperty("user.name")), "root may do everything");
        Files.createDirectories(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("r-xr-xr-x"));
        StoreException thrown = assertThrows(StoreException.class, () -> open().close());
        assertTrue(thrown.getMessage().contains(directory.toString()), thrown.getMessage());
    }

    @Test
    void everyUseAfterCloseThrowsFromAnyThread() throws InterruptedException {
        SegmentStore store = open();
        SegmentIndex index = store.index("a");
        index.put(KEY, VALUE);
        Snapshot snapshot = store.snapshot();
        Cursor cursor = index.cursor();
        assertTrue(cursor.next());
        WriteBatch batch = store.batch().put(index, KEY, VALUE);
        store.close();
        store.close();
        Map<String, Executable> uses = uses(store, index, snapshot, cursor, batch);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Runnable all = () -> uses.forEach((name, use) -> assertThrows(StoreClosedException.class, use, name));
        all.run();
        Thread other = new Thread(all);
        other.setUncaughtExceptionHandler((thread, thrown) -> failure.set(thrown));
        other.start();
        other.join();
        if (failure.get() != null) {
            throw new AssertionError(failure.get());
        }
        assertDoesNotThrow(cursor::close);
        assertDoesNotThrow(snapshot::close);
        assertDoesNotThrow(batch::close);
        requireOnly(VALUE);
    }

    private static Map<String, Executable> uses(
            SegmentStore store, SegmentIndex index, Snapshot snapshot, Cursor cursor, WriteBatch batch) {
        Map<String, Executable> uses = new LinkedHashMap<>();
        uses.put("store.index", () -> store.index("a"));
        uses.put("store.index of a new name", () -> store.index("new"));
        uses.put("store.dropIndex", () -> store.dropIndex("a"));
        uses.put("store.indexNames", store::indexNames);
        uses.put("store.batch", store::batch);
        uses.put("store.snapshot", store::snapshot);
        uses.put("store.sync", store::sync);
        uses.put("store.stats", store::stats);
        uses.put("store.awaitMaintenance", store::awaitMaintenance);
        uses.put("index.put", () -> index.put(KEY, VALUE));
        uses.put("index.get", () -> index.get(KEY));
        uses.put("index.get into", () -> index.get(KEY, new byte[3]));
        uses.put("index.containsKey", () -> index.containsKey(KEY));
        uses.put("index.delete", () -> index.delete(KEY));
        uses.put("index.cursor", index::cursor);
        uses.put("index.cursor of a range", () -> index.cursor(KeyRange.all()));
        uses.put("index.failFastCursor", () -> index.failFastCursor(KeyRange.all()));
        uses.put("index.flush", index::flush);
        uses.put("index.compact", index::compact);
        uses.put("index.split", () -> index.split(1));
        uses.put("index.stats", index::stats);
        uses.put("snapshot.get", () -> snapshot.get(index, KEY));
        uses.put("snapshot.get into", () -> snapshot.get(index, KEY, new byte[3]));
        uses.put("snapshot.containsKey", () -> snapshot.containsKey(index, KEY));
        uses.put("snapshot.cursor", () -> snapshot.cursor(index));
        uses.put("cursor.next", cursor::next);
        uses.put("cursor.previous", cursor::previous);
        uses.put("cursor.seek", () -> cursor.seek(KEY));
        uses.put("cursor.key", cursor::key);
        uses.put("cursor.value", cursor::value);
        uses.put("cursor.keyBytes", cursor::keyBytes);
        uses.put("cursor.valueBytes", cursor::valueBytes);
        uses.put("cursor.valueLength", cursor::valueLength);
        uses.put("batch.put", () -> batch.put(index, KEY, VALUE));
        uses.put("batch.delete", () -> batch.delete(index, KEY));
        uses.put("batch.commit", batch::commit);
        return uses;
    }

    @Test
    void aCursorLeftOpenKeepsItsMomentUntilTheStoreIsClosedAndNothingAfterwards() {
        SegmentStore store = open();
        SegmentIndex index = store.index("a");
        index.put(KEY, VALUE);
        index.flush();
        Cursor cursor = index.cursor();
        index.delete(KEY);
        index.compact();
        assertTrue(cursor.next());
        assertArrayEquals(VALUE, cursor.valueBytes());
        store.close();
        assertThrows(StoreClosedException.class, cursor::valueBytes);
        cursor.close();
        cursor.close();
        requireOnly(null);
    }

    @Test
    void buffersOfACursorAreEmptyOnceItHasMovedOrIsClosed() {
        try (SegmentStore store = open()) {
            SegmentIndex index = store.index("a");
            for (int i = 0; i < 10; i++) {
                index.put(bytes("key " + i), bytes("value " + i));
            }
            try (Cursor cursor = index.cursor()) {
                requireStaleAfter(cursor, cursor::next);
                requireStaleAfter(cursor, cursor::previous);
                requireStaleAfter(cursor, () -> cursor.seek(bytes("key 7")));
                requireStaleAfter(cursor, () -> cursor.seek(bytes("zzz")));
                requireStaleAfter(cursor, cursor::close);
            }
        }
    }

    private static void requireStaleAfter(Cursor cursor, Executable move) {
        assertTrue(cursor.seek(bytes("key 3")));
        ByteBuffer key = cursor.key();
        ByteBuffer value = cursor.value();
        assertThrows(java.nio.ReadOnlyBufferException.class, () -> key.put(0, (byte) 1));
        assertEquals('k', key.get(0));
        assertDoesNotThrow(move);
        assertThrows(RuntimeException.class, () -> key.get(0), "the key of before the move is still readable");
        assertThrows(RuntimeException.class, () -> value.get(0), "the value of before the move is still readable");
        assertThrows(java.nio.BufferUnderflowException.class, key::get);
        assertEquals("", StandardCharsets.UTF_8.decode(value).toString());
    }

    @Test
    void aCursorThatIsNotOnAnEntryHasNoKey() {
        try (SegmentStore store = open();
                Cursor cursor = store.index("a").cursor()) {
            assertThrows(IllegalStateException.class, cursor::key);
            assertFalse(cursor.next());
            assertThrows(IllegalStateException.class, cursor::valueBytes);
        }
    }

    private StoreOptions options() {
        return StoreOptions.builder()
                .storage(storage)
                .valueBytesMax(1_024)
                .logFileBytes(16 << 10)
                .build();
    }

    private SegmentStore open() {
        return SegmentStore.open(directory, options());
    }

    private void fill() {
        try (SegmentStore store = open()) {
            store.index("a").put(KEY, VALUE);
        }
    }

    private void requireFilled() {
        requireOnly(VALUE);
    }

    private void requireOnly(byte[] value) {
        try (SegmentStore store = open()) {
            assertNotNull(store.indexNames());
            assertArrayEquals(value, store.index("a").get(KEY));
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private Path only(String prefix) throws IOException {
        List<Path> found = files().stream()
                .filter(file -> file.getFileName().toString().startsWith(prefix))
                .toList();
        assertEquals(1, found.size(), () -> "files called " + prefix + ": " + found);
        return found.get(0);
    }

    /** The same bytes with another version and, in every byte, the right checksum for it. */
    private static byte[] withVersion(byte[] file, int version, int crcOffset) {
        byte[] changed = file.clone();
        ByteBuffer bytes = ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(VERSION_OFFSET, version);
        bytes.putInt(crcOffset, Checksum.at(bytes.getLong(0), 0, changed, 0, crcOffset));
        return changed;
    }

    private static Map<String, String> texts(SegmentIndex index) {
        Map<String, String> texts = new LinkedHashMap<>();
        StoreHistory.scan(index)
                .forEach((key, value) ->
                        texts.put(new String(key, StandardCharsets.UTF_8), new String(value, StandardCharsets.UTF_8)));
        return texts;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
