package io.cleave.core.fuzz;

import java.io.IOException;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Runs a fuzz target without a fuzzer: over the inputs of its {@link FuzzCorpus}, and over random ones. {@code -Dcleave.seed}, {@code -Dcleave.count} and {@code -Dcleave.campaign} as for every campaign.
 */
public final class FuzzReplay {
    private static final int INPUT_BYTES_MAX = 64;

    private final String name;
    private final Consumer<byte[]> target;

    private FuzzReplay(String name, Consumer<byte[]> target) {
        this.name = name;
        this.target = target;
    }

    /** The replay of a target. */
    public static FuzzReplay of(String name, Consumer<byte[]> target) {
        return new FuzzReplay(name, target);
    }

    /** Runs the corpus, then as many random inputs as the campaign asks for. */
    public void run(long ciCount, long longCount) throws IOException {
        int kept = 0;
        for (byte[] input : FuzzCorpus.read(name)) {
            kept++;
            check(input, "line " + kept + " of " + FuzzCorpus.file(name));
        }
        if (kept == 0) {
            throw new AssertionError(name + ": no inputs are kept in " + FuzzCorpus.file(name));
        }
        boolean nightly = "long".equals(System.getProperty("cleave.campaign", "ci"));
        long seed = Long.getLong("cleave.seed", nightly ? System.nanoTime() : 0xC1EAFE);
        long count = Long.getLong("cleave.count", nightly ? longCount : ciCount);
        SplittableRandom random = new SplittableRandom(seed);
        for (long i = 0; i < count; i++) {
            byte[] input = new byte[random.nextInt(INPUT_BYTES_MAX)];
            random.nextBytes(input);
            check(input, "case " + i + " of seed " + seed);
        }
        System.out.printf("fuzz target %s: kept inputs=%d random inputs=%d seed=%d%n", name, kept, count, seed);
    }

    private void check(byte[] input, String what) {
        try {
            target.accept(input);
        } catch (RuntimeException | Error e) {
            throw new AssertionError(name + ", " + what + ": " + HexFormat.of().formatHex(input), e);
        }
    }
}
