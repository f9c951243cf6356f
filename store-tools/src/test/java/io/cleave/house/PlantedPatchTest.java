package io.cleave.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every planted bug still has a place where it can be planted, and tests that should find it; {@code .ci/planted} plants them. */
final class PlantedPatchTest {
    private static final Path ROOT = TidyTest.repositoryRoot();
    private static final Path PATCHES = ROOT.resolve("store-split/src/test/planted");

    private static List<Path> patches() throws IOException {
        try (Stream<Path> files = Files.list(PATCHES)) {
            return files.filter(file -> file.toString().endsWith(".patch"))
                    .sorted()
                    .toList();
        }
    }

    /** A run of lines that a patch expects in a file. */
    private record Hunk(String file, List<String> lines) {
        boolean fits() throws IOException {
            Path target = ROOT.resolve(file);
            return Files.isRegularFile(target) && Collections.indexOfSubList(Files.readAllLines(target), lines) >= 0;
        }
    }

    private static List<Hunk> hunks(List<String> patch) {
        List<Hunk> hunks = new ArrayList<>();
        String file = null;
        for (String line : patch) {
            if (line.startsWith("--- a/")) {
                file = line.substring("--- a/".length());
            } else if (line.startsWith("@@")) {
                hunks.add(new Hunk(file, new ArrayList<>()));
            } else if (!hunks.isEmpty() && !line.startsWith("--- ") && (line.startsWith(" ") || line.startsWith("-"))) {
                hunks.get(hunks.size() - 1).lines().add(line.substring(1));
            }
        }
        return hunks;
    }

    private static Set<String> testFiles() throws IOException {
        Set<String> names = new HashSet<>();
        for (String module : List.of("store-core", "store-split")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test/java"))) {
                files.forEach(file -> names.add(file.getFileName().toString()));
            }
        }
        return names;
    }

    @Test
    void everyPatchApplies() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Path patch : patches()) {
            List<Hunk> hunks = hunks(Files.readAllLines(patch));
            assertTrue(!hunks.isEmpty(), () -> "no change in " + patch);
            for (Hunk hunk : hunks) {
                if (!hunk.fits()) {
                    wrong.add(patch.getFileName() + ": " + hunk.file());
                }
            }
        }
        assertEquals(List.of(), wrong, "these lines are not there as the patch expects them");
        assertTrue(patches().size() >= 28, "patches are lost");
    }

    @Test
    void everyPatchNamesTestsThatThereAre() throws IOException {
        List<String> missing = new ArrayList<>();
        Set<String> known = testFiles();
        for (Path patch : patches()) {
            String tests = Files.readAllLines(patch).stream()
                    .filter(line -> line.startsWith("Found by: "))
                    .findFirst()
                    .orElseThrow()
                    .substring("Found by: ".length());
            for (String test : tests.split(",")) {
                if (!known.contains(test + ".java")) {
                    missing.add(patch.getFileName() + ": " + test);
                }
            }
        }
        assertEquals(List.of(), missing);
    }

    @Test
    void aPatchThatDoesNotFitIsFound() throws IOException {
        List<String> patch = List.of(
                "--- a/LICENSE", "+++ b/LICENSE", "@@ -1,2 +1,1 @@", " no such line", "-and no such one", "+another");
        List<Hunk> hunks = hunks(patch);
        assertEquals(List.of("no such line", "and no such one"), hunks.get(0).lines());
        assertTrue(!hunks.get(0).fits());
    }
}
