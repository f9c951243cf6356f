package io.cleave;

import io.cleave.core.storage.Region;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A storage whose files answer as the JVM does when a device is gone or has a bad block, from when they are told to: mapped ones, or
 * all of them. Thread-safe.
 */
final class UnreadableStorage {
    private final Storage storage;
    private final AtomicLong faults = new AtomicLong();
    /** How the names of unreadable files end; null while all can be read. */
    private volatile String unreadable;
    /** As {@link #unreadable}, for those that can't even be opened. */
    private volatile String unopenable;

    UnreadableStorage(Storage inner) {
        storage = (Storage) Proxy.newProxyInstance(
                UnreadableStorage.class.getClassLoader(),
                new Class<?>[] {Storage.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("readAll") || method.getName().equals("openForReading")) {
                        requireOpenable((Path) arguments[0]);
                    }
                    try {
                        Object result = method.invoke(inner, arguments);
                        return method.getReturnType() == Region.class
                                ? new Mapped((Path) arguments[0], (Region) result)
                                : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    Storage storage() {
        return storage;
    }

    /** From now on each read of mapped files whose names end so fails. */
    void failIn(String suffix) {
        unreadable = suffix;
    }

    /** From now on files whose names end so can neither be opened nor read, mapped or not. */
    void failEverywhereIn(String suffix) {
        unreadable = suffix;
        unopenable = suffix;
    }

    private void requireOpenable(Path path) {
        String suffix = unopenable;
        if (suffix != null && path.toString().endsWith(suffix)) {
            faults.incrementAndGet();
            throw new StoreException.Io(path + ": reading: Input/output error", null);
        }
    }

    /** From now on all can be read. */
    void heal() {
        unreadable = null;
        unopenable = null;
    }

    long faults() {
        return faults.get();
    }

    private final class Mapped extends Region {
        private final Path path;
        private final Region bytes;

        Mapped(Path path, Region bytes) {
            this.path = path;
            this.bytes = bytes;
        }

        private Region read() {
            String suffix = unreadable;
            if (suffix != null && path.toString().endsWith(suffix)) {
                faults.incrementAndGet();
                throw new InternalError("a fault occurred in an unsafe memory access operation");
            }
            return bytes;
        }

        @Override
        public long length() {
            return bytes.length();
        }

        @Override
        public byte getByte(long offset) {
            return read().getByte(offset);
        }

        @Override
        public int getUnsignedShort(long offset) {
            return read().getUnsignedShort(offset);
        }

        @Override
        public int getInt(long offset) {
            return read().getInt(offset);
        }

        @Override
        public long getLong(long offset) {
            return read().getLong(offset);
        }

        @Override
        public void copyTo(long offset, byte[] target, int at, int length) {
            read().copyTo(offset, target, at, length);
        }

        @Override
        public void copyShort(long offset, byte[] target, int length) {
            read().copyShort(offset, target, length);
        }

        @Override
        public int compare(long offset, int length, byte[] key, int keyLength) {
            return read().compare(offset, length, key, keyLength);
        }

        @Override
        public boolean equal(long offset, byte[] key, int length) {
            return read().equal(offset, key, length);
        }

        @Override
        public void close() {
            bytes.close();
        }
    }
}
