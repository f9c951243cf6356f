package io.cleave.bench.micro;

import java.io.PrintStream;
import java.util.List;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs the benchmarks of this package through JMH, in one forked process each. Immutable, thread-safe. */
public final class MicroRun {
    private static final String ALLOCATION = "gc.alloc.rate.norm";

    private final long entries;
    private final int iterations;
    private final int seconds;

    /**
     * What a benchmark has shown.
     *
     * @param name of class and method
     * @param nanos of one operation
     * @param errorNanos half the width of the 99.9 % confidence interval; NaN for too few iterations
     * @param allocatedBytes on the Java heap, of one operation
     */
    public record Result(String name, double nanos, double errorNanos, double allocatedBytes) {}

    /** So many entries in the store, so many measured iterations of so many seconds, and as many before them. */
    public MicroRun(long entries, int iterations, int seconds) {
        this.entries = entries;
        this.iterations = iterations;
        this.seconds = seconds;
    }

    /** Runs the benchmarks whose name has a match; tells on {@code log} how it goes. Empty when there is none. */
    public List<Result> run(String regex, PrintStream log) {
        Options options = new OptionsBuilder()
                .include(MicroRun.class.getPackageName().replace(".", "\\.") + "\\..*(?:" + regex + ")")
                .param("entries", Long.toString(entries))
                .forks(1)
                .jvmArgs("-Xmx1g")
                .warmupIterations(iterations)
                .warmupTime(TimeValue.seconds(seconds))
                .measurementIterations(iterations)
                .measurementTime(TimeValue.seconds(seconds))
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true)
                .build();
        OutputFormat format = OutputFormatFactory.createFormatInstance(log, VerboseMode.NORMAL);
        try {
            return new Runner(options, format)
                    .run().stream().map(MicroRun::result).toList();
        } catch (NoBenchmarksException e) {
            return List.of();
        } catch (RunnerException e) {
            throw new IllegalStateException("JMH has failed: " + e.getMessage(), e);
        }
    }

    private static Result result(RunResult result) {
        String name = result.getParams().getBenchmark();
        var allocation = result.getSecondaryResults().get(ALLOCATION);
        return new Result(
                name.substring(MicroRun.class.getPackageName().length() + 1),
                result.getPrimaryResult().getScore(),
                result.getPrimaryResult().getScoreError(),
                allocation == null ? Double.NaN : allocation.getScore());
    }
}
