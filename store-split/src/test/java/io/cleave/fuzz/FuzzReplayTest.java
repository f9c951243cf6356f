package io.cleave.fuzz;

import io.cleave.core.fuzz.FuzzReplay;
import io.cleave.core.run.RunFuzz;
import io.cleave.log.LogFuzz;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The inputs that were kept, and seeded random ones, go through every fuzz target without a finding. */
final class FuzzReplayTest {
    @Test
    void aDirectoryThatWasTamperedWithEndsInSuccessOrATypedError() throws IOException {
        FuzzReplay.of("directory", DirectoryFuzz::fuzzerTestOneInput).run(1_000, 1_000_000);
    }

    @Test
    void aRunThatWasTamperedWithEndsInSuccessOrATypedError() throws IOException {
        FuzzReplay.of("run", RunFuzz::fuzzerTestOneInput).run(3_000, 5_000_000);
    }

    @Test
    void aLogThatWasTamperedWithEndsInSuccessOrATypedError() throws IOException {
        FuzzReplay.of("log", LogFuzz::fuzzerTestOneInput).run(2_000, 5_000_000);
    }

    @Test
    void smallFilesThatWereTamperedWithEndInSuccessOrATypedError() throws IOException {
        FuzzReplay.of("metadata", MetadataFuzz::fuzzerTestOneInput).run(20_000, 50_000_000);
    }
}
