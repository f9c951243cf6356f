package io.cleave.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What the keys and values of a run look like. Values are half random bytes, half zeros, as db_bench makes them. */
enum EntryShape {
    /** 16-byte keys, 100-byte values. */
    POINT(16, 100, 1),
    /** 16-byte keys, 8-byte values. */
    SMALL(16, 8, 1),
    /** Keys such as {@code region-17/customer-000123456/order-7}, 100-byte values. */
    STRING(0, 100, 1),
    /** 16-byte keys, 4 KiB values; a fortieth of the entries. */
    PAGE(16, 4 << 10, 40),
    /** 16-byte keys, 1 MiB values; a ten-thousandth of the entries. */
    BLOB(16, 1 << 20, 10_000);

    private final int keyBytes;
    private final int valueBytes;
    private final int divisor;

    EntryShape(int keyBytes, int valueBytes, int divisor) {
        this.keyBytes = keyBytes;
        this.valueBytes = valueBytes;
        this.divisor = divisor;
    }

    /** The name on the command line and in tables. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Length of a key, 0 when it varies. */
    int keyBytes() {
        return keyBytes;
    }

    int valueBytes() {
        return valueBytes;
    }

    /** How many entries a run has that was asked for {@code entries} of the common shape; at least 64. */
    long entries(long entries) {
        return Math.max(64, entries / divisor);
    }

    static EntryShape of(String label) {
        return Arrays.stream(values())
                .filter(shape -> shape.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no shape '" + label + "', expected one of "
                        + Arrays.stream(values()).map(EntryShape::label).collect(Collectors.joining(", "))));
    }
}
