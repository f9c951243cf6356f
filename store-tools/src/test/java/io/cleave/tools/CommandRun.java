package io.cleave.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** One run of the command line in this process, with what it wrote. */
record CommandRun(int code, String out, String err) {
    static CommandRun of(Object... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code;
        try (PrintStream outStream = new PrintStream(out, false, StandardCharsets.UTF_8);
                PrintStream errStream = new PrintStream(err, false, StandardCharsets.UTF_8)) {
            String[] words = new String[arguments.length];
            for (int i = 0; i < words.length; i++) {
                words[i] = arguments[i].toString();
            }
            code = Cleave.run(new Terminal(outStream, errStream, false, false, true), words);
        }
        return new CommandRun(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** A run that must end well; returns the lines it wrote. */
    static List<String> lines(Object... arguments) {
        CommandRun run = of(arguments);
        assertEquals("", run.err());
        assertEquals(0, run.code());
        return run.out().lines().toList();
    }

    /** The run ended with that code and one line on standard error that has these words. */
    void refused(int expectedCode, String... words) {
        assertEquals(expectedCode, code, this::toString);
        assertEquals(1, err.lines().count(), err);
        assertTrue(err.startsWith("cleave: "), err);
        for (String word : words) {
            assertTrue(err.contains(word), () -> word + " is not in " + err);
        }
    }
}
