package io.cleave;

import io.cleave.DamageJudge.Case;
import io.cleave.DamageSubject.Boot;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The process with little memory of {@link StoreDamageFilesTest}: puts sizes that are too large into files and judges what comes
 * of it. An allocation of 64 MiB is more than its heap, and an error then.
 */
final class DamageChild {
    private static final int[] SIZES = {Integer.MAX_VALUE, 0x7FFF_FFF0, 64 << 20, 1 << 30, -1, Integer.MIN_VALUE};

    private DamageChild() {}

    public static void main(String[] arguments) {
        DamageSubject subject = DamageSubject.make();
        DamageJudge judge = new DamageJudge(subject);
        SplittableRandom random = new SplittableRandom(Campaign.seed());
        List<Path> files = new ArrayList<>(subject.files().keySet());
        try (QuietLog quiet = new QuietLog()) {
            assert quiet.isQuiet();
            for (long i = Long.parseLong(arguments[0]); i > 0; i--) {
                Path file = files.get(random.nextInt(files.size()));
                byte[] content = subject.copy(Boot.SAME).readAll(file, Integer.MAX_VALUE);
                // Sizes stand at the front of small files, at the end of runs, and anywhere in logs.
                int at = random.nextBoolean()
                        ? random.nextInt(Math.min(128, content.length - 4))
                        : content.length - 4 - random.nextInt(Math.min(content.length - 4, 256));
                int size = SIZES[random.nextInt(SIZES.length)];
                for (int b = 0; b < Integer.BYTES; b++) {
                    content[at + b] = (byte) (size >>> (8 * b));
                }
                boolean log = file.getParent().endsWith("log");
                judge.judge(
                        new Case(
                                file + ", size " + size + " at " + at + " of " + Arrays.hashCode(content),
                                List.of(file),
                                List.of(log ? file.getParent() : file),
                                List.of(),
                                storage -> DamageSubject.write(storage, file, content)),
                        random.nextBoolean() ? Boot.SAME : Boot.OTHER);
            }
        }
        System.out.printf(
                "damage, sizes, heap %d MiB: cases=%d refused=%d repaired=%d wrong=0%n",
                Runtime.getRuntime().maxMemory() >> 20, judge.cases, judge.refused, judge.repaired);
    }
}
