package io.cleave.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.SegmentStore;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every example of Java in README and docs compiles and runs, and README's prints what README says. */
final class ExamplesTest {
    private static final Path ROOT = TidyTest.repositoryRoot();

    /** What a piece that is no class of its own finds around it. */
    private static final String AROUND = """
            import io.cleave.*;
            import java.io.*;
            import java.nio.file.*;
            import java.time.*;
            import java.util.*;

            public final class Example {
                public static void run(SegmentStore store, DataOutputStream out, Path directory, byte[] key, byte[] value,
                        LocalDate oldest) throws Exception {
            %s
                }
            }
            """;

    @TempDir
    private Path directory;

    /** One piece of a document. */
    private record Example(Path document, int line, String text) {
        boolean isClass() {
            return text.contains("class Example");
        }

        String source() {
            return isClass() ? text : AROUND.formatted(text.replace("    ...\n", ""));
        }

        @Override
        public String toString() {
            return ROOT.relativize(document) + " line " + line;
        }
    }

    private static List<Example> examples() throws IOException {
        List<Path> documents = new ArrayList<>(List.of(ROOT.resolve("README.md"), ROOT.resolve("CONTRIBUTING.md")));
        try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
            files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(documents::add);
        }
        List<Example> examples = new ArrayList<>();
        for (Path document : documents) {
            List<String> lines = Files.readAllLines(document);
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).strip().equals("```java")) {
                    int end = i + 1 + lines.subList(i + 1, lines.size()).indexOf("```");
                    examples.add(new Example(document, i + 2, String.join("\n", lines.subList(i + 1, end)) + "\n"));
                }
            }
        }
        return examples;
    }

    private Path compile(Example example) throws IOException {
        Path classes = Files.createDirectory(
                directory.resolve("e" + example.line() + example.document().hashCode()));
        compile(Files.writeString(classes.resolve("Example.java"), example.source()), classes, example.toString());
        return classes;
    }

    private static void compile(Path source, Path classes, String what) {
        ByteArrayOutputStream messages = new ByteArrayOutputStream();
        String[] words = {
            "-proc:none", "-cp", System.getProperty("java.class.path"), "-d", classes.toString(), source.toString()
        };
        int code = ToolProvider.getSystemJavaCompiler().run(null, messages, messages, words);
        assertEquals(0, code, () -> what + ": " + messages.toString(StandardCharsets.UTF_8));
    }

    @Test
    void piecesOfTheDocumentsCompileAndRun() throws Exception {
        int pieces = 0;
        for (Example example : examples()) {
            Path classes = compile(example);
            if (!example.isClass()) {
                run(example, classes);
                pieces++;
            }
        }
        assertTrue(pieces >= 3, pieces + " pieces found");
    }

    private void run(Example example, Path classes) throws Exception {
        try (URLClassLoader loader =
                        new URLClassLoader(new URL[] {classes.toUri().toURL()});
                SegmentStore store = SegmentStore.open(classes.resolve("store"))) {
            store.index("towns").put(new byte[] {1}, new byte[] {2});
            Method run = loader.loadClass("Example")
                    .getMethod(
                            "run",
                            SegmentStore.class,
                            DataOutputStream.class,
                            Path.class,
                            byte[].class,
                            byte[].class,
                            LocalDate.class);
            run.invoke(
                    null,
                    store,
                    new DataOutputStream(new ByteArrayOutputStream()),
                    classes,
                    new byte[] {3},
                    new byte[] {4},
                    LocalDate.EPOCH);
        } catch (InvocationTargetException e) {
            throw new AssertionError(example.toString(), e.getCause());
        }
    }

    /** Runs the class in a JVM of its own and returns what it prints. */
    private static String output(Path classes, String name) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-cp",
                        classes + ":" + System.getProperty("java.class.path"),
                        name,
                        classes.resolve("store").toString())
                .directory(classes.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), () -> name + " printed " + out);
        return out;
    }

    @Test
    void theExampleOfTheReadmePrintsWhatItSays() throws Exception {
        Example example =
                examples().stream().filter(Example::isClass).findFirst().orElseThrow();
        assertEquals("214000\nCH/Bern 134000\n", output(compile(example), "Example"));
        String readme = Files.readString(example.document());
        assertTrue(readme.contains("It prints `214000` and `CH/Bern 134000`"), "README says something else");
    }

    @Test
    void theProgramsInDocsPrintWhatTheySay() throws Exception {
        List<Path> programs;
        try (Stream<Path> files = Files.list(ROOT.resolve("docs/examples"))) {
            programs = files.sorted().toList();
        }
        for (Path program : programs) {
            List<String> lines = Files.readAllLines(program);
            int from = lines.indexOf("// Prints:");
            assertTrue(from > 0, () -> program + " does not say what it prints");
            String said = lines.subList(from + 1, lines.size()).stream()
                    .map(line -> line.substring("// ".length()) + "\n")
                    .collect(Collectors.joining());
            Path classes = Files.createDirectory(directory.resolve("p-" + program.getFileName()));
            compile(program, classes, program.toString());
            String name = program.getFileName().toString().replace(".java", "");
            assertEquals(said, output(classes, name), program.toString());
        }
        assertTrue(programs.size() >= 3, "programs are lost");
    }
}
