package io.cleave.bench.micro;

import io.cleave.Cursor;
import io.cleave.KeyRange;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/** Moves of cursors. Each reads key and value of every entry it stands on. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CursorBenchmarks {
    private static final int ENTRIES_AFTER_SEEK = 10;

    /** One entry of a scan of everything, which starts again at its end. */
    @Benchmark
    public long next(OpenCursor open) {
        return read(open.next());
    }

    /** A seek and ten entries, with a cursor that stays open. */
    @Benchmark
    public long seekTen(PreparedStore prepared, EntryKeys keys, OpenCursor open) {
        Cursor cursor = open.cursor();
        return ten(cursor, cursor.seek(keys.present(keys.any(prepared.entries))));
    }

    /** The same with a cursor opened for it. */
    @Benchmark
    public long openSeekTen(PreparedStore prepared, EntryKeys keys) {
        KeyRange range = KeyRange.from(keys.present(keys.any(prepared.entries)));
        try (Cursor cursor = prepared.index().cursor(range)) {
            return ten(cursor, cursor.next());
        }
    }

    private static long ten(Cursor cursor, boolean found) {
        long sum = 0;
        boolean on = found;
        for (int at = 0; on && at < ENTRIES_AFTER_SEEK; at++) {
            sum += read(cursor);
            on = at + 1 < ENTRIES_AFTER_SEEK && cursor.next();
        }
        return sum;
    }

    private static long read(Cursor cursor) {
        return cursor.key().getLong(0) + cursor.value().getLong(0);
    }
}
