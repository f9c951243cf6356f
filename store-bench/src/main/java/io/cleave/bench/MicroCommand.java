package io.cleave.bench;

import io.cleave.bench.micro.MicroRun;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code cleave bench micro}. */
@Command(
        name = "micro",
        mixinStandardHelpOptions = true,
        version = "cleave bench, Java ${java.version}",
        showDefaultValues = true,
        description = "Measure single calls of the API with JMH: time and allocation of each.")
final class MicroCommand implements Callable<Integer> {
    private static final long ENTRIES_MAX = 1L << 40;
    private static final int ITERATIONS_MAX = 1_000;
    private static final int SECONDS_MAX = 24 * 60 * 60;

    @ParentCommand
    private Bench bench;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "REGEX",
            defaultValue = ".",
            description = "Which benchmarks; a part of the name is enough.")
    private String regex;

    @Option(names = "--entries", paramLabel = "N", defaultValue = "1000000", description = "Entries of the store.")
    private long entries;

    @Option(names = "--iterations", paramLabel = "N", defaultValue = "3", description = "Measured iterations.")
    private int iterations;

    @Option(names = "--seconds", paramLabel = "N", defaultValue = "2", description = "Length of each.")
    private int seconds;

    @Override
    public Integer call() {
        ArgumentRange.check("--entries", entries, 1, ENTRIES_MAX);
        ArgumentRange.check("--iterations", iterations, 1, ITERATIONS_MAX);
        ArgumentRange.check("--seconds", seconds, 1, SECONDS_MAX);
        try {
            Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw new UsageException("REGEX: " + e.getMessage());
        }
        List<MicroRun.Result> results = new MicroRun(entries, iterations, seconds)
                .run(regex, bench.console().err());
        if (results.isEmpty()) {
            throw new UsageException("REGEX: no benchmark has '" + regex + "' in its name");
        }
        TextTable table = new TextTable(1, List.of("benchmark", "ns/op", "± 99.9%", "bytes/op"));
        for (MicroRun.Result result : results) {
            table.row(List.of(
                    result.name(),
                    Quantity.digits(result.nanos()),
                    Quantity.digits(result.errorNanos()),
                    Quantity.digits(result.allocatedBytes())));
        }
        bench.console().out().print(table.text());
        return Bench.OK;
    }
}
