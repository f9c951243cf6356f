package io.cleave.core.run;

/** How the data blocks of a run are stored. The codes stand on disk and are never used for anything else. */
public enum Compression {
    /** Blocks are stored as they are, with whole keys, and read where they are mapped. */
    NONE(0, 1, 4096, FilterKind.POINT_INDEX),
    /** Blocks share key prefixes and are compressed with LZ4, unless that does not make them smaller by an eighth. */
    LZ4(1, 16, 4096, FilterKind.BLOOM);

    private final int code;
    private final int restartInterval;
    private final int blockBytesDefault;
    private final FilterKind filterDefault;

    Compression(int code, int restartInterval, int blockBytesDefault, FilterKind filterDefault) {
        this.code = code;
        this.restartInterval = restartInterval;
        this.blockBytesDefault = blockBytesDefault;
        this.filterDefault = filterDefault;
    }

    /** Code on disk. */
    public int code() {
        return code;
    }

    /** Size at which a block is closed when nothing else is asked for. */
    public int blockBytesDefault() {
        return blockBytesDefault;
    }

    /**
     * The filter when nothing else is asked for: a position saves a search where entries are read in place, and little where a
     * block has to be decompressed first.
     */
    public FilterKind filterDefault() {
        return filterDefault;
    }

    /** Entries from one whole key to the next. */
    int restartInterval() {
        return restartInterval;
    }

    /** The constant with a code; null for a code that this version does not know. */
    public static Compression ofCode(int code) {
        return switch (code) {
            case 0 -> NONE;
            case 1 -> LZ4;
            default -> null;
        };
    }
}
