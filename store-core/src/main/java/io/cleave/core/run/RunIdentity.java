package io.cleave.core.run;

import io.cleave.core.storage.NumberedName;
import io.cleave.core.storage.StoreIdentity;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which run a file is. Stands in the file's header and, by {@link #seed}, in each of its checksums, so that bytes of
 * another run are never taken for this one's.
 *
 * @param store whose it is
 * @param indexId number of the index in the store
 * @param segmentId number of the segment
 * @param runNumber number of the run in its segment
 */
public record RunIdentity(StoreIdentity store, int indexId, long segmentId, long runNumber) {
    private static final Pattern FILE_NAME = Pattern.compile("run-((?:[1-9][0-9]*)?[0-9]{6})\\.run");

    /** Digits of the largest number that is read from a name. */
    private static final int DIGITS_MAX = 18;

    /** Seed of the file's checksums: all fields mixed. Part of the file format. */
    public long seed() {
        long mixed = mix(store.high());
        mixed = mix(mixed ^ store.low());
        mixed = mix(mixed ^ indexId);
        mixed = mix(mixed ^ segmentId);
        return mix(mixed ^ runNumber);
    }

    /** Name of the file in its segment's directory: run-000001.run, with more digits where they are needed. */
    public String fileName() {
        return fileName(runNumber);
    }

    /** Name of the file of a run. */
    public static String fileName(long runNumber) {
        return NumberedName.of("run-", runNumber, 6) + ".run";
    }

    /** True for a name that {@link #fileName(long)} gives to some run. */
    public static boolean isFileName(String name) {
        return FILE_NAME.matcher(name).matches();
    }

    /** The number of the run that a file name names; empty when it names none that there can be. */
    public static OptionalLong parse(String name) {
        Matcher matcher = FILE_NAME.matcher(name);
        return matcher.matches() && matcher.group(1).length() <= DIGITS_MAX
                ? OptionalLong.of(Long.parseLong(matcher.group(1)))
                : OptionalLong.empty();
    }

    /** By hand: the equality that the compiler makes leaves its class in a cache of the JDK (ADR 0035). */
    @Override
    public boolean equals(Object other) {
        return other instanceof RunIdentity that
                && store.equals(that.store)
                && indexId == that.indexId
                && segmentId == that.segmentId
                && runNumber == that.runNumber;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(seed());
    }

    /** Spreads every bit over all others; zero does not stay zero. */
    private static long mix(long word) {
        long mixed = word + 0x9E37_79B9_7F4A_7C15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D0_49BB_1331_11EBL;
        return mixed ^ (mixed >>> 31);
    }
}
