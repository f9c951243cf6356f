package io.cleave.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/**
 * What this process has taken so far, as the system counts it; 0 where the system does not say. Immutable.
 *
 * @param cpuNanos of all threads
 * @param writtenBytes of pages that this process made dirty, whether the device has them yet or not, without those that were
 *     deleted before; a page that is written again before it has gone there counts once
 * @param residentBytes of memory
 * @param anonymousBytes of these, in no file
 */
record ProcessFigures(long cpuNanos, long writtenBytes, long residentBytes, long anonymousBytes) {
    private static final Path INPUT_OUTPUT = Path.of("/proc/self/io");
    private static final Path STATUS = Path.of("/proc/self/status");

    static ProcessFigures now() {
        List<String> status = lines(STATUS);
        return new ProcessFigures(
                cpuNanosNow(), writtenBytesNow(), number(status, "VmRSS:") << 10, number(status, "RssAnon:") << 10);
    }

    static long cpuNanosNow() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? Math.max(0, system.getProcessCpuTime())
                : 0;
    }

    static long writtenBytesNow() {
        List<String> lines = lines(INPUT_OUTPUT);
        // The second is what was deleted before the kernel had written it.
        return number(lines, "write_bytes:") - number(lines, "cancelled_write_bytes:");
    }

    /** What the files of a directory take on the device: sparse files less than their length. */
    static long allocatedBytes(Path directory) throws IOException {
        try {
            Process process = new ProcessBuilder("du", "-sk", directory.toString())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (InputStream output = process.getInputStream()) {
                String text = new String(output.readAllBytes(), StandardCharsets.US_ASCII);
                return Long.parseLong(text.substring(0, text.indexOf('\t'))) << 10;
            }
        } catch (IOException | IndexOutOfBoundsException | NumberFormatException noSuchProgram) {
            return lengths(directory);
        }
    }

    private static long lengths(Path directory) throws IOException {
        long[] sum = {0};
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                sum[0] += attributes.size();
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }
        });
        return sum[0];
    }

    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file, StandardCharsets.US_ASCII) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long number(List<String> lines, String name) {
        for (String line : lines) {
            if (line.startsWith(name)) {
                return Long.parseLong(
                        line.substring(name.length()).replace("kB", "").strip());
            }
        }
        return 0;
    }
}
