package io.cleave.core.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * The inputs of a fuzz target that are kept, in {@code src/test/resources/fuzz/<name>.hex} of the module: one a line, in hexadecimal
 * digits, the shortest first. Stateless.
 */
final class FuzzCorpus {
    private static final Path DIRECTORY = Path.of("src", "test", "resources", "fuzz");

    private FuzzCorpus() {}

    static Path file(String name) {
        return DIRECTORY.resolve(name + ".hex");
    }

    /** The inputs of a target, none when none were kept. */
    static List<byte[]> read(String name) throws IOException {
        List<byte[]> inputs = new ArrayList<>();
        if (Files.exists(file(name))) {
            for (String line : Files.readAllLines(file(name), StandardCharsets.US_ASCII)) {
                inputs.add(HexFormat.of().parseHex(line));
            }
        }
        return inputs;
    }

    /** Puts each input in a file of its own, as Jazzer wants them. */
    static void unpack(String name, Path directory) throws IOException {
        Files.createDirectories(directory);
        int number = 0;
        for (byte[] input : read(name)) {
            Files.write(directory.resolve("kept-" + number++), input);
        }
    }

    /** Keeps the files of a directory in place of what was kept. */
    static void keep(String name, Path directory) throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                lines.add(HexFormat.of().formatHex(Files.readAllBytes(file)));
            }
        }
        lines.sort(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()));
        Files.createDirectories(DIRECTORY);
        Files.write(file(name), lines, StandardCharsets.US_ASCII);
    }
}
