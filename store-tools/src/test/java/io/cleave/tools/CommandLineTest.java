package io.cleave.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
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
                "demo", "load", "put", "get", "delete", "scan", "stat", "inspect", "report", "verify", "compact",
                "split", "doctor"
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
        for (String fact :
                new String[] {"java ", "fileSystem", "openFilesMax", "syncMicrosMedian", "mapperChronicle"}) {
            assertTrue(run.out().contains(fact), () -> fact + " is not in " + run.out());
        }
        assertTrue(CommandRun.of("doctor", directory, "--json").out().contains("\"complaints\":["));
        assertEquals(0, directory.toFile().list().length, "doctor left something behind");
        CommandRun.of("doctor", directory.resolve("absent")).refused(1, "not a directory");
    }
}
