package io.cleave.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Help, wrong usage, exit codes, stack traces. */
final class CommandLineTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "demo", "load", "put", "get", "delete", "scan", "stat", "inspect", "report", "verify", "upgrade",
                "compact", "split", "doctor"
            })
    void everyCommandExplainsItself(String command) {
        CommandRun help = CommandRun.of(command, "--help");
        assertEquals(0, help.code());
        assertEquals("", help.err());
        assertTrue(help.out().startsWith("Usage: cleave " + command + " "), help::out);
        assertTrue(help.out().contains("--stacktrace"), help::out);
        CommandRun.of(command, "--no-such-option").refused(2, "see cleave " + command + " --help");
        assertTrue(CommandRun.of("--help").out().contains("  " + command + " "), command + " is not in the list");
    }

    @Test
    void hiddenCommandsAreNotListed() {
        assertFalse(CommandRun.of("--help").out().contains(DemoVictimCommand.NAME));
    }

    @Test
    void theVersionIsThatOfTheBuildAndOfJava() {
        CommandRun version = CommandRun.of("--version");
        assertEquals(0, version.code());
        assertTrue(version.out().contains(Runtime.version().toString()), version::out);
    }

    @Test
    void wrongUsageEndsWithTwo() {
        CommandRun.of().refused(2, "--help");
        CommandRun.of("no-such-command").refused(2, "no-such-command");
        CommandRun.of("get").refused(2, "STORE", "KEY");
        CommandRun.of("get", directory, "--hex", "abc").refused(2, "KEY", "hexadecimal");
        CommandRun.of("put", directory.resolve("s"), "--hex", "ab", "xy").refused(2, "VALUE", "hexadecimal");
        CommandRun.of("get", directory, "k", "--raw", "--json").refused(2, "--raw");
        CommandRun.of("put", directory.resolve("s"), "", "v").refused(2, "key");
        CommandRun.of("put", directory.resolve("s"), "k", "v", "--durability", "soon")
                .refused(2, "durability");
        CommandRun.of("put", directory.resolve("s"), "k", "v", "--index", "n".repeat(256))
                .refused(2, "index name");
    }

    @Test
    void aKeyThatStartsWithAtIsAKeyAndNotAFileOfWords() throws IOException {
        Path words = Files.writeString(directory.resolve("words"), "--help");
        Path store = directory.resolve("s");
        assertEquals("", CommandRun.of("put", store, "@" + words, "v").out());
        assertEquals(List.of("v"), CommandRun.lines("get", store, "@" + words));
    }

    /** The JVM has made U+FFFD of what is no text: two keys would be the same, and the second put would replace the first. */
    @Test
    void aWordThatIsNoTextIsRefusedWhereverItStands() {
        Path store = directory.resolve("s");
        CommandRun.lines("put", store, "k", "v");
        for (String word : new String[] {"\uFFFD", "a\uFFFD", "\ud83d", "x\udc00y"}) {
            CommandRun.of("put", store, word, "one").refused(2, "argument 3", "UTF-8", "--hex");
            CommandRun.of("put", store, "k", word).refused(2, "argument 4", "--hex");
            CommandRun.of("get", store, word).refused(2, "argument 3");
            CommandRun.of("put", store, "k", "v", "--index", word).refused(2, "argument 6");
            CommandRun.of("put", directory + "/caf" + word, "k", "v").refused(2, "argument 2");
            CommandRun.of("scan", store, "--from=" + word).refused(2, "argument 3");
        }
        assertEquals(List.of("k\tv"), CommandRun.lines("scan", store));
        assertEquals(1, directory.toFile().list().length);
        CommandRun.lines("put", store, "--hex", "efbfbd", "ff");
        assertEquals(List.of("6b\t76", "efbfbd\tff"), CommandRun.lines("scan", store, "--hex"));
    }

    @Test
    void helpIsACommandToo() {
        assertEquals(CommandRun.of("--help").out(), CommandRun.of("help").out());
        assertEquals(0, CommandRun.of("help").code());
        assertEquals(
                CommandRun.of("get", "--help").out(),
                CommandRun.of("help", "get").out());
        CommandRun.of("help", "gett").refused(2, "gett");
    }

    @Test
    void aMistypedWordIsAnsweredWithTheNearestOne() {
        Path store = directory.resolve("s");
        CommandRun.lines("put", store, "k", "v", "--index", "events");
        CommandRun.of("scna", store).refused(2, "did you mean \"scan\"?");
        CommandRun.of("Verify", store).refused(2, "did you mean \"verify\"?");
        CommandRun.of("scan", store, "--limt", "1").refused(2, "did you mean \"--limit\"?");
        CommandRun.of("scan", store, "--index", "event")
                .refused(1, "no index \"event\", did you mean \"events\"?: expected one of [events]");
        for (String far : List.of("no-such-command", "x")) {
            assertFalse(CommandRun.of(far).err().contains("did you mean"));
        }
        CommandRun.of("demo-victm").refused(2, "demo-victm");
        assertFalse(CommandRun.of("demo-victm").err().contains("did you mean"), "a hidden command is named");
    }

    @Test
    void ofManyNamesAFewAreTold() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            names.add("index-%05d".formatted(i));
        }
        assertEquals(
                "[index-00000, index-00001, index-00002, index-00003, index-00004, index-00005, index-00006,"
                        + " index-00007, and 9992 more]",
                Resemblance.few(names));
        assertEquals("index-04711", Resemblance.nearest("index-4711", names).orElseThrow());
        assertEquals("[]", Resemblance.few(List.of()));
    }

    @Test
    void anOutputThatCanNotBeWrittenIsToldWithItsReason() throws IOException {
        Path store = directory.resolve("s");
        CommandRun.lines("put", store, "k", "v");
        CommandRun full = intoFull("scan", store.toString());
        assertEquals(1, full.code());
        assertTrue(full.err().startsWith("cleave: writing the output: "), full::err);
        assertEquals(1, full.err().lines().count(), full::err);
        assertEquals(1, intoFull("get", store.toString(), "k").code());
        assertEquals(1, intoFull("stat", store.toString(), "--json").code());
        assertEquals(0, intoFull("put", store.toString(), "k", "w").code());
    }

    /** A device that is always full. */
    private static CommandRun intoFull(String... words) throws IOException {
        try (OutputStream full = new FileOutputStream("/dev/full")) {
            return into(new StandardOutput(full, false), words);
        }
    }

    private static CommandRun into(StandardOutput output, String... words) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream errStream = new PrintStream(err, true, StandardCharsets.UTF_8);
        PrintStream outStream = new PrintStream(new BufferedOutputStream(output), false, StandardCharsets.UTF_8);
        int code = Cleave.run(output, new Terminal(outStream, errStream, false, false, true), words);
        return new CommandRun(code, "", err.toString(StandardCharsets.UTF_8));
    }

    @Test
    void aReaderWhoHasGoneEndsACommandQuietly() {
        Path store = directory.resolve("s");
        for (int i = 0; i < 3; i++) {
            CommandRun.lines("put", store, "k" + i, "v".repeat(10_000));
        }
        List<String[]> commands = List.of(
                new String[] {"scan", store.toString()},
                new String[] {"stat", store.toString()},
                new String[] {"verify", store.toString()},
                new String[] {"inspect", store.toString()},
                new String[] {"report", store.toString()},
                new String[] {"--help"});
        for (String[] command : commands) {
            CommandRun gone = into(new StandardOutput(broken("Broken pipe"), false), command);
            assertEquals(new CommandRun(141, "", ""), gone, command[0]);
            assertEquals(
                    141,
                    into(new StandardOutput(broken("Relais brisé"), true), command)
                            .code(),
                    command[0]);
        }
        // What the command itself has to say is not lost.
        CommandRun absent =
                into(new StandardOutput(broken("Broken pipe"), false), "get", store.toString(), "none", "--json");
        assertEquals(new CommandRun(1, "", ""), absent);
    }

    private static OutputStream broken(String reason) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException(reason);
            }
        };
    }

    @Test
    void aStackTraceComesOnlyWhenItIsAskedFor() {
        Path absent = directory.resolve("absent");
        CommandRun.of("stat", absent).refused(1, absent.toString());
        CommandRun traced = CommandRun.of("stat", absent, "--stacktrace");
        assertEquals(1, traced.code());
        assertTrue(traced.err().contains("    at io.cleave."), traced::err);
    }

    /** A store may come from somebody else, and so may the name of an index in it. */
    @Test
    void noNameOrWordMovesTheCursorOfTheTerminal() {
        Path store = directory.resolve("s");
        String name = "red\u001b[31m\u202e\u0007";
        CommandRun.of("put", store, "k", "v", "--index", name);
        for (String[] words : new String[][] {
            {"stat"}, {"inspect", "--all"}, {"verify"}, {"repair"}, {"compact"}, {"get", "k"}, {"scan"}, {"split"}
        }) {
            List<Object> all = new ArrayList<>(List.of(words[0], store));
            all.addAll(List.of(words).subList(1, words.length));
            requireVisible(CommandRun.of(all.toArray()));
            all.addAll(List.of("--index", name));
            requireVisible(CommandRun.of(all.toArray()));
        }
        CommandRun absent = CommandRun.of("get", store, "k", "--index", name + "x");
        requireVisible(absent);
        assertTrue(absent.err().contains("red\\u{1b}[31m"), absent::err);
        requireVisible(CommandRun.of(name));
        assertTrue(CommandRun.of("inspect", store).out().contains("index red\\u{1b}[31m"));
    }

    private static void requireVisible(CommandRun run) {
        String said = run.out() + run.err();
        assertTrue(said.lines().noneMatch(line -> line.codePoints().anyMatch(CommandLineTest::isHidden)), () -> said);
    }

    /** A tab stands between the columns of a scan. */
    private static boolean isHidden(int c) {
        boolean isControl = Character.getType(c) == Character.CONTROL && c != '\t';
        return isControl || Character.getType(c) == Character.FORMAT;
    }

    @Test
    void doctorTellsWhatTheMachineGives() {
        CommandRun run = CommandRun.of("doctor", directory);
        for (String fact : new String[] {
            "Java ",
            "file system ",
            "open files ",
            "sync, median ",
            "mapper CHRONICLE ",
            " ms\n",
            "iB at most: memtables "
        }) {
            assertTrue(run.out().contains(fact), () -> fact + " is not in " + run.out());
        }
        assertTrue(run.out().lines().noneMatch(line -> line.matches("(?!directory).*\\d{7}.*")), run::out);
        String verdict = run.code() == 0 ? "fit for a store with default options" : "NOT FIT for a store";
        assertTrue(run.out().contains("\n" + verdict), run::out);
        String json = CommandRun.of("doctor", directory, "--json").out();
        for (String fact : new String[] {"openFilesMax", "syncMicrosMedian", "mapperChronicle"}) {
            assertTrue(json.contains("\"" + fact + "\":"), () -> fact + " is not in " + json);
        }
        assertTrue(json.contains("\"complaints\":["), json);
        assertEquals(0, directory.toFile().list().length, "doctor left something behind");
        CommandRun.of("doctor", directory.resolve("absent")).refused(1, "not a directory");
    }
}
