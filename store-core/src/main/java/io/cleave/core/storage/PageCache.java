package io.cleave.core.storage;

import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Whether the page cache can hold what this process has mapped, and since when a page may have left it (ADR 0022).
 *
 * <p>Touching a mapped page that is not in memory makes the kernel read everything around it too, {@code read_ahead_kb} of the
 * device. That is right as long as there is room for all: a store is warm soon. Once there is not, each such page pushes out
 * dozens of others, so pages that may be missing are read one by one before they are touched ({@link Region#warm}).
 *
 * <p>Readers mark each page they have touched with {@link #mark}; a page with another mark may have gone. The marks of all pages
 * grow old at once, by {@link #tick}: every {@value #PERIOD_SECONDS_MIN} seconds while reads find pages missing, ever more
 * rarely while they don't. Without scarcity they never do.
 *
 * <p>One for the process. Thread-safe: the mark is read without order, and an old one costs a read of what is there.
 */
public final class PageCache {
    static final int PERIOD_SECONDS_MIN = 2;
    static final int PERIOD_SECONDS_MAX = 64;

    /** Mapped bytes above this part of the machine's or the container's memory make it scarce. */
    private static final int MEMORY_PARTS = 2;

    /** So much is never too much; nobody asks then. */
    private static final long MAPPED_BYTES_FEW = 64 << 20;

    /** Reads of pages are slow when more than one in so many had to wait for the device. */
    private static final int SLOW_PARTS = 64;

    /** What is there already is read within this time. */
    private static final long SLOW_NANOS = 20_000;

    private static final AtomicLong MAPPED_BYTES = new AtomicLong();
    private static final LongAdder READS = new LongAdder();
    private static final LongAdder SLOW_READS = new LongAdder();

    /** Never 0, which marks what was never looked at. */
    private static byte mark = 1;

    private static volatile boolean scarce;
    private static long periodNanos;
    private static long lastTick;

    private PageCache() {}

    /** What pages are marked with that are touched now; not 0. */
    public static byte mark() {
        return mark;
    }

    /**
     * Looks whether memory is scarce and makes marks grow old when it is time; cheap in between. To be called about once a
     * second, by background threads.
     *
     * @param nanos {@link Storage#nanoTime}
     */
    public static void tick(long nanos) {
        tick(nanos, memoryBytes());
    }

    /** The same with that much memory in the machine. */
    static synchronized void tick(long nanos, long memoryBytes) {
        boolean before = scarce;
        scarce = MAPPED_BYTES.get() > memoryBytes / MEMORY_PARTS;
        if (!scarce) {
            return;
        }
        boolean first = !before;
        if (first || nanos - lastTick >= periodNanos) {
            long slow = SLOW_READS.sumThenReset();
            boolean missing = SLOW_PARTS * slow > READS.sumThenReset();
            periodNanos = first || missing
                    ? TimeUnit.SECONDS.toNanos(PERIOD_SECONDS_MIN)
                    : Math.min(2 * periodNanos, TimeUnit.SECONDS.toNanos(PERIOD_SECONDS_MAX));
            lastTick = nanos;
            mark = mark == Byte.MAX_VALUE ? 1 : (byte) (mark + 1);
        }
    }

    /** Whether more is mapped than memory can be expected to hold. */
    public static boolean isScarce() {
        return scarce;
    }

    /** Pages or short ranges that were read before they were touched, since the last change of marks. */
    static long reads() {
        return READS.sum();
    }

    static void addMapped(long bytes) {
        MAPPED_BYTES.addAndGet(bytes);
    }

    static void countRead(long nanos) {
        READS.increment();
        if (nanos > SLOW_NANOS) {
            SLOW_READS.increment();
        }
    }

    private static long memoryBytes() {
        return MAPPED_BYTES.get() < MAPPED_BYTES_FEW ? Long.MAX_VALUE : Memory.BYTES;
    }

    /** Asked once, by a thread that has time: loading the bean takes tens of milliseconds. */
    private static final class Memory {
        private static final long BYTES = ask();

        /** The container's limit if there is one, else what the machine has; no limit where the JVM doesn't know. */
        private static long ask() {
            try {
                return ManagementFactory.getOperatingSystemMXBean()
                                instanceof com.sun.management.OperatingSystemMXBean bean
                        ? bean.getTotalMemorySize()
                        : Long.MAX_VALUE;
            } catch (LinkageError e) {
                // A runtime image without jdk.management.
                return Long.MAX_VALUE;
            }
        }
    }
}
