package io.cleave.bench.micro;

import io.cleave.Cursor;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A cursor over all entries. One for each thread. */
@State(Scope.Thread)
public class OpenCursor {
    private PreparedStore prepared;
    private Cursor cursor;

    /** Opens it. */
    @Setup(Level.Trial)
    public void open(PreparedStore store) {
        prepared = store;
        cursor = prepared.index().cursor();
    }

    /** Closes it. */
    @TearDown(Level.Trial)
    public void close() {
        cursor.close();
    }

    Cursor cursor() {
        return cursor;
    }

    /** The cursor on its next entry, on the first one after the last. */
    Cursor next() {
        if (!cursor.next()) {
            cursor.close();
            cursor = prepared.index().cursor();
            if (!cursor.next()) {
                throw new IllegalStateException("the store is empty");
            }
        }
        return cursor;
    }
}
