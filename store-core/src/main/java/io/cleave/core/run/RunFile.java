package io.cleave.core.run;

import io.cleave.core.storage.Region;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The mapped file of a run with its header, footer and properties, which are checked when it opens.
 *
 * <p>Ownership: belongs to its {@link Run}, which closes it when no reader can be left. Immutable and thread-safe.
 */
final class RunFile implements AutoCloseable {
    private static final AtomicLong NEXT_ID = new AtomicLong(1);

    private final Path path;
    private final Region region;
    private final RunHeader header;
    private final RunFooter footer;
    private final RunProperties properties;
    private final long seed;
    private final long id = NEXT_ID.getAndIncrement();

    private RunFile(Path path, Region region, RunHeader header, RunFooter footer) {
        this.path = path;
        this.region = region;
        this.header = header;
        this.footer = footer;
        this.seed = header.identity().seed();
        byte[] source = copy(region, footer.propertiesOffset(), (int) footer.propertiesLength());
        this.properties = RunPropertiesFormat.decode(path, header, footer, source);
    }

    /**
     * Checks a run that was mapped, and takes the mapping over, also when it throws.
     *
     * @param expected the run that the file must be; null takes it for what its header says
     */
    static RunFile open(Region region, Path path, RunIdentity expected) {
        try {
            long length = region.length();
            long lengthMin = RunHeaderFormat.LENGTH
                    + BlockFormat.BLOCK_BYTES_MIN
                    + RunPropertiesFormat.LENGTH_MIN
                    + RunFooterFormat.LENGTH;
            if (length < lengthMin) {
                throw new StoreException.Corrupt(path, length, "file length", "at least " + lengthMin, length);
            }
            RunHeader header = RunHeaderFormat.decode(path, copy(region, 0, RunHeaderFormat.LENGTH));
            if (expected != null && !expected.equals(header.identity())) {
                throw new StoreException.Corrupt(
                        path, RunHeaderFormat.INDEX_ID_OFFSET, "run identity", expected, header.identity());
            }
            long footerOffset = length - RunFooterFormat.LENGTH;
            byte[] source = copy(region, footerOffset, RunFooterFormat.LENGTH);
            RunFooter footer = RunFooterFormat.decode(path, header, source, length);
            return new RunFile(path, region, header, footer);
        } catch (Throwable failure) {
            region.close();
            throw failure;
        }
    }

    Path path() {
        return path;
    }

    Region region() {
        return region;
    }

    RunHeader header() {
        return header;
    }

    RunFooter footer() {
        return footer;
    }

    RunProperties properties() {
        return properties;
    }

    /** Seed of the file's checksums. */
    long seed() {
        return seed;
    }

    /** Number of this mapping, unique in the process: a key that keeps nothing alive. */
    long id() {
        return id;
    }

    /** File offset at which the data blocks end. */
    long dataEnd() {
        return footer.indexOffset();
    }

    StoreException.Corrupt corrupt(long offset, String what, Object expected, Object found) {
        return new StoreException.Corrupt(path, offset, what, expected, found);
    }

    /**
     * Throws {@code Corrupt} unless the checksum at {@code crcOffset} is that of the bytes from {@code offset} up to
     * it.
     */
    void checkPiece(long offset, long crcOffset, String what) {
        int expected = PieceChecksum.of(seed, region, offset, crcOffset - offset);
        int found = region.getInt(crcOffset);
        if (expected != found) {
            throw corrupt(
                    offset,
                    "checksum of " + what,
                    "0x" + Integer.toHexString(expected),
                    "0x" + Integer.toHexString(found));
        }
    }

    @Override
    public void close() {
        region.close();
    }

    private static byte[] copy(Region region, long offset, int length) {
        byte[] copy = new byte[length];
        region.copyTo(offset, copy, 0, length);
        return copy;
    }
}
