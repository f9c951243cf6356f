package io.cleave.bench.micro;

import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Where a lookup puts the value. One for each thread. */
@State(Scope.Thread)
public class ReadTarget {
    private final byte[] bytes = new byte[EntryKeys.VALUE_BYTES];

    byte[] bytes() {
        return bytes;
    }
}
