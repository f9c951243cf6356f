package io.cleave.core.storage;

import io.cleave.error.StoreException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/**
 * A file of the operating system, through {@link RandomAccessFile}: unlike a channel it does not mind interrupts, and it
 * leaves no direct buffer behind on the threads that use it. Its channel is never asked for.
 */
final class RealFile extends AppendFile {
    private final RandomAccessFile file;
    private final Ledger ledger;

    /** Takes over {@code file}. */
    RealFile(Path path, RandomAccessFile file, boolean writable, Ledger ledger) {
        super(path, writable);
        this.file = file;
        this.ledger = ledger;
        ledger.files.incrementAndGet();
    }

    @Override
    void writeAt(long position, byte[] source, int from, int length) {
        try {
            file.seek(position);
            file.write(source, from, length);
        } catch (IOException e) {
            throw Failures.of("writing " + length + " bytes at " + position, path(), e);
        }
        ledger.bytesWritten.add(length);
    }

    @Override
    int readAt(long position, byte[] target, int at, int length) {
        int done = 0;
        try {
            file.seek(position);
            while (done < length) {
                int count = file.read(target, at + done, length - done);
                if (count < 0) {
                    break;
                }
                done += count;
            }
        } catch (IOException e) {
            throw Failures.of("reading " + length + " bytes at " + position, path(), e);
        }
        return done;
    }

    @Override
    long sizeNow() {
        try {
            return file.length();
        } catch (IOException e) {
            throw Failures.of("asking for its length", path(), e);
        }
    }

    @Override
    void forceNow() {
        ledger.syncs.increment();
        try {
            file.getFD().sync();
        } catch (IOException e) {
            throw Failures.ofForce(path(), e);
        }
    }

    @Override
    void release() {
        ledger.files.decrementAndGet();
        try {
            file.close();
        } catch (IOException e) {
            throw new StoreException.Io(path() + ": closing failed: " + e.getMessage(), e);
        }
    }
}
