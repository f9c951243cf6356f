package io.cleave.core.storage;

import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/**
 * A {@link StorageFile} that gathers small appends on the heap and hands them on in pieces of up to {@value #BUFFER_BYTES}
 * bytes: when the buffer is full, and before a read, a size, a force and a close. What is in the buffer dies with the
 * process.
 *
 * <p>After a failed write or force the file is broken: what its tail holds is unknown, so every later call but {@link #close}
 * throws {@link StoreException.Io} with the first failure as cause, and close writes nothing more.
 *
 * <p>Not thread-safe. The opener owns it.
 */
abstract class AppendFile implements StorageFile {
    /** Most bytes that wait on the heap. */
    static final int BUFFER_BYTES = 64 * 1024;

    private static final int BUFFER_BYTES_FIRST = 4 * 1024;
    private static final byte[] EMPTY = {};

    private final Path path;
    private final boolean writable;
    private byte[] buffer = EMPTY;
    private int buffered;
    private long written;
    private RuntimeException failure;
    private boolean closed;

    /** @param writable false for a file that was opened for reading */
    AppendFile(Path path, boolean writable) {
        this.path = path;
        this.writable = writable;
    }

    /** Writes all bytes at {@code position} or throws. */
    abstract void writeAt(long position, byte[] source, int from, int length);

    /** Reads until {@code length} bytes or the end of the file. */
    abstract int readAt(long position, byte[] target, int at, int length);

    /** Length of what has been handed on. */
    abstract long sizeNow();

    /** Makes what has been handed on durable. */
    abstract void forceNow();

    /** Gives the file back; called once. */
    abstract void release();

    final Path path() {
        return path;
    }

    @Override
    public final void append(byte[] source, int from, int length) {
        Objects.checkFromIndexSize(from, length, source.length);
        requireUsable();
        if (!writable) {
            throw new IllegalStateException(path + " is open for reading only");
        }
        if (length > BUFFER_BYTES - buffered) {
            flush();
        }
        if (length >= BUFFER_BYTES) {
            handOn(source, from, length);
            return;
        }
        growBuffer(buffered + length);
        System.arraycopy(source, from, buffer, buffered, length);
        buffered += length;
    }

    @Override
    public final int read(long offset, byte[] target, int at, int length) {
        Objects.checkFromIndexSize(at, length, target.length);
        if (offset < 0) {
            throw new IndexOutOfBoundsException("offset " + offset);
        }
        requireUsable();
        flush();
        return length == 0 ? 0 : readAt(offset, target, at, length);
    }

    @Override
    public final long size() {
        requireUsable();
        flush();
        return sizeNow();
    }

    @Override
    public final void force() {
        requireUsable();
        flush();
        try {
            forceNow();
        } catch (RuntimeException e) {
            failure = e;
            throw e;
        }
    }

    @Override
    public final void close() {
        if (closed) {
            return;
        }
        closed = true;
        Throwable first = null;
        try {
            if (failure == null) {
                flush();
            }
        } catch (Throwable e) {
            first = e;
            throw e;
        } finally {
            buffer = EMPTY;
            releaseAfter(first);
        }
    }

    private void releaseAfter(Throwable first) {
        try {
            release();
        } catch (RuntimeException e) {
            if (first == null) {
                throw e;
            }
            first.addSuppressed(e);
        }
    }

    private void flush() {
        if (buffered > 0) {
            handOn(buffer, 0, buffered);
            buffered = 0;
        }
    }

    private void handOn(byte[] source, int from, int length) {
        try {
            writeAt(written, source, from, length);
        } catch (RuntimeException e) {
            failure = e;
            throw e;
        }
        written += length;
    }

    private void growBuffer(int needed) {
        if (needed > buffer.length) {
            int doubled = Math.max(BUFFER_BYTES_FIRST, buffer.length * 2);
            buffer = Arrays.copyOf(buffer, Math.min(BUFFER_BYTES, Math.max(doubled, needed)));
        }
    }

    private void requireUsable() {
        if (closed) {
            throw new StoreClosedException(path + " is closed");
        }
        if (failure != null) {
            throw new StoreException.Io(path + ": an earlier write or sync of this open file failed", failure);
        }
    }
}
