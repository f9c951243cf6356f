package io.cleave;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cleave.DamageJudge.Case;
import io.cleave.DamageSubject.Boot;
import io.cleave.core.storage.SimulatedStorage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Whatever byte of whatever file is wrong, however much of it is missing, wherever it lies: no wrong answer, an exception that
 * names the file, a finding of verification, and a repair after which the store opens with all that undamaged files hold.
 */
final class StoreDamageTest {
    private static final DamageSubject SUBJECT = DamageSubject.make();

    private final SplittableRandom random = new SplittableRandom(Campaign.seed());
    private final DamageJudge judge = new DamageJudge(SUBJECT);

    @Test
    void aWrongByteAnywhereGivesNoWrongAnswer() {
        try (QuietLog quiet = new QuietLog()) {
            assertTrue(quiet.isQuiet());
            sampleBytes(SUBJECT.files(), Campaign.count(300, Long.MAX_VALUE), random, this::wrongByte);
            tell("bytes");
        }
    }

    /** What is done with a byte of a file and one of three changes to it. */
    interface ByteCase {
        void run(Path file, int at, int change, long number);
    }

    /** About so many of all changes to all bytes of files, evenly spread; all of them if there are no more. */
    static void sampleBytes(Map<Path, Long> files, long wanted, SplittableRandom random, ByteCase body) {
        long bytes = files.values().stream().mapToLong(Long::longValue).sum();
        long stride = stride(3 * bytes, wanted);
        long next = random.nextLong(stride);
        long number = 0;
        for (Map.Entry<Path, Long> file : files.entrySet()) {
            for (int at = 0; at < file.getValue(); at++) {
                for (int change = 0; change < 3; change++, number++) {
                    if (number == next) {
                        body.run(file.getKey(), at, change, number);
                        next += 1 + random.nextLong(2 * stride - 1);
                    }
                }
            }
        }
    }

    private void wrongByte(Path file, int at, int change, long number) {
        String name = file + ", byte " + at + ", change " + change + ", -Dcleave.seed=" + Campaign.seed();
        byte[] content = SUBJECT.content(file);
        byte wrong = DamageSubject.wrong(content[at], at, change);
        if (content[at] != wrong) {
            content[at] = wrong;
            judge.judge(
                    new Case(
                            name,
                            List.of(file),
                            named(file),
                            List.of(),
                            storage -> DamageSubject.write(storage, file, content)),
                    number % 2 == 0 ? Boot.SAME : Boot.OTHER);
        }
    }

    @Test
    void aFileCutAnywhereGivesNoWrongAnswer() {
        try (QuietLog quiet = new QuietLog()) {
            assertTrue(quiet.isQuiet());
            long lengths = 0;
            for (long length : SUBJECT.files().values()) {
                lengths += length;
            }
            long stride = stride(lengths, Campaign.count(150, Long.MAX_VALUE));
            long next = random.nextLong(stride);
            long number = 0;
            for (Map.Entry<Path, Long> file : SUBJECT.files().entrySet()) {
                for (long length = 0; length < file.getValue(); length++, number++) {
                    if (number == next) {
                        cut(file.getKey(), (int) length, number);
                        next += 1 + random.nextLong(2 * stride - 1);
                    }
                }
            }
            tell("cuts");
        }
    }

    private void cut(Path file, int length, long number) {
        byte[] content = Arrays.copyOf(SUBJECT.content(file), length);
        judge.judge(
                new Case(
                        file + " cut at " + length + ", -Dcleave.seed=" + Campaign.seed(),
                        List.of(file),
                        named(file),
                        List.of(),
                        storage -> DamageSubject.write(storage, file, content)),
                number % 2 == 0 ? Boot.SAME : Boot.OTHER);
    }

    @Test
    void whatLiesInAWrongPlaceIsFoundAndPutBack() {
        try (QuietLog quiet = new QuietLog()) {
            assertTrue(quiet.isQuiet());
            List<Case> all = DamageCases.of(SUBJECT);
            long stride = stride(all.size(), Campaign.count(200, Long.MAX_VALUE));
            for (long at = random.nextLong(stride); at < all.size(); at += 1 + random.nextLong(2 * stride - 1)) {
                judge.judge(all.get((int) at), at % 2 == 0 ? Boot.SAME : Boot.OTHER);
            }
            tell("places");
        }
    }

    /** A log says where it breaks off, which may be the file after or before the damaged one. */
    private static List<Path> named(Path file) {
        return List.of(file.getParent().endsWith("log") ? file.getParent() : file);
    }

    private static long stride(long all, long wanted) {
        return Math.max(1, all / wanted);
    }

    private void tell(String what) {
        assertTrue(judge.refused > 0 && judge.repaired > 0, "nothing was refused or repaired");
        System.out.printf(
                "damage, %s: cases=%d refused=%d unchanged=%d torn tails=%d repaired=%d nothing to repair=%d wrong=0%n",
                what,
                judge.cases,
                judge.refused,
                judge.unchanged,
                judge.tornTails,
                judge.repaired,
                judge.nothingToRepair);
    }

    static List<Path> directories(SimulatedStorage storage) {
        List<Path> found = new ArrayList<>();
        for (Path path : DamageSubject.below(storage, DamageSubject.STORE)) {
            if (storage.kind(path) == io.cleave.core.storage.Storage.PathKind.DIRECTORY) {
                found.add(path);
            }
        }
        return found;
    }
}
