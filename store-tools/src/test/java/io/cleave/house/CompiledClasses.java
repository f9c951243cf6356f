package io.cleave.house;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/** The compiled main classes of all modules, read once. */
final class CompiledClasses {
    private static final Collection<JavaClass> ALL = read();

    private CompiledClasses() {}

    static Collection<JavaClass> all() {
        return ALL;
    }

    /** Those of store-bench only when it was built: no other module needs it. What JMH generates there is not ours. */
    private static Collection<JavaClass> read() {
        try (Stream<Path> modules = Files.list(TidyTest.repositoryRoot())) {
            List<Path> directories = modules.filter(
                            module -> module.getFileName().toString().matches("store-(core|split|tools|bench)"))
                    .map(module -> module.resolve("target/classes"))
                    .filter(Files::isDirectory)
                    .toList();
            return new ClassFileImporter()
                            .withImportOption(location -> !location.contains("/jmh_generated/"))
                            .importPaths(directories)
                            .stream()
                            .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
