package io.cleave.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.SegmentIndex;
import io.cleave.SegmentStore;
import io.cleave.StoreOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that look, in a loop beside a writer with splits, drops and a small log: none sees damage where none is. */
final class ToolsBesideWriterTest {
    @TempDir
    private Path directory;

    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    @Test
    void nobodyTakesTheWorkOfAWriterForDamage() throws InterruptedException {
        boolean isLong = "long".equals(System.getProperty("cleave.campaign", "ci"));
        long looks = Long.getLong("cleave.count", isLong ? 1_000L : 24L);
        long seed = Long.getLong("cleave.seed", isLong ? System.nanoTime() : 0xC1EAFE);
        Path path = directory.resolve("store");
        StoreOptions options = StoreOptions.builder()
                .maintenanceThreads(2)
                .segmentEntriesMax(150)
                .memtableBytesMax(4 << 20)
                .segmentMemtableBytesMax(64 << 10)
                .deltasMax(2)
                .logFileBytes(64 << 10)
                .logBytesMax(512 << 10)
                .build();
        try (SegmentStore store = SegmentStore.open(path, options)) {
            write(store.index("stays"), new SplittableRandom(seed), 500);
            Thread writer = new Thread(() -> work(store, new SplittableRandom(seed + 1)), "writer");
            writer.start();
            try {
                for (long i = 0; i < looks && failure.get() == null; i++) {
                    look(path, i);
                }
            } finally {
                ended.set(true);
                writer.join();
            }
            assertNull(failure.get(), () -> "the writer: " + failure.get());
        }
        System.out.printf("tools beside a writer: looks=%d false alarms=0 seed=%d%n", looks, seed);
    }

    private static void look(Path store, long number) {
        List<Supplier<CommandRun>> commands = List.of(
                () -> CommandRun.of("verify", store),
                () -> CommandRun.of("report", store),
                () -> CommandRun.of("stat", store, "--segments"),
                () -> CommandRun.of("inspect", store, "--index", "stays"),
                () -> CommandRun.of("verify", store),
                () -> CommandRun.of("stat", store, "--json"),
                () -> CommandRun.of("inspect", store));
        CommandRun run = commands.get((int) (number % commands.size())).get();
        assertEquals(0, run.code(), () -> "look " + number + ": " + run.err() + shown(run));
        assertEquals("", run.err());
    }

    private static String shown(CommandRun run) {
        return run.out()
                        .lines()
                        .filter(line -> line.contains("ERROR") || line.contains("not read"))
                        .toList() + " of " + run.out().length();
    }

    private void work(SegmentStore store, SplittableRandom random) {
        try {
            for (int round = 0; !ended.get(); round++) {
                String name = "round-" + round % 3;
                write(store.index(name), random, 300);
                write(store.index("stays"), random, 60);
                if (random.nextInt(3) == 0) {
                    store.index(name).flush();
                }
                if (random.nextInt(2) == 0) {
                    assertTrue(store.dropIndex(name));
                }
            }
        } catch (RuntimeException | Error e) {
            failure.set(e);
        }
    }

    private static void write(SegmentIndex index, SplittableRandom random, int count) {
        for (int i = 0; i < count; i++) {
            index.put(ReportFixture.key("key-%05d".formatted(random.nextInt(2_000))), new byte[random.nextInt(200)]);
        }
    }
}
