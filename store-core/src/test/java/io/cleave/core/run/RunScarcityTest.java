package io.cleave.core.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryLimits;
import io.cleave.core.run.RunFixture.Entry;
import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.Scarcity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Where memory is scarce a run reads what may be missing, once for each time, and finds the same. */
final class RunScarcityTest {
    @TempDir
    Path directory;

    private final RunFixture fixture = new RunFixture();
    private final RealStorage storage = RealStorage.open();
    private final List<Entry> entries = new ArrayList<>();

    static Stream<RunOptions> options() {
        return RunFixture.allOptions(4096).stream();
    }

    @ParameterizedTest
    @MethodSource("options")
    void pagesAreReadOnceUntilMarksGrowOld(RunOptions options) throws Exception {
        for (int i = 0; i < 3000; i++) {
            String value = i % 500 == 499 ? "v".repeat(20_000) : "value " + i;
            entries.add(Entry.put(String.format("key-%06d", i), i + 1, value));
        }
        fixture.write(options, entries);
        Path file = Files.write(directory.resolve(RunFixture.IDENTITY.fileName()), fixture.contents());
        try (Run run = Run.open(storage, file, RunFixture.IDENTITY);
                Scarcity scarcity = new Scarcity()) {
            for (int round = 0; round < 3; round++) {
                scarcity.letMarksGrowOld();
                assertEquals(0, scarcity.reads());
                findAll(run);
                seekAll(run);
                long reads = scarcity.reads();
                assertTrue(reads > 10, "reads: " + reads);
                findAll(run);
                seekAll(run);
                assertEquals(reads, scarcity.reads(), "reads of what was just touched");
            }
        }
        assertTrue(storage.counters().nothingHeld(), () -> storage.counters().toString());
    }

    private void findAll(Run run) {
        for (Entry entry : entries) {
            assertEquals(entry, RunFixture.find(run, entry.key(), EntryLimits.SEQUENCE_MAX));
        }
    }

    private void seekAll(Run run) {
        for (Entry entry : entries) {
            try (EntryCursor cursor = run.cursor()) {
                assertTrue(cursor.seek(entry.key(), entry.key().length));
                assertEquals(entry, Entry.at(cursor));
            }
        }
    }
}
