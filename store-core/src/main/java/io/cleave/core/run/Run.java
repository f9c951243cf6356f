package io.cleave.core.run;

import io.cleave.core.bytes.KeyHash;
import io.cleave.core.entry.EntryCursor;
import io.cleave.core.entry.Lookup;
import io.cleave.core.storage.MappingFault;
import io.cleave.core.storage.Region;
import io.cleave.core.storage.Storage;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * An open run: an immutable sorted file of entries, mapped. Opening reads header, footer and properties only;
 * everything else is checked when it is first used.
 *
 * <p>Ownership: the opener closes it, when no reader, cursor or {@link Lookup} that leads into it can be left: closing
 * unmaps, and nothing here guards against a later read.
 *
 * <p>Thread-safe. A cursor belongs to one thread at a time.
 *
 * <p>Errors: any read throws {@link io.cleave.error.StoreException.Corrupt} when it meets damage, and again when
 * repeated.
 */
public final class Run implements AutoCloseable {
    private final RunFile file;
    private final Region region;
    private final SparseIndex index;
    private final RunBlocks blocks;
    /** The blocks again when positions in the point index are offsets of entries, else null. */
    private final PlainBlocks blocksByOffset;

    private final FilterPages filter;
    private final FilterKind filterKind;

    private Run(RunFile file) {
        this.file = file;
        this.region = file.region();
        this.index = new SparseIndex(file);
        this.filterKind = file.header().options().filter();
        this.filter = filterKind == FilterKind.NONE ? null : new FilterPages(file);
        if (file.header().options().compression() == Compression.NONE) {
            PlainBlocks plain = new PlainBlocks(file, index);
            this.blocks = plain;
            this.blocksByOffset = file.footer().positions() == RunFooter.PositionKind.ENTRY_OFFSET ? plain : null;
        } else {
            this.blocks = new PackedBlocks(file, index);
            this.blocksByOffset = null;
        }
    }

    /**
     * Opens a run.
     *
     * @param expected the run that the file must be, null when any will do
     */
    public static Run open(Storage storage, Path path, RunIdentity expected) {
        return open(() -> storage.map(path), path, expected);
    }

    /** Opens a run that was just written, see {@link Storage#mapWritten}. */
    public static Run openWritten(Storage storage, Path path, RunIdentity expected) {
        return open(() -> storage.mapWritten(path), path, expected);
    }

    private static Run open(Supplier<Region> mapping, Path path, RunIdentity expected) {
        try {
            return of(RunFile.open(mapping.get(), path, expected));
        } catch (InternalError e) {
            throw MappingFault.of(path, e);
        }
    }

    /** Opens whatever run a file is, for tools. */
    public static Run openAny(Storage storage, Path path) {
        return open(storage, path, null);
    }

    private static Run of(RunFile file) {
        try {
            return new Run(file);
        } catch (Throwable failure) {
            file.close();
            throw failure;
        }
    }

    /**
     * Finds the newest version of a key whose sequence number is not above {@code sequenceMax}. Allocates nothing.
     *
     * @param hash {@link KeyHash#of} of the key
     * @param prefix {@link io.cleave.core.bytes.KeyOrder#prefix} of the key
     * @param out told where the entry is; in a compressed run valid until the thread's next lookup in one
     * @return false when there is none; {@code out} is then as it was
     */
    public boolean find(byte[] key, int keyLength, long hash, long prefix, long sequenceMax, Lookup out) {
        if (filterKind == FilterKind.POINT_INDEX) {
            return findByPosition(key, keyLength, hash, sequenceMax, out);
        }
        if (filterKind == FilterKind.BLOOM && !filter.mayContain(hash)) {
            return false;
        }
        int block = index.blockOfKey(key, keyLength, index.word(key, keyLength, prefix));
        return block < index.blocks() && blocks.find(block, key, keyLength, sequenceMax, out);
    }

    /** A new cursor, unpositioned. Its {@code close} need not be called. */
    public EntryCursor cursor() {
        return blocks.cursor();
    }

    /** What the run holds. */
    public RunProperties properties() {
        return file.properties();
    }

    /** How it was written. */
    public RunOptions options() {
        return file.header().options();
    }

    /** Which run it is. */
    public RunIdentity identity() {
        return file.header().identity();
    }

    /** The file. */
    public Path path() {
        return file.path();
    }

    /** Length of the file. */
    public long fileBytes() {
        return file.footer().fileBytes();
    }

    /** Heap that a writer of all its entries takes, see {@link RunWriter#heapBytes}. */
    public long writerHeapBytes() {
        return FilterBuilder.heapBytes(options().filter(), properties().distinctKeys())
                + IndexBuilder.heapBytes(index.blocks(), file.footer().indexLength());
    }

    /** Checks every rule of the format over the whole file; throws {@code Corrupt} at the first that does not hold. */
    public void verify() {
        verify((ordinal, offset, storedBytes) -> {});
    }

    /** As {@link #verify()}, telling a visitor after each block. */
    public void verify(RunVisitor visitor) {
        try {
            new RunVerifier(file, index, blocks, filter).verify(visitor);
        } catch (InternalError e) {
            throw MappingFault.of(path(), e);
        }
    }

    /** Unmaps the file. Idempotent. */
    @Override
    public void close() {
        file.close();
    }

    RunFile file() {
        return file;
    }

    SparseIndex index() {
        return index;
    }

    RunBlocks blocks() {
        return blocks;
    }

    /** Null when the run has no filter. */
    FilterPages filter() {
        return filter;
    }

    /** Follows the point index from the bucket of the hash until a bucket from which this hash did not go on. */
    private boolean findByPosition(byte[] key, int keyLength, long hash, long sequenceMax, Lookup out) {
        int fingerprint = PointIndexFormat.fingerprint(hash);
        long cells = filter.cells();
        long cell = PageFormat.cell(hash, cells);
        for (long passed = 0; passed < cells; passed++) {
            long at = filter.cellOffset(cell);
            long third = region.getLong(at + 16);
            int matches = PointIndexFormat.matches(region.getLong(at), region.getLong(at + 8), third, fingerprint);
            while (matches != 0) {
                long slot = at + PointIndexFormat.POSITIONS_OFFSET + 4L * Integer.numberOfTrailingZeros(matches);
                long position = Integer.toUnsignedLong(region.getInt(slot));
                if (findAtPosition(position, key, keyLength, sequenceMax, out)) {
                    return true;
                }
                matches &= matches - 1;
            }
            if (!PointIndexFormat.overflowed(third, PointIndexFormat.overflowBit(hash))) {
                return false;
            }
            cell = cell + 1 == cells ? 0 : cell + 1;
        }
        return false;
    }

    private boolean findAtPosition(long position, byte[] key, int keyLength, long sequenceMax, Lookup out) {
        if (blocksByOffset != null) {
            return blocksByOffset.findAt(position, key, keyLength, sequenceMax, out);
        }
        if (position >= index.blocks()) {
            throw file.corrupt(file.footer().filterOffset(), "block in the point index", index.blocks(), position);
        }
        return blocks.find((int) position, key, keyLength, sequenceMax, out);
    }
}
