package io.cleave;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random operations on a store, losses of power and process among them, are indistinguishable from a {@code TreeMap} for each
 * index. Every option set takes its share of a million operations.
 */
final class StoreModelTest {
    private static final long OPERATIONS = Campaign.count(1_000_000, 40_000_000);

    static List<OptionSets.OptionSet> optionSets() {
        return OptionSets.all();
    }

    @Test
    void coversThirtyOptionSetsOrMore() {
        assertTrue(optionSets().size() >= 30, () -> optionSets().size() + " option sets");
    }

    /** Real files are slow: they take a fifth of what the others do. */
    private static long share(OptionSets.OptionSet set) {
        long fifths = optionSets().stream()
                .mapToLong(other -> other.onRealFiles() ? 1 : 5)
                .sum();
        return OPERATIONS * (set.onRealFiles() ? 1 : 5) / fifths + 1;
    }

    @Test
    void takesAMillionOperations() {
        long sum = optionSets().stream().mapToLong(StoreModelTest::share).sum();
        assertTrue(sum >= 1_000_000, () -> sum + " operations");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("optionSets")
    void behavesLikeASortedMapForEachIndex(OptionSets.OptionSet set, @TempDir Path directory) {
        long seed = Campaign.seed() + set.name().hashCode();
        long operations = share(set);
        try (QuietLog quiet = new QuietLog()) {
            long begin = System.nanoTime();
            long splits = new StoreModelRun(set, seed, set.onRealFiles() ? directory : null).run(operations);
            System.out.printf(
                    "model: %-50s operations=%d splits=%d seconds=%.1f%n",
                    set, operations, splits, (System.nanoTime() - begin) / 1e9);
            assertTrue(quiet.isQuiet());
        } catch (RuntimeException | Error e) {
            throw new AssertionError(
                    "option set \"" + set + "\", seed " + seed + " (-Dcleave.seed=" + Campaign.seed() + "): "
                            + e.getMessage(),
                    e);
        }
    }
}
