package io.cleave.bench.micro;

import io.cleave.SegmentIndex;
import io.cleave.SegmentStore;
import io.cleave.WriteBatch;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A store with default options in a temporary directory, filled in random order and at rest. One for all threads. */
@State(Scope.Benchmark)
public class PreparedStore {
    private static final int BATCH_ENTRIES = 1_000;

    /** How many entries it holds. */
    @Param("1000000")
    public long entries;

    private Path directory;
    private SegmentStore store;
    private SegmentIndex index;

    /** Builds it. */
    @Setup(Level.Trial)
    public void open() throws IOException {
        directory = Files.createTempDirectory("cleave-micro");
        store = SegmentStore.open(directory.resolve("store"));
        index = store.index("entries");
        EntryKeys keys = new EntryKeys();
        for (long from = 0; from < entries; from += BATCH_ENTRIES) {
            try (WriteBatch batch = store.batch()) {
                for (long number = from; number < Math.min(entries, from + BATCH_ENTRIES); number++) {
                    batch.put(index, keys.present(number), keys.value(number));
                }
                batch.commit();
            }
        }
        index.flush();
        store.awaitMaintenance();
    }

    /** Deletes it. */
    @TearDown(Level.Trial)
    public void close() throws IOException {
        store.close();
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException failure) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    SegmentStore store() {
        return store;
    }

    SegmentIndex index() {
        return index;
    }
}
