package io.cleave.core.storage;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Eight bytes of a heap array at once. Stateless, thread-safe. */
final class HeapBytes {
    private static final VarHandle BIG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LITTLE = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private HeapBytes() {}

    static long longBigEndian(byte[] bytes, int at) {
        return (long) BIG.get(bytes, at);
    }

    static long longLittleEndian(byte[] bytes, int at) {
        return (long) LITTLE.get(bytes, at);
    }

    static void putLongLittleEndian(byte[] bytes, int at, long value) {
        LITTLE.set(bytes, at, value);
    }
}
