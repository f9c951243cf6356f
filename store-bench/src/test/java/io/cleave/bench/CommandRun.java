package io.cleave.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * What a sub-command that measures in this process has ended with and printed.
 *
 * @param code its exit code
 */
record CommandRun(int code, String out, String err) {
    /** What {@link #withBrokenOut} fails with. */
    static final String BROKEN = "nobody reads this";

    static CommandRun of(Object... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        return run(new PrintStream(out, false, StandardCharsets.UTF_8), out, arguments);
    }

    /** The first line on standard output makes it fail. */
    static CommandRun withBrokenOut(Object... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        return run(new BrokenStream(out), out, arguments);
    }

    /** They end with 2, one line that contains the message, and nothing on standard output. */
    static void assertWrong(String arguments, String message) {
        CommandRun run = of((Object[]) arguments.split(" ", -1));
        assertEquals(2, run.code, run::err);
        assertTrue(run.err.startsWith("cleave: "), run::err);
        assertTrue(run.err.contains(message), run::err);
        assertEquals(1, run.err.lines().count(), run::err);
        assertEquals("", run.out);
    }

    private static CommandRun run(PrintStream out, ByteArrayOutputStream outBytes, Object... arguments) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        ChildCommand none = (plan, task) -> {
            throw new AssertionError("started a process");
        };
        int code;
        try (out;
                PrintStream errStream = new PrintStream(err, false, StandardCharsets.UTF_8)) {
            String[] words = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
            code = Bench.run(new Console(out, errStream, false), none, words);
        }
        return new CommandRun(code, outBytes.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private static final class BrokenStream extends PrintStream {
        private BrokenStream(ByteArrayOutputStream bytes) {
            super(bytes, false, StandardCharsets.UTF_8);
        }

        @Override
        public void println(String line) {
            throw new IllegalStateException(BROKEN);
        }
    }

    /** The cells below the header that begins with a word; columns are two blanks apart at least. */
    List<List<String>> table(String word) {
        return out.lines()
                .dropWhile(line -> !line.strip().startsWith(word + "  "))
                .skip(2)
                .takeWhile(line -> !line.isBlank())
                .map(line -> List.of(line.strip().split(" {2,}")))
                .toList();
    }

    /** A count as tables show it. */
    static long count(String cell) {
        return Long.parseLong(cell.replace(",", ""));
    }
}
