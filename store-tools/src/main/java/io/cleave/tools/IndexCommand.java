package io.cleave.tools;

import picocli.CommandLine.Option;

/** A command on one index of a store. Belongs to one thread. */
abstract class IndexCommand extends StoreCommand {
    private static final String DEFAULT_NAME = "main";

    @Option(names = "--index", paramLabel = "NAME", description = "Name of the index. Default: " + DEFAULT_NAME + ".")
    private String index;

    final String indexName() {
        return index == null ? DEFAULT_NAME : index;
    }

    /** Whether a name was given. */
    final boolean hasIndexName() {
        return index != null;
    }
}
