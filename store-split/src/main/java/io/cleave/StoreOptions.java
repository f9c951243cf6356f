package io.cleave;

import io.cleave.catalog.StoredOptions;
import io.cleave.core.run.Compression;
import io.cleave.core.run.FilterKind;
import io.cleave.core.run.RunOptions;
import io.cleave.core.storage.Mapper;
import io.cleave.core.storage.Storage;
import org.jspecify.annotations.Nullable;

/**
 * How a store is kept. Immutable, thread-safe. Sizes are in bytes. Every default is stated at its setter and justified in
 * docs/limits.md and docs/operations.md.
 */
public final class StoreOptions {
    /** With the default budget a thousand segments can have a memtable each. */
    private static final int CHUNKS_WANTED = 1024;

    private static final int CHUNK_BYTES_MIN = 512;
    private static final int CHUNK_BYTES_MAX = 64 << 10;

    private static final long SEGMENT_MEMTABLE_BYTES_MIN = 1 << 10;

    /** So that a segment can outgrow its bound for a while without a run of more than the 2 GiB that the JDK maps. */
    private static final long MAPPED_BYTES_MOST = 1L << 30;

    // Java grants as much direct memory as heap, and the program may want some of it.
    private static final int HEAP_PARTS = 4;
    private static final long MEMTABLE_BYTES_LEAST = 8L << 20;
    private static final long MEMTABLE_BYTES_MOST = 128L << 20;

    private static final StoreOptions DEFAULTS = builder().build();

    private final Builder values;

    private StoreOptions(Builder values) {
        this.values = values;
    }

    /** The defaults. */
    public static StoreOptions defaults() {
        return DEFAULTS;
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Starts from these options. */
    public Builder toBuilder() {
        return values.copy();
    }

    /** See {@link Builder#createIfMissing}. */
    public boolean createIfMissing() {
        return values.createIfMissing;
    }

    /** See {@link Builder#upgrade}. */
    public boolean upgrade() {
        return values.upgrade;
    }

    /** See {@link Builder#durability}. */
    public Durability durability() {
        return values.durability;
    }

    /** See {@link Builder#syncIntervalMillis}. */
    public long syncIntervalMillis() {
        return values.syncIntervalMillis;
    }

    /** See {@link Builder#memtableBytesMax}. */
    public long memtableBytesMax() {
        return values.runtime == null ? values.memtableBytesMax : values.runtime.memtableBytesMax();
    }

    /** See {@link Builder#segmentMemtableBytesMax}. */
    public long segmentMemtableBytesMax() {
        return segmentMemtableBytesMax(values.segmentBytesMax);
    }

    /** The same for an index whose segments may have other sizes. */
    long segmentMemtableBytesMax(long segmentBytes) {
        return values.segmentMemtableBytesMax == 0
                ? Math.max(SEGMENT_MEMTABLE_BYTES_MIN, Math.min(memtableBytesMax() / 4, segmentBytes))
                : Math.min(values.segmentMemtableBytesMax, memtableBytesMax());
    }

    /** See {@link Builder#segmentBytesMax}. */
    public long segmentBytesMax() {
        return values.segmentBytesMax;
    }

    /** See {@link Builder#segmentEntriesMax}. */
    public long segmentEntriesMax() {
        return values.segmentEntriesMax;
    }

    /** See {@link Builder#openSegmentsMax}. */
    public int openSegmentsMax() {
        return values.openSegmentsMax;
    }

    /** See {@link Builder#blockBytes}. */
    public int blockBytes() {
        return values.blockBytes == 0 ? values.compression.blockBytesDefault() : values.blockBytes;
    }

    /** See {@link Builder#compression}. */
    public Compression compression() {
        return values.compression;
    }

    /** See {@link Builder#filter}. */
    public FilterKind filter() {
        return values.filter == null ? values.compression.filterDefault() : values.filter;
    }

    /** See {@link Builder#deltasMax}. */
    public int deltasMax() {
        return values.deltasMax;
    }

    /** See {@link Builder#mainShare}. */
    public double mainShare() {
        return values.mainShare;
    }

    /** See {@link Builder#logFileBytes}. */
    public int logFileBytes() {
        return values.logFileBytes;
    }

    /** See {@link Builder#logBytesMax}. */
    public long logBytesMax() {
        return values.logBytesMax;
    }

    /** See {@link Builder#maintenanceThreads}. */
    public int maintenanceThreads() {
        return values.runtime == null ? values.maintenanceThreads : values.runtime.maintenanceThreads();
    }

    /** See {@link Builder#runtime}; null when the store has memory and threads of its own. */
    public @Nullable StoreRuntime runtime() {
        return values.runtime;
    }

    /** See {@link Builder#valueBytesMax}. */
    public int valueBytesMax() {
        return values.valueBytesMax;
    }

    /** See {@link Builder#waitMillisMax}. */
    public long waitMillisMax() {
        return values.waitMillisMax;
    }

    /** See {@link Builder#limits}. */
    public StoreLimits limits() {
        return values.limits;
    }

    /** See {@link Builder#leakDetection}. */
    public LeakDetection leakDetection() {
        return values.leakDetection;
    }

    /** See {@link Builder#slowOperationMillis}. */
    public long slowOperationMillis() {
        return values.slowOperationMillis;
    }

    /** See {@link Builder#listener}; null for none. */
    public @Nullable StoreListener listener() {
        return values.listener;
    }

    /** See {@link Builder#mapper}. */
    public Mapper mapper() {
        return values.mapper;
    }

    /** See {@link Builder#storage}; null for the machine's own. */
    @Nullable
    Storage storage() {
        return values.storage;
    }

    /** See {@link Builder#memtableChunkBytes}. */
    public int memtableChunkBytes() {
        if (values.chunkBytes != 0) {
            return values.chunkBytes;
        }
        long share = Long.highestOneBit(memtableBytesMax() / CHUNKS_WANTED);
        return (int) Math.max(CHUNK_BYTES_MIN, Math.min(CHUNK_BYTES_MAX, share));
    }

    /** All options with the values that hold, on one line, for a log. */
    @Override
    public String toString() {
        return OptionsText.of(this);
    }

    /** What a new index gets; one that is there keeps its own, see {@link SegmentStore#alterIndex}. */
    public IndexOptions indexOptions() {
        return new IndexOptions(compression(), filter(), blockBytes(), segmentBytesMax(), segmentEntriesMax());
    }

    RunOptions runOptions() {
        return new RunOptions(values.compression, blockBytes(), filter());
    }

    /** The largest segment that the mapper maps. */
    long segmentBytesMost() {
        return values.mapper == Mapper.JDK ? MAPPED_BYTES_MOST : StoredOptions.SEGMENT_BYTES_MOST;
    }

    /** Collects options. Not thread-safe. Setters check their range and return this. */
    public static final class Builder implements Cloneable {
        private boolean createIfMissing = true;
        private boolean upgrade;
        private Durability durability = Durability.PROCESS;
        private long syncIntervalMillis = 1_000;
        private long memtableBytesMax = Math.max(
                MEMTABLE_BYTES_LEAST,
                Math.min(MEMTABLE_BYTES_MOST, Runtime.getRuntime().maxMemory() / HEAP_PARTS));
        /** 0 for what suits the budget and the segment. */
        private long segmentMemtableBytesMax;

        private long segmentBytesMax = 64L << 20;
        private long segmentEntriesMax = Long.MAX_VALUE / 8;
        private int openSegmentsMax = 1_000;
        /** 0 for what suits the compression. */
        private int blockBytes;

        private Compression compression = Compression.NONE;
        /** Null for what suits the compression. */
        private @Nullable FilterKind filter;

        private int deltasMax = 4;
        private double mainShare = 0.75;
        private int logFileBytes = 32 << 20;
        private long logBytesMax = 256L << 20;
        private int maintenanceThreads =
                Math.max(2, Math.min(4, Runtime.getRuntime().availableProcessors() / 2));
        private int valueBytesMax = 64 << 20;
        private long waitMillisMax = 60_000;
        private long slowOperationMillis = 10;
        private @Nullable StoreListener listener;
        /** 0 for what suits the memory of all memtables. */
        private int chunkBytes;

        /** Null for one of the store's own. */
        private @Nullable StoreRuntime runtime;

        private StoreLimits limits = StoreLimits.none();
        private LeakDetection leakDetection = LeakDetection.SIMPLE;
        private Mapper mapper = Mapper.JDK;
        private @Nullable Storage storage;

        private Builder() {}

        /** Whether a missing store is created; default true. */
        public Builder createIfMissing(boolean value) {
            createIfMissing = value;
            return this;
        }

        /**
         * Whether a store that lacks features of this version gets them when it is opened, docs/format/features.md; default false: such
         * a store is refused. It must have been closed or repaired. Older versions do not open it any more.
         */
        public Builder upgrade(boolean value) {
            upgrade = value;
            return this;
        }

        /** Durability of writes that name none; default {@link Durability#PROCESS}. */
        public Builder durability(Durability value) {
            durability = java.util.Objects.requireNonNull(value, "durability");
            return this;
        }

        /**
         * How often the log is synced in the background, in milliseconds; default 1,000, 0 for never. Has no effect without
         * maintenance threads.
         */
        public Builder syncIntervalMillis(long value) {
            syncIntervalMillis = range("syncIntervalMillis", value, 0, Long.MAX_VALUE / 1_000_000);
            return this;
        }

        /**
         * Memory of all memtables together; default 128 MiB, or a quarter of the maximum heap where that is less, at least 8 MiB.
         * Writers are slowed near it and stopped at it.
         */
        public Builder memtableBytesMax(long value) {
            memtableBytesMax = range("memtableBytesMax", value, 4 << 10, 1L << 40);
            return this;
        }

        /**
         * Size at which one segment's memtable is flushed; default a quarter of {@link #memtableBytesMax}, at most the
         * {@link #segmentBytesMax} of its index. Above {@link #memtableBytesMax} it counts as that.
         */
        public Builder segmentMemtableBytesMax(long value) {
            segmentMemtableBytesMax = range("segmentMemtableBytesMax", value, SEGMENT_MEMTABLE_BYTES_MIN, 1L << 30);
            return this;
        }

        /**
         * Size above which a segment of a new index is split; default 64 MiB; above 1 GiB only with {@link Mapper#CHRONICLE}. As the
         * other {@link StoreOptions#indexOptions}, it changes nothing in an index that is there.
         */
        public Builder segmentBytesMax(long value) {
            segmentBytesMax = range("segmentBytesMax", value, 1 << 10, 1L << 40);
            return this;
        }

        /** Number of entries above which a segment of a new index is split, all versions counted; no limit by default. */
        public Builder segmentEntriesMax(long value) {
            segmentEntriesMax = range("segmentEntriesMax", value, 2, Long.MAX_VALUE / 8);
            return this;
        }

        /** Segments of one index that are kept open; default 1,000. */
        public Builder openSegmentsMax(int value) {
            openSegmentsMax = (int) range("openSegmentsMax", value, 1, 10_000);
            return this;
        }

        /** Size of a block of a run before compression, for new indexes; default 4 KiB. */
        public Builder blockBytes(int value) {
            blockBytes = (int) range("blockBytes", value, 64, 32 << 10);
            return this;
        }

        /** Compression of the runs of new indexes; default none. */
        public Builder compression(Compression value) {
            compression = java.util.Objects.requireNonNull(value, "compression");
            return this;
        }

        /** What the runs of new indexes carry for point lookups; default a point index, with LZ4 a bloom filter. */
        public Builder filter(FilterKind value) {
            filter = java.util.Objects.requireNonNull(value, "filter");
            return this;
        }

        /** Delta runs of a segment at which they are merged with each other; default 4. */
        public Builder deltasMax(int value) {
            deltasMax = (int) range("deltasMax", value, 1, 1_000);
            return this;
        }

        /** Deltas are merged into the main run when they reach this share of its size; default 0.75. */
        public Builder mainShare(double value) {
            if (!(value > 0 && value <= 1)) {
                throw new IllegalArgumentException("mainShare: expected above 0 to 1, found " + value);
            }
            mainShare = value;
            return this;
        }

        /** Size of one log file; default 32 MiB. */
        public Builder logFileBytes(int value) {
            logFileBytes = (int) range("logFileBytes", value, 4 << 10, 1 << 30);
            if (value % Long.BYTES != 0) {
                throw new IllegalArgumentException("logFileBytes: expected a multiple of 8, found " + value);
            }
            return this;
        }

        /** Size of the whole log at which the oldest memtable is flushed; default 256 MiB, at least {@link #logFileBytes}. */
        public Builder logBytesMax(long value) {
            logBytesMax = range("logBytesMax", value, 8 << 10, 1L << 40);
            return this;
        }

        /**
         * Threads for flush, compaction, split and merge; default half the cores, 2 to 4. With 0 the writing threads do that
         * work themselves before a write returns.
         */
        public Builder maintenanceThreads(int value) {
            maintenanceThreads = (int) range("maintenanceThreads", value, 0, 64);
            return this;
        }

        /** Longest value; default 64 MiB, at most 1 GiB and a quarter of what memtables may take. */
        public Builder valueBytesMax(int value) {
            valueBytesMax = (int) range("valueBytesMax", value, 0, 1 << 30);
            return this;
        }

        /** Longest time a call waits for memory or for a busy segment, in milliseconds; default 60,000. */
        public Builder waitMillisMax(long value) {
            waitMillisMax = range("waitMillisMax", value, 1, Long.MAX_VALUE / 1_000_000);
            return this;
        }

        /**
         * Size of the pieces in which memtables take memory, the first few of each being smaller; a power of two, default a
         * 1,024th of {@link #memtableBytesMax}, at most 64 KiB.
         */
        public Builder memtableChunkBytes(int value) {
            chunkBytes = (int) range("memtableChunkBytes", value, 512, 16 << 20);
            if (Integer.bitCount(value) != 1) {
                throw new IllegalArgumentException("memtableChunkBytes: expected a power of two, found " + value);
            }
            return this;
        }

        /** What is done about handles that become unreachable without a close; default {@link LeakDetection#SIMPLE}. */
        public Builder leakDetection(LeakDetection value) {
            leakDetection = java.util.Objects.requireNonNull(value, "leakDetection");
            return this;
        }

        /**
         * Memory of memtables and maintenance threads that the store shares with others, instead of those that {@link
         * #memtableBytesMax} and {@link #maintenanceThreads} say; by default it has its own. The caller closes it after the stores.
         */
        public Builder runtime(@Nullable StoreRuntime value) {
            runtime = value;
            return this;
        }

        /** What the store may hold of files and mappings; default {@link StoreLimits#none}. */
        public Builder limits(StoreLimits value) {
            limits = java.util.Objects.requireNonNull(value, "limits");
            return this;
        }

        /**
         * How long an operation takes at least that a flight recording shows as {@code io.cleave.SlowOperation}, in milliseconds;
         * default 10. Nothing but that event depends on it.
         */
        public Builder slowOperationMillis(long value) {
            slowOperationMillis = range("slowOperationMillis", value, 0, Long.MAX_VALUE / 1_000_000);
            return this;
        }

        /** Who is told what happens inside the store; default null, nobody. The store does not close it. */
        public Builder listener(@Nullable StoreListener value) {
            listener = value;
            return this;
        }

        /**
         * What maps run files; default {@link Mapper#JDK}. {@link Mapper#CHRONICLE} lifts the limit of 2 GiB a run and needs
         * JVM flags.
         */
        public Builder mapper(Mapper value) {
            mapper = java.util.Objects.requireNonNull(value, "mapper");
            return this;
        }

        /** Another outside world than the machine's, for tests. The store does not close it. */
        public Builder storage(@Nullable Storage value) {
            storage = value;
            return this;
        }

        /** The options as they are now. */
        public StoreOptions build() {
            StoreOptions built = new StoreOptions(copy());
            range("segmentBytesMax with mapper " + mapper, segmentBytesMax, 1 << 10, built.segmentBytesMost());
            if (logBytesMax < logFileBytes) {
                throw new IllegalArgumentException(
                        "logBytesMax: expected at least logFileBytes, " + logFileBytes + ", found " + logBytesMax);
            }
            return built;
        }

        private Builder copy() {
            try {
                // Every value is immutable or shared.
                return (Builder) clone();
            } catch (CloneNotSupportedException e) {
                throw new AssertionError(e);
            }
        }

        private static long range(String name, long value, long least, long most) {
            if (value < least || value > most) {
                throw new IllegalArgumentException(name + ": expected " + least + " to " + most + ", found " + value);
            }
            return value;
        }
    }
}
