package io.cleave.core.run;

import io.cleave.core.bytes.KeyHash;
import io.cleave.core.bytes.KeyOrder;
import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.EntryKind;
import io.cleave.core.entry.Lookup;
import io.cleave.core.storage.RealStorage;
import io.cleave.core.storage.StoreIdentity;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;

/** Prints how fast a run is written and read. Not a test. Arguments: directory, entries, compression, filter. */
final class RunSpeed {
    private static final RunIdentity IDENTITY = new RunIdentity(new StoreIdentity(1, 2), 3, 4, 5);
    private static final int VALUE_BYTES = 100;
    private static final int ROUND = 2_000_000;

    private final ByteBuffer keyBuffer = ByteBuffer.allocate(16);
    private final byte[] key = keyBuffer.array();

    private RunSpeed() {}

    public static void main(String[] arguments) {
        int count = Integer.parseInt(arguments[1]);
        RunOptions options = RunOptions.of(Compression.valueOf(arguments[2]), FilterKind.valueOf(arguments[3]));
        RealStorage storage = RealStorage.open();
        Path file = Path.of(arguments[0]).resolve(IDENTITY.fileName());
        RunSpeed speed = new RunSpeed();
        System.out.println(options);
        storage.delete(file);
        try {
            speed.write(storage, file, options, count);
            speed.read(storage, file, count);
        } finally {
            storage.delete(file);
        }
    }

    private void write(RealStorage storage, Path file, RunOptions options, int count) {
        SplittableRandom random = new SplittableRandom(1);
        byte[] value = new byte[VALUE_BYTES];
        long start = System.nanoTime();
        try (RunWriter writer = RunWriter.create(storage, file, IDENTITY, options)) {
            for (int i = 0; i < count; i++) {
                setKey(i, count);
                random.nextBytes(value);
                Arrays.fill(value, VALUE_BYTES / 2, VALUE_BYTES, (byte) 7);
                writer.append(key, 16, random.nextInt(count), EntryKind.PUT, value, VALUE_BYTES);
            }
            System.out.println(writer.finish());
        }
        print("write", count, start);
    }

    private void read(RealStorage storage, Path file, int count) {
        for (int round = 0; round < 3; round++) {
            long opening = System.nanoTime();
            Run.open(storage, file, IDENTITY).close();
            print("open", 1, opening);
        }
        try (Run run = Run.open(storage, file, IDENTITY)) {
            long verifying = System.nanoTime();
            run.verify();
            print("verify", count, verifying);
            byte[] value = new byte[VALUE_BYTES];
            for (int round = 0; round < 4; round++) {
                find(run, count, value, true);
                find(run, count, value, false);
                scan(run, count, value);
                seek(run, count, value);
            }
        }
    }

    private void find(Run run, int count, byte[] value, boolean present) {
        SplittableRandom random = new SplittableRandom(2);
        Lookup lookup = new Lookup();
        long found = 0;
        long start = System.nanoTime();
        for (int i = 0; i < ROUND; i++) {
            setKey(random.nextInt(count), count);
            key[15] = (byte) (present ? 0 : 1);
            if (run.find(key, 16, KeyHash.of(key, 16), KeyOrder.prefix(key, 16), Long.MAX_VALUE, lookup)) {
                lookup.copyValue(value, 0, lookup.valueLength());
                found++;
            }
        }
        print(present ? "hit" : "absent", ROUND, start);
        if (found != (present ? ROUND : 0)) {
            throw new AssertionError("found " + found);
        }
    }

    private void scan(Run run, int count, byte[] value) {
        EntryCursor cursor = run.cursor();
        long total = 0;
        long start = System.nanoTime();
        for (boolean on = cursor.first(); on; on = cursor.next()) {
            total += cursor.word() + cursor.valueLength();
        }
        print("scan", count, start);
        start = System.nanoTime();
        for (boolean on = cursor.first(); on; on = cursor.next()) {
            cursor.copyValue(0, value, 0, cursor.valueLength());
            total += cursor.key()[7] + cursor.sequence();
        }
        print("scan, copied", count, start);
        if (total == 0) {
            System.out.println(total);
        }
    }

    private void seek(Run run, int count, byte[] value) {
        SplittableRandom random = new SplittableRandom(3);
        EntryCursor cursor = run.cursor();
        int round = ROUND / 8;
        long start = System.nanoTime();
        for (int i = 0; i < round; i++) {
            setKey(random.nextInt(count), count);
            boolean on = cursor.seek(key, 16);
            for (int step = 0; step < 10 && on; step++, on = cursor.next()) {
                cursor.copyValue(0, value, 0, cursor.valueLength());
            }
        }
        print("seek + 10", round, start);
    }

    /** Keys ascend with their number and are spread evenly. */
    private void setKey(int number, int count) {
        keyBuffer.putLong(0, Long.divideUnsigned(-1L, count) * number);
        keyBuffer.putInt(8, number * 0x9E37_79B9);
        keyBuffer.putInt(12, 0);
    }

    private static void print(String what, long count, long start) {
        long nanos = System.nanoTime() - start;
        System.out.printf(Locale.ROOT, "%-12s %8.3f M/s %8.1f ms%n", what, count * 1e3 / nanos, nanos / 1e6);
    }
}
