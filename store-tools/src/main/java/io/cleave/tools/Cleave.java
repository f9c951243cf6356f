package io.cleave.tools;

import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line of Cleave. {@link #main} is what the launcher starts; {@link #run} is the same without the end of the
 * process.
 *
 * <p>Belongs to one thread.
 */
@Command(
        name = "cleave",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        scope = ScopeType.INHERIT,
        versionProvider = BuildVersion.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "An embedded, ordered key-value store: fill it, read it, look inside, check it.")
public final class Cleave implements Runnable {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;

    /** As if a signal had ended it, which is how other programs end when nobody reads their output any more. */
    static final int NO_READER = 141;

    private static final String[] FOOTER = {
        "",
        "Exit codes: 0 all is well; 1 the store said no, a key is absent, damage was found or left out, the output could not be"
                + " written; 2 wrong usage; 130, 143 ended by a signal; 141 nobody reads the output any more.",
        "Start with: cleave demo --small"
    };

    private static final Map<String, Class<?>> COMMANDS = new LinkedHashMap<>();

    static {
        COMMANDS.put("help", CommandLine.HelpCommand.class);
        COMMANDS.put("demo", DemoCommand.class);
        COMMANDS.put("load", LoadCommand.class);
        COMMANDS.put("put", PutCommand.class);
        COMMANDS.put("get", GetCommand.class);
        COMMANDS.put("delete", DeleteCommand.class);
        COMMANDS.put("scan", ScanCommand.class);
        COMMANDS.put("stat", StatCommand.class);
        COMMANDS.put("inspect", InspectCommand.class);
        COMMANDS.put("report", ReportCommand.class);
        COMMANDS.put("verify", VerifyCommand.class);
        COMMANDS.put("repair", RepairCommand.class);
        COMMANDS.put("upgrade", UpgradeCommand.class);
        COMMANDS.put("compact", CompactCommand.class);
        COMMANDS.put("split", SplitCommand.class);
        COMMANDS.put("doctor", DoctorCommand.class);
        COMMANDS.put("bench", BenchCommand.class);
        COMMANDS.put(DemoVictimCommand.NAME, DemoVictimCommand.class);
    }

    private final Terminal terminal;

    @Spec
    private CommandLine.Model.CommandSpec spec;

    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description = "Print the stack trace of a failure as well.")
    private boolean stacktrace;

    private Cleave(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] args) {
        StandardOutput output = StandardOutput.ofProcess(new FileOutputStream(FileDescriptor.out));
        int code = run(output, Terminal.ofProcess(output), args);
        // Halting would skip what the store does at exit; nothing here leaves threads behind that exit waits for.
        System.exit(code);
    }

    /** Runs one command that writes to {@code output} and returns its exit code, that of a failed output included. */
    static int run(StandardOutput output, Terminal terminal, String... args) {
        int code = run(terminal, args);
        terminal.out().flush();
        if (output.failure() == null || code != OK) {
            return code;
        }
        if (output.hasNoReader()) {
            return NO_READER;
        }
        terminal.err()
                .println("cleave: writing the output: "
                        + oneLine(String.valueOf(output.failure().getMessage())));
        return FAILED;
    }

    /** Runs one command and returns its exit code. */
    static int run(Terminal terminal, String... args) {
        try {
            ArgumentText.require(args);
        } catch (UsageException e) {
            terminal.err().println("cleave: " + oneLine(e.getMessage()));
            terminal.err().flush();
            return USAGE;
        }
        CommandLine line = commandLine(terminal, args);
        int code = line.execute(args);
        line.getOut().flush();
        line.getErr().flush();
        return code;
    }

    /**
     * The command line with the sub-command that the arguments name, with all of them when they name none: describing
     * a command to picocli takes longer than many a command.
     */
    private static CommandLine commandLine(Terminal terminal, String... args) {
        Cleave cleave = new Cleave(terminal);
        CommandLine line = new CommandLine(cleave);
        Class<?> named = args.length == 0 || args[0].equals("help") ? null : COMMANDS.get(args[0]);
        if (named != null) {
            line.addSubcommand(args[0], named);
        } else {
            COMMANDS.forEach(line::addSubcommand);
        }
        // Not in the annotation: every sub-command would inherit it.
        line.getCommandSpec().usageMessage().footer(FOOTER);
        line.setOut(new PrintWriter(terminal.out(), false, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setAbbreviatedOptionsAllowed(false);
        // A key may start with @.
        line.setExpandAtFiles(false);
        line.setParameterExceptionHandler((failure, all) -> cleave.wrongUsage(failure));
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            Object one = command.getCommandSpec().userObject();
            return cleave.failed(failure, one instanceof StoreCommand of ? of.store() : null);
        });
        return line;
    }

    /** Where commands write. */
    Terminal terminal() {
        return terminal;
    }

    /** No command was named. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected a command: see cleave --help");
    }

    private int wrongUsage(ParameterException failure) {
        String command = failure.getCommandLine().getCommandSpec().qualifiedName();
        String help = failure.getMessage().contains("--help") ? "" : " (see " + command + " --help)";
        tell(failure.getMessage() + question(failure) + help, failure);
        return USAGE;
    }

    /** What a word that nothing takes may have meant: an option of the command, or a command. */
    private static String question(ParameterException failure) {
        if (!(failure instanceof UnmatchedArgumentException unmatched)
                || unmatched.getUnmatched().isEmpty()) {
            return "";
        }
        String word = unmatched.getUnmatched().get(0).replaceFirst("=.*", "");
        CommandLine.Model.CommandSpec spec = failure.getCommandLine().getCommandSpec();
        return Resemblance.question(
                word,
                word.startsWith("-")
                        ? spec.optionsMap().keySet()
                        : COMMANDS.keySet().stream()
                                .filter(name -> !name.equals(DemoVictimCommand.NAME))
                                .toList());
    }

    private int failed(Exception failure, Path store) {
        tell(message(failure) + DamageHint.of(failure, store), failure);
        boolean usage = failure instanceof UsageException || failure instanceof IllegalArgumentException;
        return usage ? USAGE : FAILED;
    }

    private static String message(Exception failure) {
        boolean known = failure instanceof StoreException
                || failure instanceof StoreClosedException
                || failure instanceof UsageException
                || failure instanceof CommandException
                || failure instanceof IllegalArgumentException;
        String message = failure.getMessage() == null ? "" : failure.getMessage();
        return known && !message.isEmpty()
                ? message
                : "unexpected " + failure.getClass().getSimpleName() + ": " + message + " (--stacktrace tells more)";
    }

    /** One line whatever the message holds, and nothing in it that a terminal obeys. */
    private void tell(String message, Exception failure) {
        terminal.out().flush();
        terminal.err().println("cleave: " + oneLine(message));
        for (Throwable cause = stacktrace ? failure : null; cause != null; cause = cause.getCause()) {
            terminal.err().println(oneLine(cause.toString()));
            for (StackTraceElement frame : cause.getStackTrace()) {
                terminal.err().println("    at " + frame);
            }
        }
        terminal.err().flush();
    }

    private static String oneLine(String message) {
        return PrintableText.of(message.strip().replaceAll("\\s*\\R\\s*", " "));
    }
}
