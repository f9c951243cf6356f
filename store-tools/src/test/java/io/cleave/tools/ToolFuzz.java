package io.cleave.tools;

import io.cleave.SegmentStore;
import io.cleave.StoreOptions;
import io.cleave.core.fuzz.FuzzInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The command line with any words, on a store in a temporary directory: a documented exit code, at most one line on standard
 * error, never a stack trace. A target of docs/security.md.
 *
 * <p>The first operand is always one of its own: no word that was made up gets to be the path of a store.
 */
public final class ToolFuzz {
    private static final int WORDS_MAX = 8;
    private static final int WORD_BYTES_MAX = 12;

    private static final List<String> COMMANDS = List.of(
            "put", "get", "delete", "scan", "stat", "inspect", "verify", "compact", "split", "load", "get", "scan",
            "report", "repair", "doctor");

    private static final List<String> WORDS = List.of(
            "--index",
            "main",
            "other",
            "--hex",
            "--json",
            "--raw",
            "--limit",
            "--prefix",
            "--from",
            "--to",
            "--reverse",
            "--keys",
            "--key-map",
            "--parts",
            "--segment",
            "--run",
            "--block",
            "--log",
            "--file",
            "--all",
            "--segments",
            "--compression",
            "lz4",
            "none",
            "--durability",
            "device",
            "--format",
            "tsv",
            "csv",
            "jsonl",
            "--key",
            "--value",
            "--batch",
            "--skip-bad",
            "--help",
            "--version",
            "--",
            "-1",
            "0",
            "1",
            "2",
            "99999999999999999999",
            "9223372036854775807",
            "-9223372036854775808",
            "2147483648",
            "key",
            "value",
            "616263",
            "",
            "\0",
            "@lines.txt",
            "${x}",
            "%s%n");

    private static final Path DIRECTORY = makeDirectory();

    private ToolFuzz() {}

    /** One case. */
    public static void fuzzerTestOneInput(byte[] bytes) {
        FuzzInput input = new FuzzInput(bytes);
        List<String> words = new ArrayList<>();
        if (input.choice(16) != 0) {
            words.add(COMMANDS.get(input.choice(COMMANDS.size())));
            words.add(operand(input.choice(8)).toString());
        }
        for (int i = 0; i < WORDS_MAX && !input.isEmpty(); i++) {
            words.add(word(input));
        }
        delete(DIRECTORY.resolve("absent"));
        CommandRun run = CommandRun.of(words.toArray());
        boolean known = run.code() >= 0 && run.code() <= 2;
        boolean said =
                run.code() == Cleave.OK || !run.err().isEmpty() || !run.out().isEmpty();
        // Words and names are said as they are, and one of them may hold a tab and "at".
        boolean trace = run.err().contains("\tat io.cleave.") || run.err().contains("\tat java.");
        boolean brief = run.err().lines().count() <= 1 && !trace;
        if (!known || !said || !brief || run.err().contains("unexpected ")) {
            throw new AssertionError(
                    words.subList(Math.min(1, words.size()), words.size()) + " after " + words + ": " + run);
        }
    }

    /** Mostly the store; else something that is none. */
    private static Path operand(int choice) {
        return switch (choice) {
            case 0 -> DIRECTORY.resolve("absent");
            case 1 -> DIRECTORY.resolve("lines.txt");
            case 2 -> DIRECTORY;
            default -> DIRECTORY.resolve("store");
        };
    }

    /**
     * Never the stack trace that a user may ask for, no path that leads out of the working directory, no report that is
     * written there, and no watch without end.
     */
    private static String word(FuzzInput input) {
        int choice = input.choice(WORDS.size() + 32);
        if (choice < WORDS.size()) {
            return WORDS.get(choice);
        }
        if (choice == WORDS.size()) {
            return DIRECTORY.resolve("lines.txt").toString();
        }
        String word = new String(input.take(WORD_BYTES_MAX), StandardCharsets.UTF_8);
        // Alone, - is the standard input, which belongs to whoever runs this.
        return word.replace("/", "")
                .replace("--st", "")
                .replace("--w", "")
                .replace("-o", "")
                .replaceAll("^-$", "");
    }

    private static Path makeDirectory() {
        try {
            Path directory = Files.createTempDirectory("cleave-fuzz");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
            Files.write(
                    directory.resolve("lines.txt"),
                    Arrays.asList("a\t1", "b,2", "{\"key\":\"c\",\"value\":\"3\"}", "", "\u0000\ud7ff"));
            try (SegmentStore store = SegmentStore.open(
                    directory.resolve("store"),
                    StoreOptions.builder().logFileBytes(16 << 10).build())) {
                for (int i = 0; i < 50; i++) {
                    store.index("main").put(("key" + i).getBytes(StandardCharsets.UTF_8), new byte[i]);
                }
                store.index("other").put(new byte[] {1}, new byte[] {2});
            }
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
