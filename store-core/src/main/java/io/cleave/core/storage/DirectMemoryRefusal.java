package io.cleave.core.storage;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/**
 * That the JVM had no direct memory left. It collects garbage and waits half a second before it says so, each time, and the caller
 * holds locks; so for a while who asks again for no less, while no more is free, is refused at once. Immutable.
 *
 * @param bytes that were asked for
 * @param taken direct memory of the process at that time, in bytes
 * @param nanos when, by {@link System#nanoTime}
 * @param cause what the JVM threw
 */
record DirectMemoryRefusal(long bytes, long taken, long nanos, OutOfMemoryError cause) {
    /** Then the JVM may look for garbage again. */
    private static final long STANDS_NANOS = TimeUnit.SECONDS.toNanos(1);

    static DirectMemoryRefusal of(long bytes, OutOfMemoryError cause) {
        return new DirectMemoryRefusal(bytes, takenNow(), System.nanoTime(), cause);
    }

    /** True when a request is as hopeless as this one was. */
    boolean stands(long wanted) {
        return System.nanoTime() - nanos < STANDS_NANOS && takenNow() + wanted >= taken + bytes;
    }

    private static long takenNow() {
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            if (pool.getName().equals("direct")) {
                return pool.getTotalCapacity();
            }
        }
        return Long.MAX_VALUE / 2;
    }
}
