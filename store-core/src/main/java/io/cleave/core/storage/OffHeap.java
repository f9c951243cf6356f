package io.cleave.core.storage;

import io.cleave.error.StoreException;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;

/**
 * Bytes outside the heap that are given back at once, not when the collector finds them. Thread-safe, stateless.
 *
 * <p>Up to Java 21 through {@code Unsafe.invokeCleaner}; an access after the release kills the process. From Java 22 on, where
 * that call is on its way out, through a shared {@code Arena}; an access after the release is an {@link
 * IllegalStateException}. Both are reached by name: the class files are for Java 17, and naming {@code sun.misc} in the source
 * would make the compiler warn.
 */
abstract class OffHeap {
    private static final int FIRST_WITH_ARENA = 22;

    /** What this JVM offers; chosen once. */
    static final OffHeap THIS_JVM = Runtime.version().feature() >= FIRST_WITH_ARENA ? new ByArena() : new ByCleaner();

    /**
     * Most bytes {@link #allocate} may have out at a time. The memory of an arena is outside of {@code
     * -XX:MaxDirectMemorySize}, and nothing but the system's killer would stop it; so the default of that flag, the size of the
     * heap, is taken there. Elsewhere the JVM keeps its limit itself.
     */
    static long memoryBytesMaxDefault() {
        return THIS_JVM instanceof ByArena ? Runtime.getRuntime().maxMemory() : Long.MAX_VALUE;
    }

    /**
     * Off-heap bytes.
     *
     * @param bytes the bytes; no view of them may be used after the release
     * @param release gives them back; to be run once
     */
    record Block(ByteBuffer bytes, Runnable release) {}

    /**
     * Maps the first {@code length} bytes of a file.
     *
     * @throws IOException also when there is no room for a mapping; its cause is an {@link OutOfMemoryError} then
     */
    abstract Block map(FileChannel channel, MapMode mode, long length) throws IOException;

    /**
     * Zeroed memory.
     *
     * @throws StoreException.LimitReached when there is none left
     */
    abstract Block allocate(int length);

    private static IllegalStateException unexpected(Throwable e) {
        return new IllegalStateException("this JVM does not release off-heap memory: " + e, e);
    }

    /** Java 17 to 21. */
    private static final class ByCleaner extends OffHeap {
        private final MethodHandle invokeCleaner;
        /** The last refusal, or null when there was memory since. */
        private volatile DirectMemoryRefusal refusal;

        ByCleaner() {
            try {
                Class<?> unsafeClass = Class.forName("sun.misc.Unsafe");
                Field field = unsafeClass.getDeclaredField("theUnsafe");
                field.setAccessible(true);
                invokeCleaner = MethodHandles.publicLookup()
                        .findVirtual(unsafeClass, "invokeCleaner", MethodType.methodType(void.class, ByteBuffer.class))
                        .bindTo(field.get(null));
            } catch (ReflectiveOperationException e) {
                throw unexpected(e);
            }
        }

        @Override
        Block map(FileChannel channel, MapMode mode, long length) throws IOException {
            return block(channel.map(mode, 0, length));
        }

        @Override
        Block allocate(int length) {
            DirectMemoryRefusal last = refusal;
            if (last != null && last.stands(length)) {
                throw Failures.ofMemory(length, last.cause());
            }
            try {
                Block block = block(ByteBuffer.allocateDirect(length));
                if (last != null) {
                    refusal = null;
                }
                return block;
            } catch (OutOfMemoryError e) {
                refusal = DirectMemoryRefusal.of(length, e);
                throw Failures.ofMemory(length, e);
            }
        }

        private Block block(ByteBuffer bytes) {
            return new Block(bytes, () -> release(bytes));
        }

        private void release(ByteBuffer bytes) {
            try {
                invokeCleaner.invokeExact(bytes);
            } catch (Throwable e) {
                throw unexpected(e);
            }
        }
    }

    /** Java 22 and later. */
    private static final class ByArena extends OffHeap {
        private static final long ALIGNMENT = Long.BYTES;

        private final MethodHandle open;
        private final MethodHandle map;
        private final MethodHandle allocate;
        private final MethodHandle asByteBuffer;

        ByArena() {
            try {
                MethodHandles.Lookup lookup = MethodHandles.publicLookup();
                Class<?> arena = Class.forName("java.lang.foreign.Arena");
                Class<?> segment = Class.forName("java.lang.foreign.MemorySegment");
                open = lookup.findStatic(arena, "ofShared", MethodType.methodType(arena))
                        .asType(MethodType.methodType(AutoCloseable.class));
                map = lookup.findVirtual(
                                FileChannel.class,
                                "map",
                                MethodType.methodType(segment, MapMode.class, long.class, long.class, arena))
                        .asType(MethodType.methodType(
                                Object.class,
                                FileChannel.class,
                                MapMode.class,
                                long.class,
                                long.class,
                                AutoCloseable.class));
                allocate = lookup.findVirtual(arena, "allocate", MethodType.methodType(segment, long.class, long.class))
                        .asType(MethodType.methodType(Object.class, AutoCloseable.class, long.class, long.class));
                asByteBuffer = lookup.findVirtual(segment, "asByteBuffer", MethodType.methodType(ByteBuffer.class))
                        .asType(MethodType.methodType(ByteBuffer.class, Object.class));
            } catch (ReflectiveOperationException e) {
                throw unexpected(e);
            }
        }

        @Override
        Block map(FileChannel channel, MapMode mode, long length) throws IOException {
            AutoCloseable arena = arena();
            try {
                Object segment = (Object) map.invokeExact(channel, mode, 0L, length, arena);
                return block(segment, arena);
            } catch (IOException | RuntimeException | Error e) {
                close(arena);
                throw e;
            } catch (Throwable e) {
                close(arena);
                throw unexpected(e);
            }
        }

        @Override
        Block allocate(int length) {
            AutoCloseable arena = arena();
            try {
                Object segment = (Object) allocate.invokeExact(arena, (long) length, ALIGNMENT);
                return block(segment, arena);
            } catch (OutOfMemoryError e) {
                close(arena);
                throw Failures.ofMemory(length, e);
            } catch (RuntimeException | Error e) {
                close(arena);
                throw e;
            } catch (Throwable e) {
                close(arena);
                throw unexpected(e);
            }
        }

        private AutoCloseable arena() {
            try {
                return (AutoCloseable) open.invokeExact();
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw unexpected(e);
            }
        }

        private Block block(Object segment, AutoCloseable arena) throws Throwable {
            ByteBuffer bytes = (ByteBuffer) asByteBuffer.invokeExact(segment);
            return new Block(bytes, () -> close(arena));
        }

        private static void close(AutoCloseable arena) {
            try {
                arena.close();
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Exception e) {
                throw unexpected(e);
            }
        }
    }
}
