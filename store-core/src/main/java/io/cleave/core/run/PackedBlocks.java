package io.cleave.core.run;

import io.cleave.core.entry.Lookup;
import io.cleave.core.resource.PerThread;
import io.cleave.core.storage.PageCache;
import io.cleave.error.StoreException;
import java.util.Arrays;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/**
 * The blocks of a compressed run. A lookup decompresses into a buffer of its thread, which keeps the block last used;
 * what a {@link Lookup} says is valid until the thread's next lookup in any compressed run.
 */
final class PackedBlocks extends RunBlocks {
    /** One block for each thread that looks up keys in compressed runs, unless it is a large one; refers to no run. */
    static final PerThread<PackedBlock> LAST_USED = new PerThread<>(PackedBlock::new);

    private static final LZ4SafeDecompressor DECOMPRESSOR =
            LZ4Factory.safeInstance().safeDecompressor();

    /** By block: 0 until it was found right, then {@link PageCache#mark} of the time when it was last read. */
    private final byte[] blockChecked;

    PackedBlocks(RunFile file, SparseIndex index) {
        super(file, index);
        this.blockChecked = new byte[index.blocks()];
    }

    @Override
    boolean find(int ordinal, byte[] key, int keyLength, long sequenceMax, Lookup out) {
        PackedBlock block = LAST_USED.own();
        try {
            return find(ordinal, block, key, keyLength, sequenceMax, out);
        } finally {
            forgetWhenLarge(block);
        }
    }

    private boolean find(int ordinal, PackedBlock block, byte[] key, int keyLength, long sequenceMax, Lookup out) {
        load(ordinal, block);
        int at = ordinal;
        boolean onEntry = block.seek(key, keyLength);
        while (true) {
            if (!onEntry) {
                at++;
                if (at == index.blocks()) {
                    return false;
                }
                load(at, block);
                block.moveTo(0);
            }
            if (!block.keyEquals(key, keyLength)) {
                return false;
            }
            if (block.sequence() <= sequenceMax) {
                out.set(block.sequence(), block.kind(), block.bytes(), block.valueAt(), block.valueLength());
                return true;
            }
            onEntry = block.next();
        }
    }

    /** A thread may idle for ever after it read one large value. */
    private static void forgetWhenLarge(PackedBlock block) {
        if (block.isLarge()) {
            LAST_USED.forget();
        }
    }

    @Override
    void check(int ordinal) {
        blockChecked[ordinal] = 0;
        load(ordinal, new PackedBlock());
    }

    @Override
    RunCursor cursor() {
        return new PackedCursor(this, index);
    }

    @Override
    BlockEntry entry(int ordinal, int number) {
        PackedBlock block = LAST_USED.own();
        load(ordinal, block);
        block.moveTo(number);
        forgetWhenLarge(block);
        byte[] key = Arrays.copyOf(block.key(), block.keyLength());
        return new BlockEntry(
                block.at(),
                block.sharedLength(),
                key,
                block.sequence(),
                block.kind(),
                block.valueAt(),
                block.valueLength());
    }

    /** Brings a block to the heap unless it is there; its position is undefined. */
    void load(int ordinal, PackedBlock target) {
        if (target.holds(file.id(), ordinal)) {
            return;
        }
        long start = index.blockStart(ordinal);
        int length = Math.toIntExact(checkedLength(ordinal, start));
        if (blockChecked[ordinal] != PageCache.mark()) {
            file.region().warm(start, length);
        }
        byte[] stored = target.storedBuffer(length);
        file.region().copyTo(start, stored, 0, length);
        int trailer = length - BlockFormat.TRAILER_BYTES;
        boolean known = blockChecked[ordinal] != 0;
        if (!known) {
            int expected = PieceChecksum.of(file.seed(), start, stored, 0, trailer + BlockFormat.CRC_OFFSET);
            int found = LittleEndian.getInt(stored, trailer + BlockFormat.CRC_OFFSET);
            if (expected != found) {
                throw file.corrupt(start, "checksum of data block", expected, found);
            }
        }
        int rawLength = unpack(start, stored, trailer, target);
        target.loaded(
                file, ordinal, rawLength, LittleEndian.getUnsignedShort(stored, trailer + BlockFormat.ENTRIES_OFFSET));
        if (!known) {
            String fault = target.fault();
            if (fault != null) {
                target.unload();
                throw file.corrupt(start, fault + " in the block", "a valid one", "another");
            }
        }
        blockChecked[ordinal] = PageCache.mark();
    }

    private long checkedLength(int ordinal, long start) {
        long length = index.blockEnd(ordinal) - start;
        if (length > BlockFormat.RAW_BYTES_MAX) {
            throw file.corrupt(start, "length of block", "at most " + BlockFormat.RAW_BYTES_MAX, length);
        }
        return length;
    }

    private int unpack(long start, byte[] stored, int storedLength, PackedBlock target) {
        int rawLength = LittleEndian.getInt(stored, storedLength + BlockFormat.RAW_LENGTH_OFFSET);
        byte encoding = stored[storedLength + BlockFormat.ENCODING_OFFSET];
        long trailer = start + storedLength;
        require(stored[storedLength + BlockFormat.RESERVED_OFFSET] == 0, trailer, "reserved byte");
        if (encoding == BlockFormat.ENCODING_RAW) {
            require(rawLength == storedLength, trailer, "length of block");
            System.arraycopy(stored, 0, target.rawBuffer(rawLength), 0, rawLength);
            return rawLength;
        }
        require(encoding == BlockFormat.ENCODING_LZ4, trailer, "encoding");
        long rawMax = Math.min(BlockFormat.RAW_BYTES_MAX, (long) BlockFormat.LZ4_EXPANSION_MAX * storedLength);
        require(rawLength > 0 && rawLength <= rawMax, trailer, "length of block before compression");
        byte[] raw = target.rawBuffer(rawLength);
        int unpacked;
        try {
            unpacked = DECOMPRESSOR.decompress(stored, 0, storedLength, raw, 0, rawLength);
        } catch (LZ4Exception malformed) {
            StoreException.Corrupt corrupt = file.corrupt(start, "LZ4 block", "a valid one", "another");
            corrupt.addSuppressed(malformed);
            throw corrupt;
        }
        require(unpacked == rawLength, trailer, "length of block before compression");
        return rawLength;
    }
}
