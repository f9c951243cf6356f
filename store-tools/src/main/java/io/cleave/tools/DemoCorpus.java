package io.cleave.tools;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The classes and resources of the running JDK: real input that every machine has. Immutable, thread-safe. */
final class DemoCorpus {
    private final Path root;
    private final List<String> names;

    private DemoCorpus(Path root, List<String> names) {
        this.root = root;
        this.names = names;
    }

    /** What lies below {@code /modules}, or below one module of it. */
    static DemoCorpus open(String module) throws IOException {
        Path modules = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules");
        Path root = module == null ? modules : modules.resolve(module);
        try (Stream<Path> paths = Files.walk(root)) {
            List<String> names = paths.filter(Files::isRegularFile)
                    .map(path -> modules.relativize(path).toString())
                    .sorted()
                    .toList();
            return new DemoCorpus(modules, names);
        }
    }

    /** Names in order; a resource's number is its place here. */
    List<String> names() {
        return names;
    }

    /** The bytes of a resource. */
    byte[] read(int number) throws IOException {
        return Files.readAllBytes(root.resolve(names.get(number)));
    }
}
