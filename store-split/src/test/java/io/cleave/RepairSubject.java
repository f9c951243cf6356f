package io.cleave;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cleave.core.entry.EntryCursor;
import io.cleave.core.run.Compression;
import io.cleave.core.run.Run;
import io.cleave.core.run.RunInspector;
import io.cleave.core.storage.SimulatedStorage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A store that was closed and whose log holds nothing of it any more: what its files lose is lost. Two indexes, one of them
 * compressed, of several segments with several runs each; and of each key the block that holds its newest version.
 */
final class RepairSubject {
    static final Path STORE = SimulatedStorage.DIRECTORY.resolve("store");
    static final List<String> INDEXES = List.of("plain", "packed");

    /** A key of an index; the text is unique because all keys are text. */
    record IndexKey(String index, String key) {}

    /** A data block: where it is, and how many entries it holds. */
    record Block(Path file, long start, long end, int entries) {
        boolean isTouchedBy(Path damaged, long from, long to) {
            return file.equals(damaged) && from < end && to > start;
        }
    }

    /** What each index holds; tombstones are not in it. */
    final Map<String, TreeMap<String, String>> truth = new TreeMap<>();

    final List<Block> blocks = new ArrayList<>();
    /** Every key that was ever written. */
    final Map<IndexKey, Block> newest = new HashMap<>();

    private final Map<IndexKey, Long> sequences = new HashMap<>();
    private final Map<IndexKey, List<String>> past = new HashMap<>();
    private SimulatedStorage closed;
    private final Map<Path, Long> lengths = new TreeMap<>();

    static StoreOptions.Builder options(SimulatedStorage storage) {
        return StoreOptions.builder()
                .storage(storage)
                .maintenanceThreads(0)
                .syncIntervalMillis(0)
                .memtableBytesMax(1 << 20)
                .segmentMemtableBytesMax(64 << 10)
                .memtableChunkBytes(1 << 10)
                .segmentEntriesMax(90)
                .blockBytes(256)
                .deltasMax(6)
                .logFileBytes(4 << 10)
                .logBytesMax(1 << 20);
    }

    /** Makes the store; another seed gives other values and another identity. */
    static RepairSubject make(long seed) {
        RepairSubject subject = new RepairSubject();
        SimulatedStorage storage = new SimulatedStorage(seed);
        for (String name : INDEXES) {
            subject.truth.put(name, new TreeMap<>());
        }
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 4; round++) {
            for (String name : INDEXES) {
                boolean packed = name.equals("packed");
                try (SegmentStore store = SegmentStore.open(
                        STORE,
                        options(storage)
                                .compression(packed ? Compression.LZ4 : Compression.NONE)
                                .build())) {
                    subject.write(store.index(name), round, random);
                    store.index(name).flush();
                    store.awaitMaintenance();
                }
            }
        }
        try (SegmentStore store = SegmentStore.open(STORE, options(storage).build())) {
            for (int i = 0; i < 12; i++) {
                store.index("filler").put(("filler" + i).getBytes(UTF_8), new byte[1000]);
                store.index("filler").flush();
                store.awaitMaintenance();
            }
        }
        DamageSubject.collect(storage, STORE, subject.lengths);
        subject.closed = storage.kill();
        subject.findBlocks();
        return subject;
    }

    private void write(SegmentIndex index, int round, SplittableRandom random) {
        TreeMap<String, String> model = truth.get(index.name());
        int count = round == 0 ? 200 : 40;
        for (int i = 0; i < count; i++) {
            String key = "key-%04d".formatted(round == 0 ? i : random.nextInt(210));
            String value = "value %d of %d %s".formatted(i, round, "x".repeat(random.nextInt(30)));
            boolean delete = round > 0 && random.nextInt(5) == 0;
            past.computeIfAbsent(new IndexKey(index.name(), key), none -> new ArrayList<>())
                    .add(value);
            if (delete) {
                index.delete(key.getBytes(UTF_8));
                model.remove(key);
            } else {
                index.put(key.getBytes(UTF_8), value.getBytes(UTF_8));
                model.put(key, value);
            }
        }
    }

    private void findBlocks() {
        for (Path file : files(".run")) {
            try (Run run = Run.openAny(closed, file);
                    EntryCursor cursor = run.cursor()) {
                RunInspector inspector = new RunInspector(run);
                String index = run.identity().indexId() == 1 ? "plain" : "packed";
                boolean on = cursor.first();
                for (int ordinal = 0; ordinal < inspector.blocks(); ordinal++) {
                    RunInspector.Block found = inspector.block(ordinal);
                    Block block =
                            new Block(file, found.offset(), found.offset() + found.storedBytes(), found.entries());
                    blocks.add(block);
                    for (int i = 0; i < found.entries(); i++, on = cursor.next()) {
                        assert on : "fewer entries than the blocks tell";
                        IndexKey key = new IndexKey(index, new String(cursor.key(), 0, cursor.keyLength(), UTF_8));
                        if (run.identity().indexId() <= 2 && cursor.sequence() > sequences.getOrDefault(key, -1L)) {
                            sequences.put(key, cursor.sequence());
                            newest.put(key, block);
                        }
                    }
                }
            }
        }
    }

    /** A copy that may be damaged. */
    SimulatedStorage copy() {
        return closed.kill();
    }

    /** Files with that ending of the two indexes. */
    List<Path> files(String ending) {
        return lengths.keySet().stream()
                .filter(file ->
                        file.toString().endsWith(ending) && !file.toString().contains("index-00003"))
                .toList();
    }

    /** True for a value that a key has ever had. */
    boolean hasEverHeld(IndexKey key, String value) {
        return value == null || past.getOrDefault(key, List.of()).contains(value);
    }

    /** Every key that is there now or was, by index. */
    Iterable<IndexKey> keys() {
        return past.keySet();
    }
}
