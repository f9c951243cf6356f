package io.cleave.fuzz;

import io.cleave.core.fuzz.FuzzProcess;
import io.cleave.core.run.RunFuzz;
import io.cleave.log.LogFuzz;
import java.io.IOException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jazzer on each target of this module. Not part of a build: docs/security.md names the command. */
final class FuzzCampaign {
    @BeforeEach
    void requireJazzer() {
        Assumptions.assumeTrue(FuzzProcess.isPossible(), "Jazzer is on the class path with the profile fuzz alone");
    }

    @Test
    void directory() throws IOException, InterruptedException {
        FuzzProcess.run("directory", DirectoryFuzz.class);
    }

    @Test
    void run() throws IOException, InterruptedException {
        FuzzProcess.run("run", RunFuzz.class);
    }

    @Test
    void log() throws IOException, InterruptedException {
        FuzzProcess.run("log", LogFuzz.class);
    }

    @Test
    void metadata() throws IOException, InterruptedException {
        FuzzProcess.run("metadata", MetadataFuzz.class);
    }
}
