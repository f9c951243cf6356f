package io.cleave.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What {@link BenchProcess} is told on its command line.
 *
 * @param entries of the common shape; this run has {@link EntryShape#entries} of them
 * @param threads for workloads that are {@link Workload#threaded}, one after the other
 * @param run its number, which goes into the results
 * @param directory where stores get directories of their own
 * @param memoryMib memory to live with when data are larger than memory, else 0
 */
record ProcessArguments(
        EngineKind engine,
        EntryShape shape,
        Set<Workload> workloads,
        long entries,
        List<Integer> threads,
        int run,
        Path directory,
        int memoryMib) {
    private static final Set<String> NAMES = Set.of(
            "--engine", "--shape", "--workloads", "--entries", "--threads", "--run", "--directory", "--memory-mib");

    ProcessArguments {
        if (entries < 1) {
            throw new IllegalArgumentException("--entries: expected at least 1, found " + entries);
        }
        for (int count : threads) {
            if (count < 1) {
                throw new IllegalArgumentException("--threads: expected at least 1, found " + count);
            }
        }
        threads = List.copyOf(threads);
    }

    static ProcessArguments parse(List<String> words) {
        Map<String, String> values = new HashMap<>();
        for (int at = 0; at < words.size(); at += 2) {
            String name = words.get(at);
            if (!NAMES.contains(name)) {
                throw new IllegalArgumentException("no option '" + name + "', expected one of "
                        + String.join(", ", NAMES.stream().sorted().toList()));
            }
            if (at + 1 == words.size()) {
                throw new IllegalArgumentException("a value is missing after " + name);
            }
            values.put(name, words.get(at + 1));
        }
        return new ProcessArguments(
                EngineKind.of(required(values, "--engine")),
                EntryShape.of(required(values, "--shape")),
                workloads(values.getOrDefault("--workloads", "")),
                number(values, "--entries", 1_000_000),
                threads(values.getOrDefault("--threads", "1")),
                Math.toIntExact(number(values, "--run", 1)),
                Path.of(required(values, "--directory")).toAbsolutePath(),
                Math.toIntExact(number(values, "--memory-mib", 0)));
    }

    /** The entries of this very shape. */
    Corpus corpus() {
        return new Corpus(shape, shape.entries(entries));
    }

    /** In the order in which they are run; all when none is named. */
    private static Set<Workload> workloads(String labels) {
        EnumSet<Workload> workloads = EnumSet.noneOf(Workload.class);
        for (String label : list(labels)) {
            workloads.add(Workload.of(label));
        }
        return workloads.isEmpty() ? EnumSet.allOf(Workload.class) : workloads;
    }

    private static List<Integer> threads(String numbers) {
        List<Integer> threads = new ArrayList<>();
        for (String number : list(numbers)) {
            threads.add(Math.toIntExact(number("--threads", number)));
        }
        return threads;
    }

    private static List<String> list(String words) {
        return words.isEmpty() ? List.of() : List.of(words.split(",", -1));
    }

    private static long number(Map<String, String> values, String name, long otherwise) {
        return values.containsKey(name) ? number(name, values.get(name)) : otherwise;
    }

    private static long number(String name, String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + ": expected a number, found '" + text + "'", e);
        }
    }

    private static String required(Map<String, String> values, String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return value;
    }
}
