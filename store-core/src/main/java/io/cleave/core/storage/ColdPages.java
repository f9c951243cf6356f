package io.cleave.core.storage;

import io.cleave.error.StoreException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Reads pages of a mapped file into the page cache, just those, before they are touched. A failure is no failure: the mapping
 * will bring the page, or its own error.
 *
 * <p>Ownership: the region's; keeps one descriptor open once it was used, until it is closed. Thread-safe; to be closed when no
 * reader is left.
 */
final class ColdPages {
    /** Longer ranges are read by touching them one after the other, as the kernel likes it. */
    private static final int BYTES_MAX = 64 << 10;

    private static final int PAGE_BYTES = 4 << 10;

    private final Path file;
    private final Ledger ledger;
    private final AtomicReference<RandomAccessFile> idle = new AtomicReference<>();

    ColdPages(Path file, Ledger ledger) {
        this.file = file;
        this.ledger = ledger;
    }

    /** Reads the pages that {@code length} bytes at {@code offset} lie in, unless there is room for all pages anyway. */
    void read(long offset, long length) {
        if (!PageCache.isScarce() || length > BYTES_MAX) {
            return;
        }
        long start = System.nanoTime();
        try {
            RandomAccessFile open = take();
            try {
                read(open, offset, (int) length);
            } finally {
                giveBack(open);
            }
        } catch (IOException | StoreException e) {
            // Deleted already, or no descriptor left.
            return;
        }
        PageCache.countRead(System.nanoTime() - start);
    }

    void close() {
        RandomAccessFile open = idle.getAndSet(null);
        if (open != null) {
            closeQuietly(open);
        }
    }

    private static void read(RandomAccessFile open, long offset, int length) throws IOException {
        open.seek(offset);
        if ((offset & (PAGE_BYTES - 1)) + length <= PAGE_BYTES) {
            open.read();
        } else {
            open.read(new byte[length]);
        }
    }

    private RandomAccessFile take() {
        RandomAccessFile open = idle.getAndSet(null);
        if (open == null) {
            ledger.requireFile();
            open = RegularFiles.open(file, "r");
            ledger.files.incrementAndGet();
        }
        return open;
    }

    private void giveBack(RandomAccessFile open) {
        if (!idle.compareAndSet(null, open)) {
            closeQuietly(open);
        }
    }

    private void closeQuietly(RandomAccessFile open) {
        ledger.files.decrementAndGet();
        RegularFiles.closeQuietly(open);
    }
}
