package io.cleave.core.run;

import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import java.nio.file.Path;

/** The first {@value #LENGTH} bytes of a run. Authority: docs/format/run.md, "Header". Stateless, thread-safe. */
final class RunHeaderFormat {
    /** "CLEAVRUN" as it stands in the file. */
    static final long MAGIC = 0x4E55_5256_4145_4C43L;

    static final int VERSION = 1;

    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = MAGIC_OFFSET + Long.BYTES;
    static final int INDEX_ID_OFFSET = VERSION_OFFSET + Integer.BYTES;
    static final int STORE_HIGH_OFFSET = INDEX_ID_OFFSET + Integer.BYTES;
    static final int STORE_LOW_OFFSET = STORE_HIGH_OFFSET + Long.BYTES;
    static final int SEGMENT_ID_OFFSET = STORE_LOW_OFFSET + Long.BYTES;
    static final int RUN_NUMBER_OFFSET = SEGMENT_ID_OFFSET + Long.BYTES;
    static final int COMPRESSION_OFFSET = RUN_NUMBER_OFFSET + Long.BYTES;
    static final int FILTER_OFFSET = COMPRESSION_OFFSET + Byte.BYTES;
    static final int RESTART_INTERVAL_OFFSET = FILTER_OFFSET + Byte.BYTES;
    static final int BLOCK_BYTES_OFFSET = RESTART_INTERVAL_OFFSET + Short.BYTES;
    static final int RESERVED_OFFSET = BLOCK_BYTES_OFFSET + Integer.BYTES;
    static final int CRC_OFFSET = RESERVED_OFFSET + Integer.BYTES;
    static final int LENGTH = CRC_OFFSET + Integer.BYTES;

    private RunHeaderFormat() {}

    static byte[] encode(RunHeader header) {
        RunIdentity identity = header.identity();
        RunOptions options = header.options();
        byte[] target = new byte[LENGTH];
        LittleEndian.putLong(target, MAGIC_OFFSET, MAGIC);
        LittleEndian.putInt(target, VERSION_OFFSET, VERSION);
        LittleEndian.putInt(target, INDEX_ID_OFFSET, identity.indexId());
        LittleEndian.putLong(target, STORE_HIGH_OFFSET, identity.store().high());
        LittleEndian.putLong(target, STORE_LOW_OFFSET, identity.store().low());
        LittleEndian.putLong(target, SEGMENT_ID_OFFSET, identity.segmentId());
        LittleEndian.putLong(target, RUN_NUMBER_OFFSET, identity.runNumber());
        target[COMPRESSION_OFFSET] = (byte) options.compression().code();
        target[FILTER_OFFSET] = (byte) options.filter().code();
        LittleEndian.putShort(
                target, RESTART_INTERVAL_OFFSET, options.compression().restartInterval());
        LittleEndian.putInt(target, BLOCK_BYTES_OFFSET, options.blockBytes());
        LittleEndian.putInt(target, CRC_OFFSET, crc(identity, target));
        return target;
    }

    /**
     * Decodes and checks a header. The checksum comes before the version: magic, version, identity and checksum keep
     * their places in every version, so that a damaged number is told from a newer format.
     */
    static RunHeader decode(Path file, byte[] source) {
        check(file, MAGIC_OFFSET, "run magic", MAGIC, LittleEndian.getLong(source, MAGIC_OFFSET));
        RunIdentity identity = identity(source);
        check(file, CRC_OFFSET, "header checksum", crc(identity, source), LittleEndian.getInt(source, CRC_OFFSET));
        int version = LittleEndian.getInt(source, VERSION_OFFSET);
        if (version != VERSION) {
            throw new StoreException.FormatVersion(file, version, VERSION, VERSION);
        }
        Compression compression = Compression.ofCode(source[COMPRESSION_OFFSET]);
        if (compression == null) {
            throw new StoreException.Corrupt(
                    file, COMPRESSION_OFFSET, "compression", "0 or 1", source[COMPRESSION_OFFSET]);
        }
        FilterKind filter = FilterKind.ofCode(source[FILTER_OFFSET]);
        if (filter == null) {
            throw new StoreException.Corrupt(file, FILTER_OFFSET, "filter kind", "0, 1 or 2", source[FILTER_OFFSET]);
        }
        int interval = LittleEndian.getUnsignedShort(source, RESTART_INTERVAL_OFFSET);
        check(file, RESTART_INTERVAL_OFFSET, "restart interval", compression.restartInterval(), interval);
        check(file, RESERVED_OFFSET, "reserved bytes", 0, LittleEndian.getInt(source, RESERVED_OFFSET));
        int blockBytes = LittleEndian.getInt(source, BLOCK_BYTES_OFFSET);
        if (blockBytes < RunOptions.BLOCK_BYTES_MIN || blockBytes > RunOptions.BLOCK_BYTES_MAX) {
            String range = RunOptions.BLOCK_BYTES_MIN + " to " + RunOptions.BLOCK_BYTES_MAX;
            throw new StoreException.Corrupt(file, BLOCK_BYTES_OFFSET, "block bytes", range, blockBytes);
        }
        return new RunHeader(identity, new RunOptions(compression, blockBytes, filter));
    }

    private static RunIdentity identity(byte[] source) {
        return new RunIdentity(
                new StoreIdentity(
                        LittleEndian.getLong(source, STORE_HIGH_OFFSET),
                        LittleEndian.getLong(source, STORE_LOW_OFFSET)),
                LittleEndian.getInt(source, INDEX_ID_OFFSET),
                LittleEndian.getLong(source, SEGMENT_ID_OFFSET),
                LittleEndian.getLong(source, RUN_NUMBER_OFFSET));
    }

    private static int crc(RunIdentity identity, byte[] bytes) {
        return PieceChecksum.of(identity.seed(), 0, bytes, 0, CRC_OFFSET);
    }

    private static void check(Path file, long offset, String what, long expected, long found) {
        if (expected != found) {
            throw new StoreException.Corrupt(
                    file, offset, what, "0x" + Long.toHexString(expected), "0x" + Long.toHexString(found));
        }
    }
}
