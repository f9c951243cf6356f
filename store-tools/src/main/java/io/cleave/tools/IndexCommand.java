package io.cleave.tools;

import picocli.CommandLine.Option;

/** A command on one index of a store. Belongs to one thread. */
abstract class IndexCommand extends StoreCommand {
    @Option(names = "--index", paramLabel = "NAME", defaultValue = "main", description = "Name of the index.")
    private String index;

    final String indexName() {
        return index;
    }
}
