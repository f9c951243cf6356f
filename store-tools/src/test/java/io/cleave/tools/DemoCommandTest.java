package io.cleave.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.SegmentStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo from end to end, and that its checks can fail. */
final class DemoCommandTest {
    @TempDir
    private Path directory;

    @Test
    @Tag("demo")
    void theSmallDemoHoldsAllChecksAndLeavesNothing() {
        Path work = directory.resolve("demo");
        CommandRun run = CommandRun.of("demo", "--small", "--dir", work);
        assertEquals(0, run.code(), run::toString);
        assertTrue(run.out().contains("all 12 checks hold"), run::out);
        assertTrue(run.out().contains(", 0 lost, 0 wrong, 0 unasked for"), run::out);
        assertTrue(run.out().contains("│█"), run::out);
        assertFalse(Files.exists(work));
    }

    @Test
    void aDirectoryThatIsNotEmptyIsRefused() throws IOException {
        Files.writeString(directory.resolve("mine"), "mine");
        CommandRun.of("demo", "--small", "--dir", directory).refused(2, "not empty");
        CommandRun.of("demo", "--small", "--dir", directory.resolve("mine")).refused(2, "no directory");
        assertEquals("mine", Files.readString(directory.resolve("mine")));
    }

    @Test
    void aLostWriteAnUnfinishedDeletionAndAStrayEntryAreCounted() {
        AcknowledgedWrites writes = new AcknowledgedWrites(1);
        try (SegmentStore store = SegmentStore.open(directory, AcknowledgedWrites.options())) {
            for (long number = 0; number < 15; number++) {
                writes.write(store, number);
            }
            assertEquals(new AcknowledgedWrites.Outcome(15, 0, 0, 0), writes.check(store, 15));
            assertEquals(new AcknowledgedWrites.Outcome(14, 0, 0, 0), writes.check(store, 14), "one was under way");
            assertEquals(new AcknowledgedWrites.Outcome(13, 0, 0, 1), writes.check(store, 13));
            assertEquals(1, writes.check(store, 16).wrong(), "the deletion is not there");
            assertEquals(
                    2, writes.check(store, 18).lost() + writes.check(store, 17).lost() - 1);
            store.index("first").put(new byte[] {1}, new byte[0]);
            assertEquals(1, writes.check(store, 15).unasked());
            writes.write(store, 15);
            assertEquals(0, writes.check(store, 16).wrong());
        }
    }

    @Test
    void aDemoWithAFailedCheckSaysWhich() {
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        java.io.PrintStream stream = new java.io.PrintStream(out, true, java.nio.charset.StandardCharsets.UTF_8);
        DemoReport report = new DemoReport(new Terminal(stream, stream, false, false, false));
        report.expectNone("lost", 0);
        assertTrue(report.isRight());
        report.expectNone("lost", 3);
        report.expectSame("sum", 1, 2);
        report.print();
        assertFalse(report.isRight());
        String text = out.toString(java.nio.charset.StandardCharsets.UTF_8);
        assertTrue(text.contains("CHECK FAILED: lost: 3"), text);
        assertTrue(text.contains("CHECK FAILED: sum: expected 1, found 2"), text);
        assertTrue(text.contains("2 of 3 checks failed"), text);
    }

    @Test
    void sumsDifferWhenAnEntryDoesAndNotWhenTheOrderDoes() {
        EntrySum one = new EntrySum();
        one.add(new byte[] {1}, new byte[] {2});
        one.add(new byte[] {3}, new byte[] {4});
        EntrySum turned = new EntrySum();
        turned.add(new byte[] {3}, new byte[] {4});
        turned.add(new byte[] {1}, new byte[] {2});
        assertEquals(one.toString(), turned.toString());
        EntrySum other = new EntrySum();
        other.add(new byte[] {1}, new byte[] {4});
        other.add(new byte[] {3}, new byte[] {2});
        assertFalse(one.toString().equals(other.toString()));
    }
}
