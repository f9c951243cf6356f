package io.cleave.core.storage;

import io.cleave.error.StoreException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import net.openhft.chronicle.bytes.MappedBytesStore;
import net.openhft.chronicle.bytes.MappedFile;
import net.openhft.chronicle.core.io.BackgroundResourceReleaser;
import net.openhft.chronicle.core.io.IORuntimeException;
import net.openhft.chronicle.core.io.ReferenceOwner;

/**
 * A whole file in one read-only mapping of Chronicle Bytes: no limit of 2 GiB. Loaded only when {@link Mapper#CHRONICLE} was
 * asked for; needs the library on the class path and the flags that {@link Mapper} names.
 *
 * <p>Ownership and thread-safety as {@link Region} says. The library's own reference count is held once, from open to close.
 */
final class ChronicleRegion extends Region {
    private final MappedFile file;
    private final MappedBytesStore bytes;
    private final ReferenceOwner owner;
    private final long length;
    private final Runnable onClose;
    private final AtomicBoolean closed = new AtomicBoolean();

    private ChronicleRegion(
            MappedFile file, MappedBytesStore bytes, ReferenceOwner owner, long length, Runnable onClose) {
        this.file = file;
        this.bytes = bytes;
        this.owner = owner;
        this.length = length;
        this.onClose = onClose;
    }

    /**
     * Maps a file.
     *
     * @param path an existing regular file of {@code length} bytes, not empty
     * @param onClose run once after the file was unmapped
     */
    static Region map(Path path, long length, Runnable onClose) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        // The library looks for parts of itself there when it is loaded; our own threads have none.
        thread.setContextClassLoader(ChronicleRegion.class.getClassLoader());
        try {
            return mapHere(path, length, onClose);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static Region mapHere(Path path, long length, Runnable onClose) {
        MappedFile file = null;
        try {
            file = MappedFile.readOnly(path.toFile());
            ReferenceOwner owner = ReferenceOwner.temporary("cleave");
            MappedBytesStore bytes = file.acquireByteStore(owner, 0);
            if (bytes.capacity() < length) {
                bytes.release(owner);
                file.releaseLast();
                throw new StoreException.Corrupt(path, 0, "mapped bytes", length, bytes.capacity());
            }
            return new ChronicleRegion(file, bytes, owner, length, onClose);
        } catch (FileNotFoundException e) {
            throw new StoreException.NotFound(path + " does not exist");
        } catch (IOException | IORuntimeException | IllegalStateException e) {
            if (file != null) {
                file.releaseLast();
            }
            throw new StoreException.Io("mapping " + path + " with Chronicle Bytes", e);
        }
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public byte getByte(long offset) {
        return bytes.readByte(offset);
    }

    @Override
    public int getUnsignedShort(long offset) {
        return bytes.readShort(offset) & 0xFFFF;
    }

    @Override
    public int getInt(long offset) {
        return bytes.readInt(offset);
    }

    @Override
    public long getLong(long offset) {
        return bytes.readLong(offset);
    }

    @Override
    public void copyTo(long offset, byte[] target, int at, int count) {
        long read = bytes.read(offset, target, at, count);
        if (read != count) {
            throw new IndexOutOfBoundsException("offset " + offset + " with " + count + " bytes of " + length);
        }
    }

    @Override
    public void copyShort(long offset, byte[] target, int count) {
        copyTo(offset, target, 0, count);
    }

    @Override
    public int compare(long offset, int count, byte[] key, int keyLength) {
        int common = Math.min(count, keyLength);
        for (int at = 0; at < common; at++) {
            int difference = (getByte(offset + at) & 0xFF) - (key[at] & 0xFF);
            if (difference != 0) {
                return difference;
            }
        }
        return count - keyLength;
    }

    @Override
    public boolean equal(long offset, byte[] key, int count) {
        return compare(offset, count, key, count) == 0;
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            bytes.release(owner);
            file.releaseLast();
            // The library unmaps on a thread of its own; a closed region is unmapped, whoever was asked to do it.
            BackgroundResourceReleaser.releasePendingResources();
            onClose.run();
        }
    }
}
