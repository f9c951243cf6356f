package io.cleave.core.storage;

import java.util.BitSet;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;

/** Which of the changes that no force covers outlive a power cut. */
enum Survival {
    NONE,
    ALL,
    /** Each for itself, in no order. */
    SOME,
    /** Those below a random place. */
    FIRST;

    private static final Survival[] VALUES = values();

    static Survival random(SplittableRandom random) {
        return VALUES[random.nextInt(VALUES.length)];
    }

    /** Hands over each of the changes that is lost. */
    void forEachLost(BitSet changes, SplittableRandom random, IntConsumer lost) {
        int place = this == FIRST ? random.nextInt(changes.length() + 1) : 0;
        for (int i = changes.nextSetBit(0); i >= 0; i = changes.nextSetBit(i + 1)) {
            boolean survives = switch (this) {
                case NONE -> false;
                case ALL -> true;
                case SOME -> random.nextBoolean();
                case FIRST -> i < place;
            };
            if (!survives) {
                lost.accept(i);
            }
        }
    }
}
