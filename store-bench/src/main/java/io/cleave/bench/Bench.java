package io.cleave.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * {@code cleave bench}: measures Cleave and its rivals, each in a process of its own, and shows them side by side. {@link
 * #main} is what the launcher starts; {@link #run} is the same without the end of the process.
 *
 * <p>Belongs to one thread.
 */
@Command(
        name = "cleave bench",
        mixinStandardHelpOptions = true,
        version = "cleave bench, Java ${java.version}",
        showDefaultValues = true,
        subcommands = {MicroCommand.class, PacingCommand.class, ScaleCommand.class},
        description = "Measure Cleave beside RocksDB, LMDB and MVStore. Each engine runs in a process of its own, one"
                + " after the other, again and again; shown are medians.",
        footer = {
            "",
            "Exit codes: 0 all is well; 1 a process has failed, the others are shown; 2 wrong usage.",
            "Start with: cleave bench --entries 100000 --runs 1"
        })
public final class Bench implements Callable<Integer> {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;

    private final Console console;
    private final ChildCommand childCommand;
    private final List<String> arguments;

    @Mixin
    private RunOptions options;

    @Option(names = "--json", paramLabel = "FILE", description = "Write every single measurement there.")
    private Path jsonFile;

    @Option(names = "--svg", paramLabel = "FILE", description = "Draw a chart there.")
    private Path svgFile;

    @Option(
            names = "--from",
            split = ",",
            paramLabel = "FILE",
            description = "Measure nothing: show what --json has written. Several files are put together; engines,"
                    + " workloads and shapes that are named are chosen from them.")
    private List<Path> files;

    private Bench(Console console, ChildCommand childCommand, List<String> arguments) {
        this.console = console;
        this.childCommand = childCommand;
        this.arguments = arguments;
    }

    /** Runs the command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        System.exit(run(Console.ofProcess(), ChildCommand::ofThisJava, arguments));
    }

    /** Runs the command and returns its exit code. */
    static int run(Console console, ChildCommand childCommand, String... arguments) {
        CommandLine line = new CommandLine(new Bench(console, childCommand, List.of(arguments)));
        line.setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8));
        line.setParameterExceptionHandler((failure, all) -> wrongUsage(console, failure));
        line.setExecutionExceptionHandler((failure, command, parsed) -> failed(console, failure));
        int code = line.execute(arguments);
        line.getOut().flush();
        line.getErr().flush();
        return code;
    }

    /** Where the command writes. */
    Console console() {
        return console;
    }

    @Override
    public Integer call() throws IOException {
        requireDirectory("--json", jsonFile);
        requireDirectory("--svg", svgFile);
        if (files != null) {
            show(read());
            return OK;
        }
        BenchPlan plan = options.plan();
        Machine machine = Machine.ofProcess(plan.directory());
        String date = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        Comparison comparison;
        try (ProgressLine progress = new ProgressLine(console, plan.processes())) {
            comparison = new Comparison(plan, childCommand, progress);
            // A long comparison that is cut short leaves what it has measured.
            comparison.run(soFar -> write(jsonFile, ReportJson.write(report(plan, machine, date, soFar))));
        }
        show(report(plan, machine, date, comparison));
        return comparison.failures().isEmpty() ? OK : FAILED;
    }

    private Report report(BenchPlan plan, Machine machine, String date, Comparison comparison) {
        String command = "./cleave bench" + (arguments.isEmpty() ? "" : " " + String.join(" ", arguments));
        return new Report(machine, date, command, plan.entries(), comparison.measurements(), comparison.failures());
    }

    private void show(Report report) {
        write(jsonFile, ReportJson.write(report));
        write(svgFile, RatioChart.of(report));
        console.out().print(ReportText.of(report));
        console.out().flush();
    }

    /** What the files hold, as one; machine and date are those of the first. */
    private Report read() throws IOException {
        List<Measurement> measurements = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        Report first = null;
        for (Path file : files) {
            Report report = read(file);
            first = first == null ? report : first;
            if (report.entries() != first.entries() || !report.machine().equals(first.machine())) {
                throw new UsageException(
                        "--from: " + file + " is of another machine or number of entries than " + files.get(0));
            }
            measurements.addAll(report.measurements());
            failures.addAll(report.failures());
        }
        Report all =
                new Report(first.machine(), first.date(), first.command(), first.entries(), measurements, failures);
        return all.only(options.engines(), options.workloads(), options.shapes());
    }

    private static Report read(Path file) throws IOException {
        try {
            return ReportJson.read(Files.readString(file));
        } catch (NoSuchFileException e) {
            throw new UsageException("--from: there is no file " + file);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--from: " + file + " is none that --json has written: " + e.getMessage());
        }
    }

    /** Before hours of measuring, not after. */
    private static void requireDirectory(String option, Path file) {
        if (file != null) {
            Path parent = file.toAbsolutePath().getParent();
            if (parent == null || !Files.isWritable(parent) || Files.isDirectory(file)) {
                throw new UsageException(option + ": " + file + " can't be written");
            }
        }
    }

    /** At once or not at all. */
    private static void write(Path file, String text) {
        if (file == null) {
            return;
        }
        try {
            Path partial = file.resolveSibling(file.getFileName() + ".part");
            Files.writeString(partial, text);
            Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int wrongUsage(Console console, ParameterException failure) {
        String command = failure.getCommandLine().getCommandSpec().qualifiedName();
        tell(console, failure.getMessage() + " (see " + command + " --help)");
        return USAGE;
    }

    private static int failed(Console console, Exception failure) {
        if (failure instanceof UsageException) {
            tell(console, failure.getMessage());
            return USAGE;
        }
        tell(console, failure.toString());
        return FAILED;
    }

    /** One line whatever the message holds. */
    private static void tell(Console console, String message) {
        console.err().println("cleave: " + message.strip().replaceAll("\\s*\\R\\s*", " "));
    }
}
