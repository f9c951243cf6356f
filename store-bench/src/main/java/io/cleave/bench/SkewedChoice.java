package io.cleave.bench;

import java.util.Arrays;

/**
 * Draws numbers of which few come often and most seldom: the one of rank r with a weight of r<sup>-0.99</sup>, as YCSB does.
 * The ranks are cut into {@link #PIECES} of equal weight once, so that a draw costs two looks into a table; ranks within a
 * piece come equally often. Immutable, thread-safe.
 */
final class SkewedChoice {
    static final int PIECES = 4096;

    private static final int PIECE_BITS = 12;
    private static final double EXPONENT = 0.99;
    /** Up to this rank weights are summed, beyond it their integral stands for the sum. */
    private static final int SUMMED = 10_000;

    /** First rank of each piece, and of one past the last. */
    private final long[] starts = new long[PIECES + 1];
    /** Scatters the ranks, so that what is hot does not lie together. */
    private final Permutation places;

    SkewedChoice(long size, long seed) {
        places = new Permutation(size, seed);
        double[] sums = new double[(int) Math.min(size, SUMMED)];
        double sum = 0;
        for (int rank = 0; rank < sums.length; rank++) {
            sum += Math.pow(rank + 1, -EXPONENT);
            sums[rank] = sum;
        }
        double total = sum + integral((double) size) - integral(sums.length);
        for (int piece = 1; piece < PIECES; piece++) {
            starts[piece] = Math.min(size - 1, rank(sums, total * piece / PIECES));
        }
        starts[PIECES] = size;
    }

    /** A number from 0 to below the size. */
    long draw(RandomSequence random) {
        long bits = random.next();
        int piece = (int) (bits >>> (Long.SIZE - PIECE_BITS));
        long start = starts[piece];
        // The hottest ranks fill several pieces each, which then are empty but for their start.
        long span = Math.max(1, starts[piece + 1] - start);
        return places.at(start + RandomSequence.scale(bits << PIECE_BITS, span));
    }

    /** The rank, from 0, at which the weights reach a sum. */
    private static long rank(double[] sums, double wanted) {
        double last = sums[sums.length - 1];
        if (wanted <= last) {
            int found = Arrays.binarySearch(sums, wanted);
            return found < 0 ? -found - 1 : found;
        }
        double power = 1 - EXPONENT;
        return (long) Math.pow((wanted - last + integral(sums.length)) * power, 1 / power);
    }

    private static double integral(double rank) {
        return Math.pow(rank, 1 - EXPONENT) / (1 - EXPONENT);
    }
}
