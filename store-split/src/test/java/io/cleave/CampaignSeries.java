package io.cleave;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * The cases of one campaign in order, each with a seed of its own, and what was counted in them.
 *
 * <pre>
 * CampaignSeries series = CampaignSeries.of("ages", 200, 10_000);
 * while (series.next()) {
 *     ... new SplittableRandom(series.seed()) ...
 *     series.add("mixtures", 3);
 * }
 * System.out.println(series);
 * </pre>
 *
 * <p>With {@code -Dcleave.keep=DIRECTORY} a series is kept in the file of its name there, after every case: a run that is killed
 * goes on with the next case when the campaign is started again, and counts add up over runs. Without it, and always in the short
 * campaign of CI, a series begins with case 0. A case that failed is not counted, and is the first of the next run.
 *
 * <p>One thread.
 */
final class CampaignSeries {
    private static final String SEED = "seed";
    private static final String CASES = "cases";
    private static final String RUNS = "runs";

    private final String name;
    private final Path file;
    private final long seed;
    private final long until;
    /** Cases done, over all runs; the number of the next one but inside a case, where it is that of the case. */
    private long cases;

    private final long first;
    private final long runs;
    private boolean inside;
    private final Map<String, Long> counts = new LinkedHashMap<>();
    private final Map<String, Long> inCase = new LinkedHashMap<>();

    private CampaignSeries(String name, Path file, long count) {
        this.name = name;
        this.file = file;
        Map<String, Long> kept = file != null && Files.exists(file) ? read(file) : Map.of();
        Long asked = Long.getLong("cleave.seed");
        boolean goesOn = kept.containsKey(SEED) && (asked == null || asked.equals(kept.get(SEED)));
        if (goesOn) {
            counts.putAll(kept);
        }
        Long keptSeed = counts.remove(SEED);
        Long keptCases = counts.remove(CASES);
        Long keptRuns = counts.remove(RUNS);
        this.seed = keptSeed == null ? Campaign.seed() : keptSeed;
        this.first = keptCases == null ? 0 : keptCases;
        this.runs = keptRuns == null ? 1 : keptRuns + 1;
        this.cases = first;
        this.until = count > Long.MAX_VALUE - first ? Long.MAX_VALUE : first + count;
    }

    /** The series of a campaign with so many cases in a run: {@code ci} in CI, {@code nightly} at length, or {@code -Dcleave.count}. */
    static CampaignSeries of(String name, long ci, long nightly) {
        return of(name, ci, nightly, 1);
    }

    /** The same, of a campaign that is counted in units of which one case has so many. */
    static CampaignSeries of(String name, long ci, long nightly, long unitsInCase) {
        long units = Campaign.count(ci, nightly);
        return keptIn(directory(), name, Math.max(1, (units + unitsInCase - 1) / unitsInCase));
    }

    private static Path directory() {
        String keep = System.getProperty("cleave.keep");
        return keep == null || keep.isEmpty() ? null : Path.of(keep);
    }

    /** A series that is kept in a directory, or nowhere when that is null. */
    static CampaignSeries keptIn(Path directory, String name, long count) {
        return new CampaignSeries(name, directory == null ? null : directory.resolve(name), count);
    }

    /** Ends the case before, which is done, and begins the next one. False when this run has done its cases. */
    boolean next() {
        if (inside) {
            inCase.forEach((what, count) -> counts.merge(what, count, Long::sum));
            inCase.clear();
            cases++;
            keep();
        }
        inside = cases < until;
        return inside;
    }

    /** Number of the case, from 0 on, over all runs. */
    long number() {
        return cases;
    }

    /** Seed of the case; the same in every run of this series. */
    long seed() {
        return new SplittableRandom(seed + cases * 0x9E3779B97F4A7C15L).nextLong();
    }

    /** Adds to what the case counts. */
    void add(String what, long count) {
        inCase.merge(what, count, Long::sum);
    }

    /** The sum of a count over all cases that are done. */
    long sum(String what) {
        return counts.getOrDefault(what, 0L);
    }

    /** What repeats the case, for messages of failures. */
    String place() {
        return name + ", case " + cases + ", -Dcleave.seed=" + seed;
    }

    /** One line: the cases of this run, of all, and the sums. */
    @Override
    public String toString() {
        return name + ": cases=" + (cases - first) + (first == 0 ? "" : " of " + cases + " in " + runs + " runs")
                + " seed="
                + seed
                + counts.entrySet().stream()
                        .map(count -> " " + count.getKey() + "=" + count.getValue())
                        .collect(Collectors.joining());
    }

    private void keep() {
        if (file == null) {
            return;
        }
        StringBuilder text = new StringBuilder();
        text.append(SEED + " ").append(seed).append('\n');
        text.append(CASES + " ").append(cases).append('\n');
        text.append(RUNS + " ").append(runs).append('\n');
        counts.forEach(
                (what, count) -> text.append(what).append(' ').append(count).append('\n'));
        try {
            Files.createDirectories(file.getParent());
            Path made = file.resolveSibling(name + ".tmp");
            Files.writeString(made, text, StandardCharsets.UTF_8);
            Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lines of a name and a number; a name may have blanks. */
    private static Map<String, Long> read(Path file) {
        Map<String, Long> found = new LinkedHashMap<>();
        try {
            for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                int blank = line.lastIndexOf(' ');
                found.put(line.substring(0, blank), Long.parseLong(line.substring(blank + 1)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            throw new IllegalStateException(file + ": expected lines of a name and a number", e);
        }
        return found;
    }
}
