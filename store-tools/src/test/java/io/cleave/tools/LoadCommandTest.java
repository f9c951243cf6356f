package io.cleave.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of the three formats, good and bad. */
final class LoadCommandTest {
    @TempDir
    private Path directory;

    private Path store;
    private Path file;

    @BeforeEach
    void name() {
        store = directory.resolve("store");
        file = directory.resolve("input");
    }

    @Test
    void tabsSeparateKeyAndRest() throws IOException {
        Files.writeString(file, "a\t1\r\nb\t2\t3\n\nc\nd\t");
        assertTrue(
                CommandRun.lines("load", store, file, "--format", "tsv").get(0).startsWith("4 entries, "));
        assertEquals(List.of("a\t1", "b\t2\\x093", "c\t", "d\t"), CommandRun.lines("scan", store));
    }

    @Test
    void columnsAreChosenByNumberOrHeader() throws IOException {
        Files.writeString(file, "id\tname\tage\n1\tann\t30\n2\tbob\t40\n");
        CommandRun.lines("load", store, file, "--format", "tsv", "--key", "name", "--value", "age");
        assertEquals(List.of("ann\t30", "bob\t40"), CommandRun.lines("scan", store));
        CommandRun.lines("load", store, file, "--format", "tsv", "--key", "3", "--value", "1", "--index", "by-number");
        assertEquals(List.of("30\t1", "40\t2", "age\tid"), CommandRun.lines("scan", store, "--index", "by-number"));
        CommandRun.lines("load", store, file, "--format", "tsv", "--key", "2", "--index", "whole");
        assertEquals(
                "ann\t1\\x09ann\\x0930",
                CommandRun.lines("scan", store, "--index", "whole").get(0));
        CommandRun.of("load", store, file, "--format", "tsv", "--key", "none").refused(1, "none", "[id, name, age]");
        CommandRun.of("load", store, file, "--format", "tsv", "--key", "0").refused(2, "from 1");
    }

    @Test
    void quotesOfCsvHoldSeparatorsQuotesAndLineEnds() throws IOException {
        Files.writeString(file, "\uFEFFkey,value\n\"a,1\",\"say \"\"hi\"\"\"\nb,\"two\nlines\"\nc,\n\"\"\"\",plain\n");
        CommandRun.lines("load", store, file, "--format", "csv", "--key", "key", "--value", "value");
        assertEquals(
                List.of("\"\tplain", "a,1\tsay \"hi\"", "b\ttwo\\x0alines", "c\t"), CommandRun.lines("scan", store));
    }

    /** What ends a line of the file is content inside of quotes, and stays as it is. */
    @Test
    void lineEndsInsideOfQuotesAreKeptAsTheyAre() throws IOException {
        Files.writeString(file, "k1,\"one\r\ntwo\"\r\nk2,\"\r\n\r\n\n\"\r\nk3,\"a\rb\r\n\"\nk4,plain\r\n");
        CommandRun.lines("load", store, file, "--format", "csv", "--key", "1", "--value", "2");
        assertEquals(
                List.of("k1\tone\\x0d\\x0atwo", "k2\t\\x0d\\x0a\\x0d\\x0a\\x0a", "k3\ta\\x0db\\x0d\\x0a", "k4\tplain"),
                CommandRun.lines("scan", store));
        CommandRun.lines("load", store, file, "--format", "csv", "--index", "rest");
        assertEquals(
                "\"one\r\ntwo\"",
                CommandRun.of("get", store, "k1", "--index", "rest", "--raw").out());
    }

    @Test
    void rowsOfAnotherNumberOfColumnsAreTold() throws IOException {
        bad("csv", "a,1\nb,2,3\n", "line 2", "expected 2 columns as in line 1, found 3");
        bad("csv", "a,1\nb\n", "line 2", "expected 2 columns as in line 1, found 1");
        Files.writeString(file, "id,name,age\n1,ann,30\n2,bob\n3,cid,50,x\n4,dan,60\n");
        CommandRun.of("load", store, file, "--format", "csv", "--key", "id", "--value", "name")
                .refused(1, "line 3", "expected 3 columns as in line 1, found 2", "1 entry before it loaded");
        List<String> lines = CommandRun.lines(
                "load", store, file, "--format", "csv", "--key", "id", "--value", "name", "--skip-bad", "--index", "i");
        assertTrue(lines.get(1).startsWith("2 bad lines left out; the first: line 3"), lines::toString);
        assertEquals(List.of("1\tann", "4\tdan"), CommandRun.lines("scan", store, "--index", "i"));
        Files.writeString(file, "a\t1\nb\t2\t3\n");
        CommandRun.of("load", store, file, "--format", "tsv", "--value", "2").refused(1, "line 2", "found 3");
        // The value is the rest of the line, whatever is in it.
        CommandRun.lines("load", store, file, "--format", "tsv", "--index", "rest");
    }

    @Test
    void aHeaderThatNamesAColumnTwiceIsTold() throws IOException {
        Files.writeString(file, "id,name,id,age\n1,ann,x,30\n");
        CommandRun.of("load", store, file, "--format", "csv", "--key", "id", "--value", "name")
                .refused(1, "column \"id\" twice, as columns 1 and 3");
        CommandRun.of("load", store, file, "--format", "csv", "--key", "nmae").refused(1, "did you mean \"name\"?");
        assertFalse(Files.exists(store), "a store was made for nothing");
        CommandRun.lines("load", store, file, "--format", "csv", "--key", "name", "--value", "age");
        CommandRun.lines("load", store, file, "--format", "csv", "--key", "3", "--value", "age");
    }

    @Test
    void aFileOfAnotherFormIsToldBeforeAnythingIsLoaded() throws IOException {
        for (String format : List.of("tsv", "csv", "jsonl")) {
            for (java.nio.charset.Charset charset :
                    List.of(StandardCharsets.UTF_16, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
                Files.writeString(file, "k1\tv1\nk2\tv2\n", charset);
                CommandRun.of("load", store, file, "--format", format, "--key", "1")
                        .refused(1, file.toString(), "UTF-16");
            }
            Files.writeString(file, "k1,v1\rk2,v2\rk3,v3\r");
            CommandRun.of("load", store, file, "--format", format, "--key", "1").refused(1, "CR alone", "CRLF");
            Files.write(file, new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0});
            CommandRun.of("load", store, file, "--format", format, "--key", "1").refused(1, "gzip");
        }
        CommandRun.of("load", store, directory, "--format", "tsv").refused(1, directory.toString());
        CommandRun.of("load", store, directory.resolve("none"), "--format", "tsv")
                .refused(1, "no file");
        assertFalse(Files.exists(store), "a store was made for nothing");
        Files.writeString(file, "k1,\"a\rb\"\r");
        CommandRun.lines("load", store, file, "--format", "csv");
    }

    @Test
    void aKeyOfJsonIsATextANumberOrATruth() throws IOException {
        for (String key : List.of("null", "{\"hex\":0}", "{\"hex\":\"0\"}", "{\"x\":\"00\"}", "[1]")) {
            Files.writeString(file, "{\"id\":1}\n{\"id\":" + key + "}\n");
            CommandRun.of("load", store, file, "--format", "jsonl", "--key", "id")
                    .refused(1, "line 2", "key: expected a string, a number, true or false in field \"id\"");
        }
        Files.writeString(file, "{\"id\":\"null\"}\n{\"id\":true}\n{\"id\":-1e3}\n");
        CommandRun.lines("load", store, file, "--format", "jsonl", "--key", "id", "--index", "good");
        assertEquals(List.of("-1e3", "null", "true"), CommandRun.lines("scan", store, "--index", "good", "--keys"));
    }

    @Test
    void bytesThatAScanShowsInJsonComeBackAsTheyWere() throws IOException {
        Path first = store.resolveSibling("first");
        CommandRun.lines("put", first, "--hex", "ff00", "00ff");
        CommandRun.lines("put", first, "text", "{\"hex\":\"00ff\", \"more\":1}");
        Files.write(file, CommandRun.lines("scan", first, "--json"));
        CommandRun.lines("load", store, file, "--format", "jsonl", "--key", "key", "--value", "value");
        assertEquals(CommandRun.lines("scan", first, "--hex"), CommandRun.lines("scan", store, "--hex"));
    }

    @Test
    void fieldsOfJsonAreKeyAndValue() throws IOException {
        Files.writeString(file, "{\"id\":\"ä\",\"n\":{\"x\":1}}\n{\"id\":2,\"n\":\"text\"}\n");
        CommandRun.lines("load", store, file, "--format", "jsonl", "--key", "id", "--value", "n");
        assertEquals(List.of("2\ttext", "ä\t{\"x\":1}"), CommandRun.lines("scan", store));
        CommandRun.lines("load", store, file, "--format", "jsonl", "--key", "id", "--index", "whole");
        assertEquals(List.of("{\"id\":2,\"n\":\"text\"}"), CommandRun.lines("get", store, "2", "--index", "whole"));
    }

    @Test
    void aBadLineStopsTheLoadAndKeepsWhatWasBefore() throws IOException {
        Files.writeString(file, "a,1\nb,\"2\" 3\nc,3\n");
        CommandRun.of("load", store, file, "--format", "csv")
                .refused(1, "line 2", "closing quote", "1 entry before it loaded", "--skip-bad");
        assertEquals(List.of("a\t1"), CommandRun.lines("scan", store));
    }

    @Test
    void badLinesAreCountedWhenTheyAreSkipped() throws IOException {
        Files.writeString(file, "{\"id\":\"1\"}\n{\"id\":\n{\"no\":1}\nnot json\n{\"id\":\"\"}\n{\"id\":\"2\"}\n");
        List<String> lines = CommandRun.lines("load", store, file, "--format", "jsonl", "--key", "id", "--skip-bad");
        assertTrue(lines.get(0).startsWith("2 entries"), lines::toString);
        assertTrue(lines.get(1).startsWith("4 bad lines left out; the first: line 2: column 7"), lines::toString);
        String json = CommandRun.lines("load", store, file, "--format", "jsonl", "--key", "id", "--skip-bad", "--json")
                .get(0);
        assertTrue(json.startsWith("{\"entries\":2,\"bytes\":22,\"badLines\":4,\"firstBadLine\":\"line 2:"), json);
    }

    @Test
    void eachKindOfBadLineSaysWhatIsWrong() throws IOException {
        bad("tsv", "a\t1\n\tempty key\n", "line 2", "key: expected 1 to 65535 bytes, found 0");
        bad("tsv", "x".repeat(70_000) + "\t1\n", "line 1", "found 70000");
        bad("csv", "a,1\nb,x\"y\n", "line 2", "quote inside an unquoted column");
        bad("csv", "a,1\nb,\"never closed\nc,3\n", "line 2", "never closed");
        Files.write(file, new byte[] {'{', '"', 'k', '"', ':', '"', (byte) 0xFF, '"', '}'});
        CommandRun.of("load", store, file, "--format", "jsonl", "--key", "k").refused(1, "line 1", "UTF-8");
        Files.writeString(file, "a\tb\n");
        CommandRun.of("load", store, file, "--format", "tsv", "--value", "3")
                .refused(1, "line 1", "value: expected at least 3 columns, found 2");
    }

    private void bad(String format, String content, String... words) throws IOException {
        Files.writeString(file, content);
        CommandRun.of("load", store, file, "--format", format).refused(1, words);
    }

    @Test
    void wrongOptionsAndMissingFilesAreRefused() {
        CommandRun.of("load", store, file, "--format", "tsv").refused(1, "no file", file.toString());
        CommandRun.of("load", store, file).refused(2, "--format");
        CommandRun.of("load", store, file, "--format", "xml").refused(2, "--format", "xml");
        CommandRun.of("load", store, file, "--format", "jsonl").refused(2, "--key");
        CommandRun.of("load", store, file, "--format", "tsv", "--batch", "0").refused(2, "--batch");
        CommandRun.of("load", store, directory, "--format", "tsv").refused(1, directory.toString());
        assertFalse(Files.exists(store.resolve("index-00002")));
    }

    @Test
    void manyLinesGoInSeveralBatchesAndLongLinesPassTheBuffer() throws IOException {
        StringBuilder content = new StringBuilder();
        for (int i = 0; i < 5_000; i++) {
            content.append("key-%05d\t%d%n".formatted(i, i));
        }
        content.append("long\t").append("x".repeat(1 << 20)).append('\n');
        Files.write(file, content.toString().getBytes(StandardCharsets.UTF_8));
        CommandRun.lines("load", store, file, "--format", "tsv", "--batch", "700");
        assertEquals(5_001, CommandRun.lines("scan", store, "--keys").size());
        assertEquals(List.of("4711"), CommandRun.lines("get", store, "key-04711"));
        assertEquals(1 << 20, CommandRun.of("get", store, "long", "--raw").out().length());
    }

    @Test
    void aLoadThatIsEndedSaysHowManyEntriesAreIn() throws IOException {
        Path store = directory.resolve("ended");
        Process load = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Cleave.class.getName(),
                        "load",
                        store.toString(),
                        "-",
                        "--format",
                        "tsv",
                        "--batch",
                        "10")
                .start();
        try (java.io.OutputStream lines = load.getOutputStream()) {
            for (int i = 0; i < 15; i++) {
                lines.write("key%02d\tvalue\n".formatted(i).getBytes(StandardCharsets.UTF_8));
            }
            lines.flush();
            while (!CommandRun.of("stat", store, "--json").out().contains("\"operationsNotInRuns\":10")) {
                assertTrue(load.isAlive(), "the load has ended by itself");
            }
            // Through the handle: the process itself would close the pipe, with what was said in it.
            load.toHandle().destroy();
            String said = new String(load.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(said.contains("ended before the end of -: ") && said.contains("perhaps one more batch"), said);
        }
        assertEquals(10, CommandRun.lines("scan", store).size());
    }
}
