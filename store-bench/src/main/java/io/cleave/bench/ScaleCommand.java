package io.cleave.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/**
 * {@code cleave bench scale}: what becomes of the cost of an operation of Cleave as a store grows, as it is cut into more
 * segments, and as more threads share it.
 *
 * <ol>
 *   <li>By entries, with default options and one thread: time of a point read that hits, of one that misses, of a new cursor
 *       with a seek and ten steps, and of a single put over an entry that is there; the number of segments and the room on
 *       disk right after the filling; the memory of this process after the reads, garbage collected; the median of five
 *       openings with a first read.
 *   <li>By segments, with as many entries each time and one thread: the same times.
 *   <li>By threads, on one store of the first table: point reads and single puts a second, of all threads together.
 * </ol>
 *
 * <p>The stores run in this process, one after the other. Belongs to one thread.
 */
@Command(
        name = "scale",
        mixinStandardHelpOptions = true,
        version = "cleave bench, Java ${java.version}",
        showDefaultValues = true,
        description = "Measure operations of Cleave by number of entries, of segments and of threads.")
final class ScaleCommand implements Callable<Integer> {
    private static final long ENTRIES_MAX = 1L << 40;
    private static final int SEGMENTS_MAX = 5_000;
    private static final int THREADS_MAX = 1_024;
    private static final long OPERATIONS_MAX = 1_000_000_000;

    @ParentCommand
    private Bench bench;

    @Option(
            names = "--entries",
            split = ",",
            paramLabel = "N",
            defaultValue = "1000000,3000000,10000000",
            description = "Sizes of the stores of the first table. The third is of the largest up to 3,000,000.")
    private List<Long> entries;

    @Option(
            names = "--segments",
            split = ",",
            paramLabel = "N",
            defaultValue = "1,10,100,1000",
            description = "How many segments the stores of the second table are to have, about.")
    private List<Integer> segments;

    @Option(
            names = "--segment-entries",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "Size of the stores of the second table.")
    private long segmentEntries;

    @Option(
            names = "--threads",
            split = ",",
            paramLabel = "N",
            defaultValue = "1,2,4",
            description = "Numbers of threads of the third table.")
    private List<Integer> threads;

    @Option(
            names = "--operations",
            paramLabel = "N",
            defaultValue = "200000",
            description = "Operations of each kind and thread, after half as many to warm up.")
    private long operations;

    @Mixin
    private DataPlace place;

    @Override
    public Integer call() throws Exception {
        entries.forEach(number -> ArgumentRange.check("--entries", number, 1, ENTRIES_MAX));
        segments.forEach(number -> ArgumentRange.check("--segments", number, 1, SEGMENTS_MAX));
        ArgumentRange.check("--segment-entries", segmentEntries, 1, ENTRIES_MAX);
        threads.forEach(number -> ArgumentRange.check("--threads", number, 1, THREADS_MAX));
        ArgumentRange.check("--operations", operations, 1, OPERATIONS_MAX);
        long largest =
                Math.max(segmentEntries, entries.stream().max(Long::compare).orElseThrow());
        Path directory = place.newDirectory("scale-", new Corpus(EntryShape.POINT, largest).bytes());
        try {
            Machine machine = Machine.ofProcess(directory);
            ScalePlan plan = new ScalePlan(
                    entries.stream().distinct().toList(),
                    segments.stream().distinct().toList(),
                    segmentEntries,
                    threads.stream().distinct().toList(),
                    operations,
                    directory);
            try (ScaleRun run =
                    new ScaleRun(plan, bench.console().out(), bench.console().err())) {
                run.run();
            }
            bench.console().out().print(ReportText.folded("machine: " + machine.text()));
            bench.console().out().flush();
        } finally {
            DataDirectory.delete(directory);
        }
        return Bench.OK;
    }
}
