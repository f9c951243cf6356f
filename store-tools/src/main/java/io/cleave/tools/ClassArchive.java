package io.cleave.tools;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Runs each short command once on a store of its own, so that the JVM that runs this can archive the classes they need.
 * The launcher starts it.
 */
final class ClassArchive {
    private ClassArchive() {}

    public static void main(String[] args) throws IOException {
        Path directory = Files.createTempDirectory("cleave-classes");
        try (PrintStream nowhere =
                new PrintStream(java.io.OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            Terminal terminal = new Terminal(nowhere, nowhere, false, false, true);
            String store = directory.resolve("store").toString();
            Cleave.run(terminal, "put", store, "key", "value");
            Cleave.run(terminal, "put", store, "other", "value", "--json");
            Cleave.run(terminal, "get", store, "key");
            Cleave.run(terminal, "get", store, "none", "--json");
            Cleave.run(terminal, "scan", store, "--prefix", "k");
            Cleave.run(terminal, "scan", store, "--json");
            Cleave.run(terminal, "stat", store, "--segments");
            Cleave.run(terminal, "stat", store, "--json");
            Cleave.run(terminal, "inspect", store);
            Cleave.run(terminal, "verify", store);
            Cleave.run(terminal, "delete", store, "key");
            Cleave.run(terminal, "get", "--help");
            Cleave.run(terminal, "--help");
        } finally {
            DirectoryTree.delete(directory);
        }
    }
}
