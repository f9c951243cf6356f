package io.cleave.bench;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one engine did in one workload, in one process. Travels from that process to the one that compares as a line of
 * {@code name=value} words.
 *
 * @param threads the number of threads that worked at the measured operation
 * @param operations entries, seeks or opens done
 * @param nanos from the start of the first operation to the end of the last
 * @param otherOperations what the background writer of {@link Workload#READ_WHILE_WRITING} did meanwhile; of {@link
 *     Workload#WINDOW} the most bytes that the directory had at any tenth of the way; else 0
 * @param cpuNanos of the whole process, all threads, meanwhile
 * @param userBytes bytes of keys and values that operations put
 * @param writtenBytes sent to the device by the process until its background work had come to rest, from /proc/self/io
 * @param sizeBytes of the store's directory afterwards, as allocated
 * @param residentBytes of the process at the end of the workload
 * @param anonymousBytes of these, memory that is no page of a file
 * @param p50Nanos latency of an operation, each sampled
 */
record Measurement(
        EngineKind engine,
        EntryShape shape,
        Workload workload,
        int run,
        int threads,
        long operations,
        long nanos,
        long otherOperations,
        long cpuNanos,
        long userBytes,
        long writtenBytes,
        long sizeBytes,
        long residentBytes,
        long anonymousBytes,
        long p50Nanos,
        long p99Nanos,
        long p999Nanos,
        long maxNanos) {

    double perSecond() {
        return operations * 1e9 / nanos;
    }

    double otherPerSecond() {
        return otherOperations * 1e9 / nanos;
    }

    /** All fields by name, in order. */
    Map<String, String> fields() {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("engine", engine.label());
        fields.put("shape", shape.name());
        fields.put("workload", workload.label());
        long[] numbers = {
            run,
            threads,
            operations,
            nanos,
            otherOperations,
            cpuNanos,
            userBytes,
            writtenBytes,
            sizeBytes,
            residentBytes,
            anonymousBytes,
            p50Nanos,
            p99Nanos,
            p999Nanos,
            maxNanos
        };
        for (int at = 0; at < numbers.length; at++) {
            fields.put(NUMBERS[at], Long.toString(numbers[at]));
        }
        return fields;
    }

    String line() {
        StringBuilder line = new StringBuilder();
        fields().forEach((name, value) -> line.append(line.length() == 0 ? "" : " ")
                .append(name)
                .append('=')
                .append(value));
        return line.toString();
    }

    static Measurement parse(String line) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String word : line.split(" ", -1)) {
            int equals = word.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("expected name=value, found '" + word + "' in: " + line);
            }
            fields.put(word.substring(0, equals), word.substring(equals + 1));
        }
        long[] numbers = new long[NUMBERS.length];
        for (int at = 0; at < numbers.length; at++) {
            numbers[at] = Long.parseLong(fields.get(NUMBERS[at]));
        }
        return new Measurement(
                EngineKind.of(fields.get("engine")),
                EntryShape.valueOf(fields.get("shape")),
                Workload.of(fields.get("workload")),
                (int) numbers[0],
                (int) numbers[1],
                numbers[2],
                numbers[3],
                numbers[4],
                numbers[5],
                numbers[6],
                numbers[7],
                numbers[8],
                numbers[9],
                numbers[10],
                numbers[11],
                numbers[12],
                numbers[13],
                numbers[14]);
    }

    private static final String[] NUMBERS = {
        "run",
        "threads",
        "operations",
        "nanos",
        "otherOperations",
        "cpuNanos",
        "userBytes",
        "writtenBytes",
        "sizeBytes",
        "residentBytes",
        "anonymousBytes",
        "p50Nanos",
        "p99Nanos",
        "p999Nanos",
        "maxNanos"
    };
}
