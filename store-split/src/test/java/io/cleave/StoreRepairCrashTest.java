package io.cleave;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.DamageJudge.Case;
import io.cleave.DamageSubject.Boot;
import io.cleave.core.storage.SimulatedCrash;
import io.cleave.core.storage.SimulatedStorage;
import io.cleave.core.storage.Storage;
import io.cleave.repair.LostRange;
import io.cleave.repair.RepairReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A power cut at any operation of a repair leaves what another repair finishes; what undamaged files hold is not lost. */
final class StoreRepairCrashTest {
    private static final DamageSubject SUBJECT = DamageSubject.make();

    private final SplittableRandom random = new SplittableRandom(Campaign.seed());
    private final DamageJudge judge = new DamageJudge(SUBJECT);
    private long crashes;
    private long finished;

    @Test
    void anotherRepairFinishesWhatAPowerCutHasInterrupted() {
        try (QuietLog quiet = new QuietLog()) {
            assertTrue(quiet.isQuiet());
            List<Case> cases = cases();
            long wanted = Campaign.count(300, 20_000);
            while (crashes < wanted) {
                // Half of them where a file is published under the name of one that was moved.
                int from = random.nextBoolean()
                        ? 0
                        : cases.size() - SUBJECT.files().size();
                Case one = cases.get(random.nextInt(from, cases.size()));
                SimulatedStorage damaged = damaged(one);
                RepairReport report = DamageJudge.repair(damaged).repair();
                long operations = damaged.operations();
                for (int i = 0; i < 4 && operations > 0 && !report.nothingToDo(); i++) {
                    crash(one, report.lost(), random.nextLong(1, operations + 1), operations);
                }
            }
            System.out.printf("repairs cut off: cases=%d finished by another=%d lost=0%n", crashes, finished);
            assertTrue(finished > 0, "no repair was cut off in the middle");
        }
    }

    private SimulatedStorage damaged(Case one) {
        SimulatedStorage damaged = SUBJECT.copy(Boot.OTHER);
        DamageJudge.damage(damaged, one);
        // So that operations are counted from here.
        return damaged.kill();
    }

    private void crash(Case one, List<LostRange> saidBefore, long operation, long operations) {
        crashes++;
        long crashSeed = random.nextLong(1_000_000);
        String where = one.name() + ", power cut at operation " + operation + " of the repair, seed " + crashSeed
                + ", -Dcleave.seed=" + Campaign.seed();
        try {
            SimulatedStorage storage = damaged(one);
            Map<Path, byte[]> contents = contents(storage, one.damaged());
            if (random.nextBoolean()) {
                storage.crashInside(operation);
            } else {
                storage.crashAt(operation);
            }
            try {
                DamageJudge.repair(storage).repair();
            } catch (SimulatedCrash e) {
                assertTrue(storage.isDead());
            }
            SimulatedStorage after = storage.crash(crashSeed);
            RepairReport report = DamageJudge.repair(after).repair();
            finished += report.nothingToDo() ? 0 : 1;
            // The last two take away the mark of a repair that has not ended.
            boolean told = operation >= operations - 1
                    || saidBefore.isEmpty()
                    || !report.nothingLost()
                    || !report.cutShort().isEmpty();
            assertTrue(told, "what the first repair has lost is said by none: " + saidBefore);
            contents.forEach((file, content) -> requireKept(after, file, content));
            List<LostRange> lost = new ArrayList<>(saidBefore);
            lost.addAll(report.lost());
            judge.judgeRepaired(after.kill(), one, report, lost);
        } catch (RuntimeException | Error e) {
            throw new AssertionError(where + ": " + e, e);
        }
    }

    private static Map<Path, byte[]> contents(SimulatedStorage storage, List<Path> files) {
        Map<Path, byte[]> contents = new TreeMap<>();
        for (Path file : files) {
            if (storage.kind(file) == Storage.PathKind.FILE) {
                contents.put(file, storage.readAll(file, Integer.MAX_VALUE));
            }
        }
        return contents;
    }

    /** Nothing is deleted: a damaged file lies where it was, or below set-aside. */
    private static void requireKept(SimulatedStorage storage, Path file, byte[] content) {
        boolean kept = DamageSubject.below(storage, DamageSubject.STORE).stream()
                .filter(path -> storage.kind(path) == Storage.PathKind.FILE)
                .anyMatch(path -> Arrays.equals(content, storage.readAll(path, Integer.MAX_VALUE)));
        assertTrue(kept, () -> file + " is gone");
    }

    /** A wrong byte in the middle of each file, and everything that can be wrong with places. */
    private static List<Case> cases() {
        List<Case> cases = new ArrayList<>(DamageCases.of(SUBJECT));
        for (Map.Entry<Path, Long> file : SUBJECT.files().entrySet()) {
            int at = (int) (file.getValue() / 2);
            byte[] content = SUBJECT.copy(Boot.OTHER).readAll(file.getKey(), Integer.MAX_VALUE);
            content[at] ^= 0x20;
            cases.add(new Case(
                    file.getKey() + ", byte " + at,
                    List.of(file.getKey()),
                    List.of(),
                    List.of(),
                    storage -> DamageSubject.write(storage, file.getKey(), content)));
        }
        return cases;
    }
}
