package io.cleave.log;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalLong;

/** The bytes of one log file as a test sees them being written. Keeps the array, which its owner goes on changing. */
public final class LogFileBytes {
    /** The first byte that is forced together with the records: where the chain block stands. */
    public static final int CHAIN_AT = LogChainFormat.AT;

    /** The end of the chain block. */
    public static final int CHAIN_END = LogChainFormat.AT + LogChainFormat.LENGTH;

    /** Where the first record stands. */
    public static final int RECORDS_AT = LogChainFormat.FILE_HEADER_BYTES;

    private final Path path;
    private final byte[] bytes;
    private LogIdentity identity;
    private LogChain chain;

    /** @param content the whole file, at its full length */
    public LogFileBytes(Path file, byte[] content) {
        path = file;
        bytes = content;
    }

    /** The number in the name of a log file, empty for another file. */
    public static OptionalLong number(Path file) {
        String name = file.getFileName().toString();
        return name.startsWith("log-") ? OptionalLong.of(Long.parseLong(name.substring(4))) : OptionalLong.empty();
    }

    /** The identity block, null until it is whole. */
    public LogIdentity identity() {
        if (identity == null) {
            identity = LogIdentityFormat.decode(path, Arrays.copyOf(bytes, LogIdentityFormat.LENGTH));
        }
        return identity;
    }

    /** The chain block, null until it is whole. */
    public LogChain chain() {
        if (chain == null && identity() != null) {
            chain = LogChainFormat.decode(Arrays.copyOfRange(bytes, CHAIN_AT, CHAIN_END), identity.seed());
        }
        return chain;
    }

    /** The whole record at an offset, or null. Its body is valid as long as the file. */
    public LogRecord record(int offset) {
        if (chain() == null || offset + LogRecordFormat.HEADER_BYTES > bytes.length) {
            return null;
        }
        long seed = identity.seed();
        int length = LogRecordFormat.length(bytes, offset);
        if (length < LogRecordFormat.HEADER_BYTES
                || length > bytes.length - offset
                || !LogRecordFormat.headerIsWhole(bytes, offset, seed, offset)) {
            return null;
        }
        int body = offset + LogRecordFormat.HEADER_BYTES;
        int bodyCrc = LogRecordFormat.bodyCrc(seed, offset, bytes, body, length - LogRecordFormat.HEADER_BYTES);
        LogRecordKind kind = LogRecordKind.of(LogRecordFormat.kindCode(bytes, offset));
        boolean whole = kind != null && bodyCrc == LogRecordFormat.bodyCrc(bytes, offset);
        return whole ? new LogRecord(path, offset, chain.base(), kind, bytes, offset) : null;
    }
}
