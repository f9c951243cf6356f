package io.cleave.core.storage;

import io.cleave.error.StoreClosedException;
import java.nio.file.Path;
import java.util.Objects;

/** A file of a {@link SimulatedStorage} that is written in place. Thread-safe. */
final class SimulatedRegion implements WritableRegion {
    private final SimulatedStorage storage;
    private final Path path;
    private final SimulatedBytes bytes;
    private final int length;
    private boolean closed;

    SimulatedRegion(SimulatedStorage storage, Path path, SimulatedBytes bytes) {
        this.storage = storage;
        this.path = path;
        this.bytes = bytes;
        this.length = bytes.length();
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public void put(long offset, byte[] source, int from, int count) {
        Objects.checkFromIndexSize(offset, count, length);
        Objects.checkFromIndexSize(from, count, source.length);
        synchronized (storage) {
            requireOpen();
            storage.write("put", path, bytes, offset, source, from, count);
        }
    }

    @Override
    public void putIntRelease(long offset, int value) {
        Objects.checkFromIndexSize(offset, Integer.BYTES, length);
        if ((offset & (Integer.BYTES - 1)) != 0) {
            throw new IllegalArgumentException("offset " + offset + " is not a multiple of 4");
        }
        synchronized (storage) {
            requireOpen();
            storage.operate("putInt", path, null, offset, Integer.BYTES);
            bytes.writeInt((int) offset, value);
            storage.ledger().bytesWritten.add(Integer.BYTES);
        }
    }

    @Override
    public void force(long offset, long count) {
        Objects.checkFromIndexSize(offset, count, length);
        synchronized (storage) {
            requireOpen();
            storage.operate("force", path, null, offset, count);
            bytes.force((int) offset, (int) count);
            storage.ledger().syncs.increment();
        }
    }

    @Override
    public void close() {
        synchronized (storage) {
            storage.requireAlive();
            if (!closed) {
                closed = true;
                storage.ledger().removeMapping(length);
                storage.dropHandle(bytes);
            }
        }
    }

    private void requireOpen() {
        storage.requireAlive();
        if (closed) {
            throw new StoreClosedException(path + " is closed");
        }
    }
}
