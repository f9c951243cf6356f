package io.cleave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.inspect.StoreVerification;
import io.cleave.repair.RepairReport;
import io.cleave.repair.StoreRepair;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Power is cut at any operation of {@link CrashWorkload}, in the middle of splits and merges too, and then the key maps are gone:
 * repair finds out from the segments alone which of them hold what, and nothing durable is lost.
 */
final class StoreKeyMapRepairTest {
    private static final Path STORE = CrashWorkload.DIRECTORY;

    @Test
    void aKeyMapIsMadeAnewFromTheSegmentsWhateverWasUnderWay() {
        try (QuietLog quiet = new QuietLog()) {
            assertTrue(quiet.isQuiet());
            SimulatedStorage whole = new SimulatedStorage(1);
            new CrashWorkload(whole).run();
            long operations = whole.operations();
            long stride = Math.max(1, operations / Campaign.count(150, Long.MAX_VALUE));
            long cases = 0;
            long overlapping = 0;
            for (long at = 1 + Campaign.seed() % stride; at <= operations; at += stride) {
                SimulatedStorage dying = new SimulatedStorage(1).crashAt(at);
                CrashWorkload workload = new CrashWorkload(dying);
                workload.run();
                SimulatedStorage after = dying.crash(at);
                if (after.kind(STORE.resolve("catalog")) == Storage.PathKind.FILE) {
                    cases++;
                    overlapping += repairWithoutKeyMaps(after, workload.history(), at) ? 1 : 0;
                }
            }
            System.out.printf("key maps made anew: cases=%d with segments left over=%d lost=0%n", cases, overlapping);
            assertTrue(overlapping > 0, "no rewrite was ever under way");
        }
    }

    /** True when there were more segments than needed. */
    private static boolean repairWithoutKeyMaps(SimulatedStorage storage, StoreHistory history, long at) {
        try {
            for (Path path : DamageSubject.below(storage, STORE)) {
                if (path.endsWith("key-map")) {
                    storage.delete(path);
                    storage.forceDirectory(path.getParent());
                }
            }
            SimulatedStorage damaged = storage.kill();
            RepairReport report = new StoreRepair(damaged, STORE, (done, total) -> {}).repair();
            assertEquals(
                    List.of(),
                    new StoreVerification(damaged, STORE, (done, total) -> {})
                            .verify()
                            .findings(),
                    report::text);
            try (SegmentStore store = SegmentStore.open(STORE, CrashWorkload.options(damaged))) {
                history.judgeAfterCrash(store);
            } catch (AssertionError e) {
                throw new AssertionError(e.getMessage() + "\n" + report.text(), e);
            }
            return report.actions().stream().anyMatch(action -> action.what().startsWith("segment that holds"));
        } catch (RuntimeException | Error e) {
            throw new AssertionError("power cut at operation " + at + ": " + e, e);
        }
    }
}
