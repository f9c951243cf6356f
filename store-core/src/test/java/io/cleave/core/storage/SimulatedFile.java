package io.cleave.core.storage;

import java.nio.file.Path;

/** An open file of a {@link SimulatedStorage}; its buffer on the heap dies with the process, as a real one's does. */
final class SimulatedFile extends AppendFile {
    private final SimulatedStorage storage;
    private final SimulatedBytes bytes;

    SimulatedFile(SimulatedStorage storage, Path path, SimulatedBytes bytes, boolean writable) {
        super(path, writable);
        this.storage = storage;
        this.bytes = bytes;
    }

    @Override
    void writeAt(long position, byte[] source, int from, int length) {
        storage.write("append", path(), bytes, position, source, from, length);
    }

    @Override
    int readAt(long position, byte[] target, int at, int length) {
        synchronized (storage) {
            storage.requireAlive();
            return bytes.read(position, target, at, length);
        }
    }

    @Override
    long sizeNow() {
        synchronized (storage) {
            storage.requireAlive();
            return bytes.length();
        }
    }

    @Override
    void forceNow() {
        synchronized (storage) {
            storage.operate("force", path(), null, 0, bytes.length());
            bytes.force();
            storage.ledger().syncs.increment();
        }
    }

    @Override
    void release() {
        synchronized (storage) {
            storage.requireAlive();
            storage.ledger().files.decrementAndGet();
            storage.dropHandle(bytes);
        }
    }
}
