package io.cleave.tools;

import io.cleave.core.fuzz.FuzzProcess;
import java.io.IOException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Jazzer on the command line. Not part of a build: docs/security.md names the command. */
final class ToolFuzzCampaign {
    @Test
    void tools() throws IOException, InterruptedException {
        Assumptions.assumeTrue(FuzzProcess.isPossible(), "Jazzer is on the class path with the profile fuzz alone");
        FuzzProcess.run("tools", ToolFuzz.class);
    }
}
