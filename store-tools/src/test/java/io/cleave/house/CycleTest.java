package io.cleave.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How many types need each other in a circle, so that none can be read, tested or moved without the others. */
final class CycleTest {
    /** What a family of types may be: a sealed one, or handles that hold their store. */
    private static final int TYPES_MAX = 6;

    /**
     * Sizes of the larger cycles that there still are, the largest first. May only shrink; one that has shrunk is written down here, so
     * that it does not grow again.
     */
    private static final List<Integer> STILL_LARGER = List.of();

    private static final Collection<JavaClass> LIBRARY = CompiledClasses.all().stream()
            .filter(type -> !type.getPackageName().matches("io\\.cleave\\.(tools|bench)(\\..*)?"))
            .toList();

    @Test
    void fewTypesNeedEachOther() {
        List<List<String>> large = DependencyGraph.of(LIBRARY, DependencyGraph::typeOf).cycles().stream()
                .filter(cycle -> cycle.size() > TYPES_MAX)
                .toList();
        assertEquals(STILL_LARGER, large.stream().map(List::size).toList(), () -> String.join("\n", names(large)));
    }

    @Test
    void noPackagesNeedEachOther() {
        List<List<String>> cycles =
                DependencyGraph.of(LIBRARY, JavaClass::getPackageName).cycles();
        assertEquals(List.of(), cycles);
    }

    @Test
    void aCycleIsFound() {
        DependencyGraph graph = new DependencyGraph(Map.of(
                "a",
                Set.of("b"),
                "b",
                Set.of("c", "d"),
                "c",
                Set.of("a"),
                "d",
                Set.of("e"),
                "e",
                Set.of("d"),
                "f",
                Set.of("a")));
        assertEquals(List.of(List.of("a", "b", "c"), List.of("d", "e")), graph.cycles());
        assertTrue(LIBRARY.size() > 100, "the library was not read");
    }

    private static List<String> names(List<List<String>> cycles) {
        return cycles.stream()
                .map(cycle -> cycle.size() + ": " + String.join(" ", cycle))
                .toList();
    }
}
