package io.cleave.bench;

import java.util.Arrays;
import java.util.stream.Collectors;

/** A store under test with the options it is opened with; one process runs one of them. */
enum EngineKind {
    /** Cleave as a user gets it who sets nothing. */
    CLEAVE("cleave"),
    /** Cleave with uncompressed blocks, said explicitly. */
    CLEAVE_PLAIN("cleave-plain"),
    /** Cleave with LZ4 blocks and the filter that suits them. */
    CLEAVE_LZ4("cleave-lz4"),
    /** RocksDB through JNI: LZ4, 10-bit bloom filters, 1 GiB of block cache. */
    ROCKSDB("rocksdb"),
    /** LMDB through lmdbjava: write map, synced only where the workload asks for it. */
    LMDB("lmdb"),
    /** The store below H2, with its default cache. */
    MVSTORE("mvstore");

    private final String label;

    EngineKind(String label) {
        this.label = label;
    }

    /** The name on the command line and in tables. */
    String label() {
        return label;
    }

    boolean rival() {
        return this == ROCKSDB || this == LMDB || this == MVSTORE;
    }

    static EngineKind of(String label) {
        return Arrays.stream(values())
                .filter(kind -> kind.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no engine '" + label + "', expected one of "
                        + Arrays.stream(values()).map(EngineKind::label).collect(Collectors.joining(", "))));
    }
}
