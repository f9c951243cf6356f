package io.cleave.tools;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** {@code cleave bench}, for the list of commands alone: the launcher runs that of the module store-bench instead. */
@Command(name = "bench", description = "Measure Cleave beside RocksDB, LMDB and H2 MVStore; in a clone only.")
final class BenchCommand implements Callable<Integer> {
    @Unmatched
    private List<String> arguments;

    @Override
    public Integer call() {
        throw new CommandException(
                "bench is no part of this program: the launcher of a clone runs it, as ./cleave bench "
                        + String.join(" ", arguments));
    }
}
