package io.cleave;

import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.run.Compression;
import io.cleave.core.run.Run;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageFile;
import io.cleave.log.LogFileInfo;
import io.cleave.log.LogInspection;
import io.cleave.log.LogRecordKind;
import io.cleave.log.OperationsDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * A small store that is damaged again and again: three indexes, segments that have split, several runs each, plain and
 * compressed, with and without a filter; log files whose records are partly in runs, an unflushed part that is synced, and a
 * tail that is not. Its process was killed. Beside it what each key has ever held, and which files hold its newest version.
 */
final class DamageSubject {
    static final Path STORE = SimulatedStorage.DIRECTORY.resolve("store");
    static final List<String> INDEXES = List.of("plain", "packed", "small");

    /** In which boot of the machine a damaged copy is read, which makes no difference. */
    enum Boot {
        SAME,
        OTHER
    }

    /** A key of an index; the text is unique because all keys are text. */
    record IndexKey(int indexId, String key) {}

    private static final int LOG_FILE_BYTES = 8 << 10;

    /** What the store holds, by index id. */
    final Map<Integer, NavigableMap<byte[], byte[]>> model = new TreeMap<>();

    final StoreHistory history = new StoreHistory();
    private final Map<IndexKey, Set<String>> past = new HashMap<>();
    private final Map<IndexKey, Long> newest = new HashMap<>();
    private final Map<IndexKey, Set<Path>> holders = new HashMap<>();
    private final Set<IndexKey> tail = new HashSet<>();

    private SimulatedStorage dead;
    private SimulatedStorage settled;
    private SegmentStore store;
    private boolean inTail;

    static StoreOptions.Builder options(Storage storage) {
        return StoreOptions.builder()
                .storage(storage)
                .maintenanceThreads(0)
                .syncIntervalMillis(0)
                .memtableBytesMax(1 << 20)
                .segmentMemtableBytesMax(64 << 10)
                .memtableChunkBytes(1 << 10)
                .segmentEntriesMax(40)
                .blockBytes(256)
                .deltasMax(3)
                .logFileBytes(LOG_FILE_BYTES)
                .logBytesMax(1 << 20);
    }

    /** Makes the store and kills its process. */
    static DamageSubject make() {
        DamageSubject subject = new DamageSubject();
        SimulatedStorage storage = new SimulatedStorage(1);
        subject.fill(storage);
        subject.dead = storage.kill();
        subject.settled = new SimulatedStorage(2);
        copy(subject.dead, STORE, subject.settled);
        subject.settled.forceDirectory(SimulatedStorage.DIRECTORY);
        subject.findHolders(subject.dead);
        subject.dead.kill();
        subject.settled.kill();
        // Whoever looks for handles that somebody left open must not find this one.
        CrashWorkload.abandon(subject.store);
        subject.store = null;
        return subject;
    }

    private void fill(SimulatedStorage storage) {
        for (String name : INDEXES) {
            model.put(INDEXES.indexOf(name) + 1, StoreHistory.newMap());
        }
        store = SegmentStore.open(STORE, options(storage).build());
        INDEXES.forEach(name -> {
            store.index(name);
            history.create(name);
        });
        write("plain", 0, 60);
        flush("plain");
        put("small", "only", "one");
        flush("small");
        store.close();
        store = SegmentStore.open(
                STORE,
                options(storage)
                        .compression(Compression.LZ4)
                        .segmentEntriesMax(30)
                        .build());
        write("packed", 0, 45);
        flush("packed");
        write("packed", 5, 12);
        delete("packed", 20, 24);
        flush("packed");
        store.close();
        store = SegmentStore.open(
                STORE,
                options(storage).filter(io.cleave.core.run.FilterKind.NONE).build());
        write("plain", 10, 18);
        delete("plain", 40, 43);
        flush("plain");
        write("plain", 3, 6);
        delete("packed", 30, 32);
        write("packed", 1, 3);
        put("small", "two", "x".repeat(3000));
        store.sync();
        history.synced();
        inTail = true;
        write("plain", 50, 52);
        delete("packed", 1, 2);
    }

    private void write(String index, int from, int to) {
        for (int i = from; i < to; i++) {
            put(index, "key-%04d".formatted(i * 7 % 100), "value " + i + " of " + past.size() + "x".repeat(i % 9));
        }
    }

    private void put(String index, String key, String value) {
        note(index, key, value);
        store.index(index).put(bytes(key), bytes(value), Durability.PROCESS);
        history.acknowledge(Durability.PROCESS);
    }

    private void delete(String index, int from, int to) {
        for (int i = from; i < to; i++) {
            String key = "key-%04d".formatted(i * 7 % 100);
            note(index, key, null);
            store.index(index).delete(bytes(key), Durability.PROCESS);
            history.acknowledge(Durability.PROCESS);
        }
    }

    private void note(String index, String key, String value) {
        int id = INDEXES.indexOf(index) + 1;
        byte[] bytes = value == null ? null : bytes(value);
        StoreHistory.Index told = history.indexes().get(index);
        history.begin(List.of(new StoreHistory.Write(told, bytes(key), bytes)), Durability.PROCESS);
        StoreHistory.apply(model.get(id), bytes(key), bytes);
        past.computeIfAbsent(new IndexKey(id, key), none -> new HashSet<>()).add(String.valueOf(value));
        if (inTail) {
            tail.add(new IndexKey(id, key));
        }
    }

    private void flush(String index) {
        store.index(index).flush();
        store.awaitMaintenance();
        history.flushed(history.indexes().get(index));
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] bytes) {
        return bytes == null ? "null" : new String(bytes, StandardCharsets.UTF_8);
    }

    /** A copy of the store that may be damaged. */
    SimulatedStorage copy(Boot boot) {
        return boot == Boot.SAME ? dead.kill() : settled.crash(1);
    }

    /** All regular files of the store but locks, which hold nothing, and how long they are. */
    Map<Path, Long> files() {
        Map<Path, Long> files = new TreeMap<>();
        SimulatedStorage copy = copy(Boot.SAME);
        collect(copy, STORE, files);
        files.keySet().removeIf(file -> file.endsWith("lock"));
        return files;
    }

    /** What a file holds, undamaged. */
    byte[] content(Path file) {
        return copy(Boot.SAME).readAll(file, Integer.MAX_VALUE);
    }

    /** The byte that one of three changes makes of another; it may be the same. */
    static byte wrong(byte right, int at, int change) {
        return (byte) (change == 0 ? right ^ 1 << at % 8 : change == 1 ? 0 : 0xFF);
    }

    static void collect(Storage storage, Path directory, Map<Path, Long> files) {
        for (String name : storage.list(directory)) {
            Path path = directory.resolve(name);
            if (storage.kind(path) == Storage.PathKind.DIRECTORY) {
                collect(storage, path, files);
            } else {
                files.put(path, storage.size(path));
            }
        }
    }

    /** True when a key may show an older version although nothing but the unsynced end of the log was lost. */
    boolean isOfTail(IndexKey key) {
        return tail.contains(key);
    }

    boolean hasEverHeld(IndexKey key, byte[] value) {
        return value == null || past.getOrDefault(key, Set.of()).contains(text(value));
    }

    /** True when some file outside of the damaged ones holds the newest version of a key. */
    boolean isSafe(IndexKey key, List<Path> damaged) {
        return holders.getOrDefault(key, Set.of()).stream()
                .anyMatch(file -> damaged.stream().noneMatch(file::startsWith));
    }

    Set<IndexKey> keys() {
        return past.keySet();
    }

    private void findHolders(Storage storage) {
        Map<Path, Long> files = new TreeMap<>();
        collect(storage, STORE, files);
        for (Path file : files.keySet()) {
            if (file.toString().endsWith(".run")) {
                try (Run run = Run.openAny(storage, file);
                        EntryCursor cursor = run.cursor()) {
                    for (boolean on = cursor.first(); on; on = cursor.next()) {
                        String key = new String(cursor.key(), 0, cursor.keyLength(), StandardCharsets.UTF_8);
                        hold(new IndexKey(run.identity().indexId(), key), cursor.sequence(), file);
                    }
                }
            }
        }
        for (LogFileInfo file : LogInspection.files(storage, STORE.resolve("log"))) {
            LogInspection.records(storage, file, record -> {
                OperationsDecoder operation = record.decoder();
                while (record.kind() == LogRecordKind.DATA && operation.next()) {
                    assert operation.kind() == EntryKind.PUT || operation.kind() == EntryKind.TOMBSTONE;
                    hold(new IndexKey(operation.indexId(), text(operation.key())), operation.sequence(), file.path());
                }
            });
        }
    }

    private void hold(IndexKey key, long sequence, Path file) {
        long before = newest.getOrDefault(key, -1L);
        if (sequence > before) {
            newest.put(key, sequence);
            holders.put(key, new HashSet<>());
        }
        if (sequence >= before) {
            holders.get(key).add(file);
        }
    }

    static void copy(Storage from, Path directory, Storage to) {
        to.createDirectory(directory);
        for (String name : from.list(directory)) {
            Path path = directory.resolve(name);
            if (from.kind(path) == Storage.PathKind.DIRECTORY) {
                copy(from, path, to);
            } else {
                write(to, path, from.readAll(path, Integer.MAX_VALUE));
            }
        }
        to.forceDirectory(directory);
    }

    /** Puts a file there, durable but for its name, in place of what was there. */
    static void write(Storage storage, Path path, byte[] bytes) {
        storage.delete(path);
        try (StorageFile file = storage.create(path)) {
            file.append(bytes, 0, bytes.length);
            file.force();
        }
    }

    /** Paths of everything below, directories after what they hold. */
    static List<Path> below(Storage storage, Path directory) {
        List<Path> paths = new ArrayList<>();
        for (String name : storage.list(directory)) {
            Path path = directory.resolve(name);
            if (storage.kind(path) == Storage.PathKind.DIRECTORY) {
                paths.addAll(below(storage, path));
            }
            paths.add(path);
        }
        return paths;
    }
}
