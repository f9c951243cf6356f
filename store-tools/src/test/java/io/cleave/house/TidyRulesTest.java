package io.cleave.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shows on small texts that the parser sees what it should, and that every rule of {@link TidyTest} can fail. */
final class TidyRulesTest {
    private static JavaSource source(String text) {
        return new JavaSource("A.java", text);
    }

    @Test
    void commentsAndLiteralsAreBlank() {
        String text = "a /* { */ b // }\nc \"{\\\"}\" d '\"' e '\\'' f \"\"\"\n { \" \"\"\" g /** \" */ h";
        String code = source(text).code();
        assertEquals("a b c d e f g h", code.strip().replaceAll("\\s+", " "));
        assertEquals(text.length(), code.length());
    }

    @Test
    void aNullThatIsOnlyDescribedIsFound() {
        String described = "class A {\n    /** The name, %s. */\n    public %s name(int a) {\n    }\n}\n";
        assertEquals(
                1,
                TidyTest.unmarkedNulls(source(described.formatted("null when absent", "String")))
                        .size());
        assertEquals(List.of(), TidyTest.unmarkedNulls(source(described.formatted("null", "@Nullable String"))));
        assertEquals(List.of(), TidyTest.unmarkedNulls(source(described.formatted("never nullified", "String"))));
    }

    @Test
    void methodsAreFoundWithTheirLinesAndParameters() {
        String text = """
                package a;
                @Tag({"x", "y"})
                class A<T extends B<T>> {
                    private final int[] table = {1, 2};
                    private final Runnable job = () -> { run(1, 2); };
                    static { load(); }
                    A(int a) { this.a = a; }
                    @Tag(values = {"(", "{"})
                    <K, V> Map<K, V> map(Map<K, V> in, @Tag(f(1)) int b)
                            throws IOException {
                        if (x) { call(new Object() { void inner() {} }); }
                    }
                    abstract void none();
                    enum E {
                        ONE(1, 2), TWO(3, 4) {
                            @Override int size(int a, int b, int c) { return 2; }
                        };
                        E(int a, int b) {}
                    }
                    record R(int a, int b, int c, int d) {
                        R { check(a); }
                    }
                    interface I { int of(String name); default void f() {} }
                }
                """;
        assertEquals(
                List.of(
                        new JavaSource.Method("A", 7, 1, 1),
                        new JavaSource.Method("map", 9, 4, 2),
                        new JavaSource.Method("none", 13, 1, 0),
                        new JavaSource.Method("size", 16, 1, 3),
                        new JavaSource.Method("E", 18, 1, 2),
                        new JavaSource.Method("of", 23, 1, 1),
                        new JavaSource.Method("f", 23, 1, 0)),
                source(text).methods());
    }

    @Test
    void longFilesAreFound() {
        assertTrue(TidyTest.longFile(source("\n".repeat(500))).isEmpty());
        assertEquals(List.of("A.java:501"), TidyTest.longFile(source("\n".repeat(501))));
    }

    @Test
    void longMethodsAreFound() {
        assertTrue(TidyTest.longMethods(source("class A {\nvoid f() {" + "\n".repeat(59) + "}}"))
                .isEmpty());
        assertEquals(
                List.of("A.java:2 f, 61 lines"),
                TidyTest.longMethods(source("class A {\nvoid f() {" + "\n".repeat(60) + "}}")));
    }

    @Test
    void manyParametersAreFound() {
        String seven = "int a, int b, int c, int d, int e, int f, int g";
        assertTrue(TidyTest.manyParameters(source("class A { void f(" + seven + ") {} }"))
                .isEmpty());
        assertEquals(
                List.of("A.java:1 f, 8 parameters"),
                TidyTest.manyParameters(source("interface A { void f(" + seven + ", Map<K, V> h); }")));
    }

    @Test
    void openEndsAreFound() {
        assertEquals(1, TidyTest.openEnds(source("// TO" + "DO later")).size());
        assertTrue(TidyTest.openEnds(source("String mastodon;")).isEmpty());
    }

    @Test
    void bannedNamesAreFound() {
        for (String name : List.of("FooImpl", "FooManager", "FooHelper", "FooUtil", "FooUtils", "FooSupplier")) {
            assertEquals(List.of("A.java:1 " + name), TidyTest.bannedNames(source("final class " + name + " {}")));
        }
        assertTrue(TidyTest.bannedNames(source("class ResourceManager { enum Implied {} }"))
                .isEmpty());
    }

    @Test
    void callsAreFoundInCodeAlone() {
        JavaSource source = source("// f(\n\"f(\"; f\n(1); buf(2);");
        assertEquals(List.of("A.java:2 f\n("), TidyTest.calls(source, "\\bf\\s*\\("));
    }

    @Test
    void internalNamesAreFound() {
        assertEquals(
                1,
                TidyTest.internalNames(source("forName(\"sun.misc.Unsafe\")")).size());
        assertTrue(TidyTest.internalNames(source("/** Not sun.misc. */ \"sunny.day\""))
                .isEmpty());
    }

    @Test
    void missingDocumentsAreFound(@TempDir Path root) throws Exception {
        Files.createDirectories(root.resolve("docs").resolve("adr"));
        Files.createFile(root.resolve("docs").resolve("adr").resolve("0001-bytes.md"));
        assertTrue(TidyTest.missingDocuments(source("/** ADR-" + "0001, docs" + "/adr/0001-bytes.md. */"), root)
                .isEmpty());
        Files.createDirectories(root.resolve("docs").resolve("format"));
        assertTrue(TidyTest.missingDocuments(source("\"docs" + "/format/*.md\""), root)
                .isEmpty());
        for (String text : List.of("ADR-" + "0002", "docs" + "/adr/0002", "docs" + "/limits.md", "ADR" + " 0003")) {
            assertEquals(List.of("A.java:1 " + text), TidyTest.missingDocuments(source("// " + text + "."), root));
        }
    }

    @Test
    void undocumentedFormatsAreFound() {
        JavaSource format = new JavaSource("a/RunFormat.java", "");
        assertEquals(List.of("a/RunFormat.java:1"), TidyTest.undocumentedFormat(format, "see RunFormats"));
        assertTrue(TidyTest.undocumentedFormat(format, "see `RunFormat`.").isEmpty());
    }

    @Test
    void registryHostsAreFound() {
        assertEquals(
                1,
                TidyTest.registryHosts(source("https://repo1." + "maven.org/x")).size());
        assertTrue(TidyTest.registryHosts(source("http://maven.apache.org/POM/4.0.0"))
                .isEmpty());
    }

    @Test
    void silenceOnThreadsIsFound() {
        assertFalse(TidyTest.silentOnThreads(source("/** A store. */\npublic final class A {}"))
                .isEmpty());
        assertFalse(TidyTest.silentOnThreads(source("import a.Thread;\npublic interface A {}"))
                .isEmpty());
        assertTrue(TidyTest.silentOnThreads(source("/** A. Thread-safe. */\n@Tag\npublic class A {}"))
                .isEmpty());
        assertTrue(
                TidyTest.silentOnThreads(source("/** A. */\nfinal class A {}")).isEmpty());
    }
}
