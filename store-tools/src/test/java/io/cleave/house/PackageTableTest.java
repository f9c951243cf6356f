package io.cleave.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/architecture.md says of packages is what the classes do: which there are, and which uses which. */
final class PackageTableTest {
    private static final Path DOCUMENT = TidyTest.repositoryRoot().resolve("docs/architecture.md");
    private static final String ROW = "| `io.cleave";

    private static final List<JavaClass> CLASSES = CompiledClasses.all().stream()
            .filter(type -> !type.getPackageName().startsWith("io.cleave.bench"))
            .toList();

    private static final DependencyGraph GRAPH = DependencyGraph.of(CLASSES, JavaClass::getPackageName);

    private static List<String> rows() throws IOException {
        try (Stream<String> lines = Files.lines(DOCUMENT)) {
            return lines.filter(line -> line.startsWith(ROW)).toList();
        }
    }

    private static String cell(String row, int number) {
        return row.split(" ?\\| ?")[number + 1];
    }

    /** The last word is enough, as each is used once. */
    private static String shortName(String name) {
        return name.equals("io.cleave") ? "`io.cleave`" : name.substring(name.lastIndexOf('.') + 1);
    }

    @Test
    void everyPackageHasARowInTheOrderOfTheArchitecture() throws IOException {
        Set<String> packages = new TreeSet<>();
        CLASSES.forEach(type -> packages.add(type.getPackageName()));
        List<String> expected = ArchitectureTest.TOP_TO_BOTTOM.stream()
                .filter(packages::contains)
                .toList();
        List<String> found =
                rows().stream().map(row -> cell(row, 0).replace("`", "")).toList();
        assertEquals(expected, found);
    }

    @Test
    void everyRowSaysWhatThePackageUses() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (String row : rows()) {
            String used = used(cell(row, 0).replace("`", ""));
            if (!cell(row, 2).equals(used)) {
                wrong.add("| " + cell(row, 0) + " | " + cell(row, 1) + " | " + used + " |");
            }
        }
        assertTrue(wrong.isEmpty(), () -> "in " + DOCUMENT + " should stand:\n" + String.join("\n", wrong));
    }

    private static String used(String name) {
        Set<String> targets = GRAPH.targets(name);
        String used = ArchitectureTest.TOP_TO_BOTTOM.stream()
                .filter(target -> targets.contains(target) && !target.equals(name))
                .map(PackageTableTest::shortName)
                .collect(Collectors.joining(", "));
        return used.isEmpty() ? "nothing" : used;
    }

    @Test
    void noPackageSaysByHandWhatItUses() throws IOException {
        try (Stream<Path> files = Files.walk(TidyTest.repositoryRoot())) {
            List<Path> byHand = files.filter(file -> file.endsWith("package-info.java")
                            && !file.toString().contains("/target/"))
                    .filter(PackageTableTest::saysWhatItSees)
                    .toList();
            assertEquals(List.of(), byHand, "docs/architecture.md has it, and it is tested there");
        }
    }

    private static boolean saysWhatItSees(Path file) {
        try {
            return Files.readString(file).matches("(?s).*\\bSees\\b.*");
        } catch (IOException e) {
            throw new AssertionError(file.toString(), e);
        }
    }
}
