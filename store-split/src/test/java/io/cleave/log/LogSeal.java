package io.cleave.log;

import io.cleave.core.bytes.Checksum;
import io.cleave.core.storage.StoreIdentity;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Makes the checksums of a log file fit its bytes again: identity block, chain block, and records one after the other. */
public final class LogSeal {
    private LogSeal() {}

    /** Seals the bytes in place. */
    public static void seal(byte[] file) {
        if (file.length < LogChainFormat.FILE_HEADER_BYTES) {
            return;
        }
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int identityCrc = Checksum.at(LogIdentityFormat.MAGIC, 0, file, 0, LogIdentityFormat.CRC_OFFSET);
        bytes.putInt(LogIdentityFormat.CRC_OFFSET, identityCrc);
        long seed = LogIdentity.seed(
                new StoreIdentity(
                        bytes.getLong(LogIdentityFormat.STORE_HIGH_OFFSET),
                        bytes.getLong(LogIdentityFormat.STORE_LOW_OFFSET)),
                bytes.getLong(LogIdentityFormat.NUMBER_OFFSET));
        int chainCrc = Checksum.at(seed, LogChainFormat.AT, file, LogChainFormat.AT, LogChainFormat.CRC_OFFSET);
        bytes.putInt(LogChainFormat.AT + LogChainFormat.CRC_OFFSET, chainCrc);
        int at = LogChainFormat.FILE_HEADER_BYTES;
        while (at <= file.length - LogRecordFormat.HEADER_BYTES) {
            int length = LogRecordFormat.length(file, at);
            if (length < LogRecordFormat.HEADER_BYTES || length > file.length - at) {
                break;
            }
            int bodyLength = length - LogRecordFormat.HEADER_BYTES;
            int bodyAt = at + LogRecordFormat.HEADER_BYTES;
            bytes.putInt(
                    at + LogRecordFormat.BODY_CRC_OFFSET, LogRecordFormat.bodyCrc(seed, at, file, bodyAt, bodyLength));
            bytes.putInt(
                    at + LogRecordFormat.HEADER_CRC_OFFSET,
                    Checksum.at(seed, at, file, at, LogRecordFormat.HEADER_CRC_OFFSET));
            at += (int) LogRecordFormat.bytesOf(bodyLength);
        }
    }
}
