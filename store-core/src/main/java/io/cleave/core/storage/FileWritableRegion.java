package io.cleave.core.storage;

import io.cleave.error.StoreClosedException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A file written in place by system calls, for file systems on which a store into a mapping may find no room although the
 * bytes were written before: those that copy on write.
 *
 * <p>One writer at a time; forces from any thread. Unlike a put into a mapping, a put here can fail.
 */
final class FileWritableRegion implements WritableRegion {
    private final Path path;
    private final RandomAccessFile file;
    private final long length;
    private final Ledger ledger;
    /** Shared by writes and forces, exclusive for the close: the number of a closed file may be another file's at once. */
    private final ReentrantReadWriteLock closing = new ReentrantReadWriteLock();

    private final byte[] word = new byte[Integer.BYTES];
    private boolean closed;

    /** Takes over {@code file}, of which {@code length} bytes are there. */
    FileWritableRegion(Path path, RandomAccessFile file, long length, Ledger ledger) {
        this.path = path;
        this.file = file;
        this.length = length;
        this.ledger = ledger;
        ledger.files.incrementAndGet();
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public void put(long offset, byte[] source, int from, int count) {
        Objects.checkFromIndexSize(offset, count, length);
        closing.readLock().lock();
        try {
            requireOpen();
            file.seek(offset);
            file.write(source, from, count);
        } catch (IOException e) {
            throw Failures.of("writing " + count + " bytes at " + offset, path, e);
        } finally {
            closing.readLock().unlock();
        }
        ledger.bytesWritten.add(count);
    }

    @Override
    public void putIntRelease(long offset, int value) {
        if ((offset & (Integer.BYTES - 1)) != 0) {
            throw new IllegalArgumentException("offset " + offset + " is not a multiple of 4");
        }
        for (int i = 0; i < Integer.BYTES; i++) {
            word[i] = (byte) (value >>> (Byte.SIZE * i));
        }
        put(offset, word, 0, Integer.BYTES);
    }

    @Override
    public void force(long offset, long count) {
        Objects.checkFromIndexSize(offset, count, length);
        closing.readLock().lock();
        try {
            requireOpen();
            ledger.syncs.increment();
            file.getFD().sync();
        } catch (IOException e) {
            throw Failures.ofForce(path, e);
        } finally {
            closing.readLock().unlock();
        }
    }

    @Override
    public void close() {
        closing.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                ledger.files.decrementAndGet();
                file.close();
            }
        } catch (IOException e) {
            throw Failures.of("closing", path, e);
        } finally {
            closing.writeLock().unlock();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new StoreClosedException(path + " is closed");
        }
    }
}
