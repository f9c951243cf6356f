package io.cleave.fuzz;

import static io.cleave.core.fuzz.FuzzVerdict.requireTyped;
import static io.cleave.core.fuzz.FuzzVerdict.succeeds;
import static io.cleave.core.fuzz.FuzzVerdict.withinMemory;

import io.cleave.Cursor;
import io.cleave.QuietLog;
import io.cleave.SegmentIndex;
import io.cleave.SegmentStore;
import io.cleave.Snapshot;
import io.cleave.core.fuzz.FuzzInput;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import io.cleave.inspect.IndexLook;
import io.cleave.inspect.SegmentLook;
import io.cleave.inspect.StoreInspection;
import io.cleave.inspect.StoreVerification;
import io.cleave.repair.StoreRepair;
import java.nio.file.Path;
import java.util.List;

/**
 * A small store whose directory was tampered with, checksums made to fit again: verified, inspected, opened, read, written,
 * flushed, compacted, split, closed, opened again, repaired. A target of docs/security.md.
 */
public final class DirectoryFuzz {
    private static final int ENTRIES_READ_MAX = 500;
    private static final int INDEXES_USED_MAX = 4;

    /** Names that a store has a meaning for, and neighbours of such. */
    private static final List<String> NAMES = List.of(
            "index-00001",
            "index-00002",
            "index-00003",
            "index-00004",
            "index-2147483647",
            "index-99999",
            "index-00001/segment-00001",
            "index-00001/segment-00009",
            "index-00001/segment-999999999999999999",
            "index-00002/segment-00001",
            "log/log-00000001",
            "log/log-00000099",
            "log/log-999999999999999999",
            "catalog.tmp",
            "index-00001/key-map.tmp",
            "notes");

    private DirectoryFuzz() {}

    /** One case. */
    public static void fuzzerTestOneInput(byte[] bytes) {
        try (QuietLog quiet = new QuietLog()) {
            assert quiet.isQuiet();
            withinMemory(() -> check(bytes));
        }
    }

    private static void check(byte[] bytes) {
        FuzzInput input = new FuzzInput(bytes);
        StoreImage image = SampleStore.image(input.choice(SampleStore.count()));
        boolean sealed = input.choice(8) != 0;
        for (int i = 0; i < 6 && !input.isEmpty(); i++) {
            change(image, input, sealed);
        }
        SimulatedStorage storage = new SimulatedStorage(1);
        storage.createDirectory(SampleStore.ROOT);
        succeeds(() -> image.write(storage, SampleStore.ROOT));
        look(storage);
        if (succeeds(() -> use(storage))) {
            succeeds(() -> use(storage));
        }
        look(storage);
        repair(storage);
        if (!storage.counters().nothingHeld()) {
            throw new AssertionError("left open: " + storage.counters());
        }
    }

    private static void change(StoreImage image, FuzzInput input, boolean sealed) {
        List<String> files = image.files();
        if (files.isEmpty()) {
            return;
        }
        String file = files.get(input.choice(files.size()));
        List<String> directories = image.directories();
        switch (input.choice(16)) {
            case 0 -> image.remove(file);
            case 1 -> image.put(file, new byte[0]);
            case 2 -> image.put(file, null);
            case 3 ->
                image.put(
                        file,
                        image.content(files.get(input.choice(files.size()))).clone());
            case 4 -> image.put(NAMES.get(input.choice(NAMES.size())), input.take(64));
            case 5 -> image.put(NAMES.get(input.choice(NAMES.size())), null);
            case 6 ->
                image.duplicate(
                        directories.get(input.choice(directories.size())), NAMES.get(input.choice(NAMES.size())));
            default -> {
                image.put(file, input.editOnce(image.content(file)));
                if (sealed) {
                    image.seal(file);
                }
            }
        }
    }

    /** Of a copy, after everything else: inputs that were kept for that still do what they did. A repaired store opens. */
    private static void repair(SimulatedStorage used) {
        SimulatedStorage storage = used.kill();
        settle(storage, SampleStore.ROOT);
        succeeds(() -> new StoreRepair(storage, SampleStore.ROOT, (done, total) -> {}).dryRun());
        if (succeeds(() -> new StoreRepair(storage, SampleStore.ROOT, (done, total) -> {}).repair())) {
            try (SegmentStore store = SegmentStore.open(
                    SampleStore.ROOT, SampleStore.options(storage).build())) {
                store.indexNames().stream().limit(INDEXES_USED_MAX).forEach(name -> use(store, store.index(name)));
            } catch (StoreException.LimitReached e) {
                // The last number of a log file or segment is used, in a file that is whole. Of damage a repair leaves
                // none.
                requireTyped(e);
            } catch (StoreException.Corrupt e) {
                // Neither verification nor repair looks at what whole records of the log say, such as the id of an
                // index.
                if (!e.file().startsWith(SampleStore.ROOT.resolve("log"))) {
                    throw e;
                }
                requireTyped(e);
            }
        }
        if (!storage.counters().nothingHeld()) {
            throw new AssertionError("left open after a repair: " + storage.counters());
        }
    }

    /** The names are there for good: who tampered with the store did it long ago. */
    private static void settle(SimulatedStorage storage, Path directory) {
        storage.forceDirectory(directory);
        for (String name : storage.list(directory)) {
            if (storage.kind(directory.resolve(name)) == Storage.PathKind.DIRECTORY) {
                settle(storage, directory.resolve(name));
            }
        }
    }

    private static void look(SimulatedStorage storage) {
        succeeds(() -> new StoreVerification(storage, SampleStore.ROOT, (done, total) -> {}).verify());
        StoreInspection inspection = new StoreInspection(storage, SampleStore.ROOT);
        succeeds(inspection::catalogLayout);
        succeeds(() -> inspection
                .logFiles()
                .forEach(file -> succeeds(() -> {
                    inspection.log(file.number()).records(record -> {});
                })));
        succeeds(() -> inspection.catalog().indexes().keySet().stream()
                .limit(INDEXES_USED_MAX)
                .forEach(name -> look(inspection, name)));
    }

    private static void look(StoreInspection inspection, String name) {
        succeeds(() -> inspection.keyMapLayout(name));
        succeeds(() -> inspection.segmentIdsLayout(name));
        succeeds(() -> {
            IndexLook index = inspection.index(name);
            for (SegmentLook segment : index.segments()) {
                inspection.manifestLayout(name, segment.segmentId());
                for (SegmentLook.RunLook run : segment.runs()) {
                    inspection.run(name, segment.segmentId(), run.runNumber(), layout -> {
                        layout.header();
                        layout.properties();
                        layout.footer();
                        return layout.blocks() == 0 ? layout : layout.entries(0);
                    });
                }
            }
        });
    }

    private static void use(SimulatedStorage storage) {
        try (SegmentStore store =
                SegmentStore.open(SampleStore.ROOT, SampleStore.options(storage).build())) {
            store.indexNames().stream().limit(INDEXES_USED_MAX).forEach(name -> use(store, store.index(name)));
            succeeds(() -> store.index("new").put(SampleStore.key(1), SampleStore.key(2)));
            succeeds(() -> store.dropIndex("new"));
            succeeds(store::awaitMaintenance);
            succeeds(store::stats);
        }
    }

    private static void use(SegmentStore store, SegmentIndex index) {
        for (int i = 0; i <= SampleStore.KEYS; i += 3) {
            byte[] key = SampleStore.key(i);
            succeeds(() -> index.get(key));
        }
        succeeds(() -> scan(index));
        succeeds(() -> index.put(SampleStore.key(1), SampleStore.bytes("written")));
        succeeds(() -> index.delete(SampleStore.key(2)));
        succeeds(() -> {
            try (Snapshot snapshot = store.snapshot()) {
                snapshot.get(index, SampleStore.key(1));
            }
        });
        succeeds(index::flush);
        succeeds(() -> index.split(1));
        succeeds(index::compact);
        succeeds(store::awaitMaintenance);
        succeeds(() -> scan(index));
        succeeds(index::stats);
    }

    private static void scan(SegmentIndex index) {
        try (Cursor cursor = index.cursor()) {
            for (int i = 0; i < ENTRIES_READ_MAX && cursor.next(); i++) {
                cursor.keyBytes();
                cursor.valueBytes();
            }
            for (int i = 0; i < ENTRIES_READ_MAX && cursor.previous(); i++) {
                cursor.keyBytes();
            }
        }
    }
}
