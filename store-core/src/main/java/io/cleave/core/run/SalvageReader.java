package io.cleave.core.run;

import io.cleave.core.bytes.Checksum;
import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StorageFile;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Reads parts of a file of which some may be unreadable. Memory: what is asked for, and a window.
 *
 * <p>Owned and closed by its opener; belongs to one thread. A read that fails is told to a consumer, which may throw; if it does
 * not, that part of the file counts as not there.
 */
final class SalvageReader implements AutoCloseable {
    private static final int WINDOW_BYTES = 256 << 10;

    private final StorageFile file;
    private final Consumer<StoreException> unreadable;
    private final long length;
    private byte[] window = {};
    private long windowAt;
    private int windowLength;

    private SalvageReader(StorageFile file, Consumer<StoreException> unreadable) {
        this.file = file;
        this.unreadable = unreadable;
        this.length = file.size();
    }

    /** Null when the file can't be opened. */
    static SalvageReader open(Storage storage, Path path, Consumer<StoreException> unreadable) {
        try {
            return new SalvageReader(storage.openForReading(path), unreadable);
        } catch (StoreException.Io | StoreException.NotFound | StoreException.Corrupt e) {
            unreadable.accept(e);
            return null;
        }
    }

    /** Length of the file. */
    long length() {
        return length;
    }

    /** A copy of bytes; null when some of them are not there. */
    byte[] bytes(long offset, long count) {
        if (offset < 0 || count < 0 || count > Integer.MAX_VALUE - 8 || count > length - offset) {
            return null;
        }
        byte[] target = new byte[(int) count];
        return read(offset, target, target.length) == target.length ? target : null;
    }

    /** True when a part is there and the four bytes behind it are its {@link PieceChecksum}. */
    boolean holds(long seed, long offset, long count) {
        if (offset < 0 || count <= 0 || count > length - Integer.BYTES - offset) {
            return false;
        }
        int checksum = 0;
        for (long done = 0; done < count; done += PieceChecksum.PIECE_BYTES) {
            int piece = (int) Math.min(PieceChecksum.PIECE_BYTES, count - done);
            int at = load(offset + done, piece);
            if (at < 0 || windowLength - at < piece) {
                return false;
            }
            checksum = Checksum.at(seed + Integer.toUnsignedLong(checksum), offset + done, window, at, piece);
        }
        byte[] stored = bytes(offset + count, Integer.BYTES);
        return stored != null && LittleEndian.getInt(stored, 0) == checksum;
    }

    /**
     * Brings the bytes from an offset on into the window, at least {@code least} of them unless the file ends or can't be read
     * before. Returns where in {@link #window} the offset is, -1 when there is not even one byte.
     */
    int load(long offset, int least) {
        if (offset < 0 || offset >= length) {
            return -1;
        }
        long needed = Math.min(least, length - offset);
        if (offset < windowAt || offset + needed > windowAt + windowLength) {
            int room = (int) Math.min(Math.max(least, WINDOW_BYTES), length);
            if (window.length < room) {
                window = new byte[room];
            }
            windowAt = offset;
            windowLength = read(offset, window, (int) Math.min(window.length, length - offset));
        }
        return windowLength == 0 ? -1 : (int) (offset - windowAt);
    }

    /** The window; valid up to {@link #windowEnd} until the next load. */
    byte[] window() {
        return window;
    }

    /** How many bytes of the window are valid. */
    int windowEnd() {
        return windowLength;
    }

    private int read(long offset, byte[] target, int count) {
        int done = 0;
        try {
            while (done < count) {
                int read = file.read(offset + done, target, done, count - done);
                if (read <= 0) {
                    break;
                }
                done += read;
            }
        } catch (StoreException.Io e) {
            unreadable.accept(e);
        }
        return done;
    }

    @Override
    public void close() {
        file.close();
    }
}
