package io.cleave.core.storage;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Maps a file beyond 2 GiB with Chronicle Bytes in a JVM that has the flags; run by {@link ChronicleRegionTest}. */
final class ChronicleProbe {
    static final long LENGTH = 3L << 30;
    static final String PASSED = "probe passed";

    private ChronicleProbe() {}

    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[0]);
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(LENGTH);
            sparse.seek(LENGTH - Long.BYTES);
            sparse.write(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
        }
        RealStorage storage = RealStorage.open(Mapper.CHRONICLE, StorageLimits.defaults());
        try (Region region = storage.map(file)) {
            byte[] tail = new byte[4];
            region.copyTo(LENGTH - 4, tail, 0, 4);
            check("length", LENGTH, region.length());
            check("long at the end", 0x0807060504030201L, region.getLong(LENGTH - Long.BYTES));
            check("int", 0x04030201, region.getInt(LENGTH - Long.BYTES));
            check("short", 0x0201, region.getUnsignedShort(LENGTH - Long.BYTES));
            check("byte", 8, region.getByte(LENGTH - 1));
            check("copied byte", 5, tail[0]);
            region.copyShort(LENGTH - 8, tail, 3);
            check("short copy", 3, tail[2]);
            check("comparison", 0, region.compare(LENGTH - 4, 4, new byte[] {5, 6, 7, 8}, 4));
            check("order", -1, Integer.signum(region.compare(LENGTH - 4, 4, new byte[] {5, 6, 7, 9}, 4)));
            check("equality", 1, region.equal(LENGTH - 4, new byte[] {5, 6, 7, 8}, 4) ? 1 : 0);
            check("mappings", 1, storage.counters().mappings());
            check("mapped lines", 1, mappedLines(file));
        }
        check("mappings after close", 0, storage.counters().mappings());
        check("mapped lines after close", 0, mappedLines(file));
        System.out.println(PASSED);
    }

    private static long mappedLines(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains(file.toString())).count();
        }
    }

    private static void check(String what, long expected, long found) {
        if (expected != found) {
            throw new AssertionError(what + ": expected " + expected + ", found " + found);
        }
    }
}
