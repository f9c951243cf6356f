package io.cleave.tools;

import io.cleave.core.fuzz.FuzzReplay;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The inputs that were kept, and seeded random ones, go through the command line without a finding. */
final class ToolFuzzTest {
    @Test
    void anyWordsEndInADocumentedExitCodeAndAtMostOneLineOfComplaint() throws IOException {
        FuzzReplay.of("tools", ToolFuzz::fuzzerTestOneInput).run(200, 50_000);
    }
}
