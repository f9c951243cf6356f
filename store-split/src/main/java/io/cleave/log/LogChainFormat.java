package io.cleave.log;

import io.cleave.core.bytes.Checksum;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The chain block of a log file. Authority: docs/format/log.md, "Chain block". Stateless, thread-safe. */
final class LogChainFormat {
    /** Where the block stands in a file: a sector of its own, because it is written later than the identity block. */
    static final int AT = 512;

    static final int BASE_OFFSET = 0;
    static final int PREDECESSOR_OFFSET = BASE_OFFSET + Long.BYTES;
    static final int SYNCED_OFFSET = PREDECESSOR_OFFSET + Long.BYTES;
    static final int STARTED_OFFSET = SYNCED_OFFSET + Long.BYTES;
    static final int CRC_OFFSET = STARTED_OFFSET + Integer.BYTES;
    static final int LENGTH = CRC_OFFSET + Integer.BYTES;

    /** Tells a block from zeros, whatever their checksum is. */
    static final int STARTED = 1;

    /** Bytes of both header blocks with the room around them; the first record of a file stands here. */
    static final int FILE_HEADER_BYTES = 1024;

    /** More bytes than there will ever be in a log: what counts on from here does not overflow. */
    static final long BASE_MAX = 1L << 62;

    private LogChainFormat() {}

    static byte[] encode(LogChain chain, long seed) {
        byte[] block = new byte[LENGTH];
        ByteBuffer target = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
        target.putLong(BASE_OFFSET, chain.base());
        target.putLong(PREDECESSOR_OFFSET, chain.predecessor());
        target.putLong(SYNCED_OFFSET, chain.synced());
        target.putInt(STARTED_OFFSET, STARTED);
        target.putInt(CRC_OFFSET, Checksum.at(seed, AT, block, 0, CRC_OFFSET));
        return block;
    }

    /** Reads the {@link #LENGTH} bytes at {@link #AT} of a file; null when they are no complete chain block. */
    static LogChain decode(byte[] block, long seed) {
        ByteBuffer source = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
        if (source.getInt(STARTED_OFFSET) != STARTED
                || source.getInt(CRC_OFFSET) != Checksum.at(seed, AT, block, 0, CRC_OFFSET)) {
            return null;
        }
        return new LogChain(
                source.getLong(BASE_OFFSET), source.getLong(PREDECESSOR_OFFSET), source.getLong(SYNCED_OFFSET));
    }
}
