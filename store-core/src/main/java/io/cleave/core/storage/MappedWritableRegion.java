package io.cleave.core.storage;

import io.cleave.error.StoreClosedException;
import io.cleave.error.StoreException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A file written in place through a mapping. Its bytes must have been written once before: a store into a hole of a full
 * disk is lost without a word.
 *
 * <p>A store into a page that the file system refuses, because the device is gone, is lost, and the JVM's error for it comes
 * later: on Java 17 anywhere, also in the middle of giving a lock back. So each store is read back, and the error raised in
 * here.
 *
 * <p>One writer at a time; forces from any thread, also during a close. A put after the close throws; a put <em>during</em>
 * the close is the caller's bug and may end the process on Java 17.
 */
final class MappedWritableRegion implements WritableRegion {
    private static final int PAGE_BYTES = 4096;

    private static final VarHandle INTS = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final Path path;
    private final int length;
    private final Ledger ledger;
    private final Runnable release;
    /** Held shared by a force, exclusively by the close: the address must not be handed out again in between. */
    private final ReentrantReadWriteLock closing = new ReentrantReadWriteLock();

    /** Null when closed. */
    private MappedByteBuffer bytes;

    /**
     * @param block a writable mapping, counted in the ledger already
     * @param ledger counts the end of the mapping
     */
    MappedWritableRegion(Path path, OffHeap.Block block, Ledger ledger) {
        this.path = path;
        this.bytes = (MappedByteBuffer) block.bytes();
        this.length = bytes.capacity();
        this.release = block.release();
        this.ledger = ledger;
    }

    /** Stores the zero that each page holds already, so that no later store has to wait for the kernel to map a page. */
    MappedWritableRegion touched() {
        for (int at = 0; at < length; at += PAGE_BYTES) {
            bytes.put(at, (byte) 0);
        }
        return this;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public void put(long offset, byte[] source, int from, int count) {
        // A bulk put checks its own bounds; the conversion to int must not wrap before that.
        int at = Math.toIntExact(offset);
        MappedByteBuffer current = bytes();
        try {
            current.put(at, source, from, count);
            for (int end = at + count; end > at; end = end - 1 & -PAGE_BYTES) {
                requireStored(current, at, end, source, from);
            }
        } catch (InternalError e) {
            throw lost(offset, e);
        }
        ledger.bytesWritten.add(count);
    }

    @Override
    public void putIntRelease(long offset, int value) {
        if ((offset & (Integer.BYTES - 1)) != 0) {
            throw new IllegalArgumentException("offset " + offset + " is not a multiple of 4");
        }
        int at = Math.toIntExact(offset);
        MappedByteBuffer current = bytes();
        try {
            INTS.setRelease((ByteBuffer) current, at, value);
            if (!holds(current, at, value)) {
                raiseLateError();
                throw lost(offset, null);
            }
        } catch (InternalError e) {
            throw lost(offset, e);
        }
        ledger.bytesWritten.add(Integer.BYTES);
    }

    @Override
    public void force(long offset, long count) {
        Objects.checkFromIndexSize(offset, count, length);
        closing.readLock().lock();
        try {
            MappedByteBuffer current = bytes();
            ledger.syncs.increment();
            current.force((int) offset, (int) count);
        } catch (UncheckedIOException e) {
            throw Failures.ofForce(path, e.getCause());
        } finally {
            closing.readLock().unlock();
        }
    }

    @Override
    public void close() {
        closing.writeLock().lock();
        try {
            if (bytes != null) {
                bytes = null;
                ledger.removeMapping(length);
                release.run();
            }
        } finally {
            closing.writeLock().unlock();
        }
    }

    /** Looks at the last byte that is not zero of what was put below {@code end} into its page. */
    private void requireStored(MappedByteBuffer current, int at, int end, byte[] source, int from) {
        int first = Math.max(at, end - 1 & -PAGE_BYTES);
        int last = end - 1;
        while (last > first && source[from + last - at] == 0) {
            last--;
        }
        if (current.get(last) != source[from + last - at]) {
            raiseLateError();
            throw lost(last, null);
        }
    }

    /** Byte by byte: an int that was just stored as an int is not read at all by compiled code. */
    private static boolean holds(MappedByteBuffer current, int at, int value) {
        return current.get(at) == (byte) value
                && current.get(at + 1) == (byte) (value >>> 8)
                && current.get(at + 2) == (byte) (value >>> 16)
                && current.get(at + 3) == (byte) (value >>> 24);
    }

    /**
     * Has the JVM raise the error that it has kept for later, if it has: it does so when it stops a thread that is at a poll of
     * its own, which every turn of a loop is. Another thread has it stop all by asking for their stacks.
     */
    private static void raiseLateError() {
        AtomicBoolean stopped = new AtomicBoolean();
        Thread stopping = new Thread(
                () -> {
                    try {
                        Thread.getAllStackTraces();
                    } finally {
                        stopped.set(true);
                    }
                },
                "cleave-lost-store");
        stopping.setDaemon(true);
        stopping.start();
        while (!stopped.get()) {
            Thread.onSpinWait();
        }
    }

    private StoreException lost(long offset, InternalError cause) {
        return new StoreException.Io(path + ": offset " + offset + ": a store into the mapping was lost", cause);
    }

    private MappedByteBuffer bytes() {
        MappedByteBuffer current = bytes;
        if (current == null) {
            throw new StoreClosedException(path + " is closed");
        }
        return current;
    }
}
