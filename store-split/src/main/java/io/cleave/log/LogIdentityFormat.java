package io.cleave.log;

import io.cleave.core.bytes.Checksum;
import io.cleave.core.parts.LogEnd;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/** The identity block of a log file. Authority: docs/format/log.md, "Identity block". Stateless, thread-safe. */
final class LogIdentityFormat {
    /** "CLEAVLOG" as little-endian bytes. */
    static final long MAGIC = 0x474F_4C56_4145_4C43L;

    /** Version of the files of a store without a ledger. */
    static final int VERSION_OLDEST = 1;

    /** Version of the files of a store with one. */
    static final int VERSION = 2;

    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = MAGIC_OFFSET + Long.BYTES;
    static final int LEDGER_HIGH_OFFSET = VERSION_OFFSET + Integer.BYTES;
    static final int STORE_HIGH_OFFSET = LEDGER_HIGH_OFFSET + Integer.BYTES;
    static final int STORE_LOW_OFFSET = STORE_HIGH_OFFSET + Long.BYTES;
    static final int NUMBER_OFFSET = STORE_LOW_OFFSET + Long.BYTES;
    static final int BOOT_ID_OFFSET = NUMBER_OFFSET + Long.BYTES;
    static final int FILE_BYTES_OFFSET = BOOT_ID_OFFSET + Long.BYTES;
    static final int LEDGER_LOW_OFFSET = FILE_BYTES_OFFSET + Long.BYTES;
    static final int CRC_OFFSET = LEDGER_LOW_OFFSET + Integer.BYTES;
    static final int LENGTH = CRC_OFFSET + Integer.BYTES;

    private LogIdentityFormat() {}

    static byte[] encode(LogIdentity identity) {
        byte[] block = new byte[LENGTH];
        ByteBuffer target = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
        target.putLong(MAGIC_OFFSET, MAGIC);
        boolean tellsLedger = identity.ledgerVersion() != LogEnd.NO_LEDGER;
        target.putInt(VERSION_OFFSET, tellsLedger ? VERSION : VERSION_OLDEST);
        target.putInt(LEDGER_HIGH_OFFSET, tellsLedger ? (int) (identity.ledgerVersion() >>> Integer.SIZE) : 0);
        target.putInt(LEDGER_LOW_OFFSET, tellsLedger ? (int) identity.ledgerVersion() : 0);
        target.putLong(STORE_HIGH_OFFSET, identity.store().high());
        target.putLong(STORE_LOW_OFFSET, identity.store().low());
        target.putLong(NUMBER_OFFSET, identity.number());
        target.putLong(BOOT_ID_OFFSET, identity.bootId());
        target.putLong(FILE_BYTES_OFFSET, identity.fileBytes());
        target.putInt(CRC_OFFSET, Checksum.at(MAGIC, MAGIC_OFFSET, block, 0, CRC_OFFSET));
        return block;
    }

    /**
     * Reads the first {@link #LENGTH} bytes of a file.
     *
     * @return null when they are no complete identity block
     * @throws StoreException.FormatVersion when they are one of another version
     */
    static LogIdentity decode(Path file, byte[] block) {
        ByteBuffer source = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
        if (source.getLong(MAGIC_OFFSET) != MAGIC
                || source.getInt(CRC_OFFSET) != Checksum.at(MAGIC, MAGIC_OFFSET, block, 0, CRC_OFFSET)) {
            return null;
        }
        int version = source.getInt(VERSION_OFFSET);
        if (version != VERSION && version != VERSION_OLDEST) {
            throw new StoreException.FormatVersion(file, version, VERSION_OLDEST, VERSION);
        }
        long ledgerHigh = Integer.toUnsignedLong(source.getInt(LEDGER_HIGH_OFFSET));
        long ledgerLow = Integer.toUnsignedLong(source.getInt(LEDGER_LOW_OFFSET));
        // Its highest bit is never set: a version is no negative number.
        long ledger = (ledgerHigh << Integer.SIZE | ledgerLow) & Long.MAX_VALUE;
        return new LogIdentity(
                new StoreIdentity(source.getLong(STORE_HIGH_OFFSET), source.getLong(STORE_LOW_OFFSET)),
                source.getLong(NUMBER_OFFSET),
                source.getLong(BOOT_ID_OFFSET),
                source.getLong(FILE_BYTES_OFFSET),
                version == VERSION_OLDEST ? LogEnd.NO_LEDGER : ledger);
    }
}
