package io.cleave.log;

import io.cleave.core.storage.WritableRegion;
import java.nio.file.Path;

/**
 * A log file that is open for writing: prepared, then current, then full until it is durable.
 *
 * <p>Owned by the {@link LogFileSet} once started. The appender writes; the leader of the {@link GroupCommit} forces
 * and closes full ones.
 */
final class LogFile {
    private final Path path;
    private final LogIdentity identity;
    private final WritableRegion region;

    /** Set by {@link #start}, before the file is published. */
    private long base;

    /** Where its records end; unbounded while it is the current one. */
    private volatile long end = Long.MAX_VALUE;

    /** Offset up to which it is durable. Only the leader uses it. */
    private long forced;

    LogFile(Path path, LogIdentity identity, WritableRegion region) {
        this.path = path;
        this.identity = identity;
        this.region = region;
    }

    /** Makes the identity block durable; a crash before leaves a file that holds nothing. */
    void writeIdentity() {
        byte[] block = LogIdentityFormat.encode(identity);
        region.put(0, block, 0, block.length);
        region.force(0, LogChainFormat.AT);
    }

    /** Writes the chain block; the next force covers it. */
    void start(LogChain chain) {
        byte[] block = LogChainFormat.encode(chain, identity.seed());
        base = chain.base();
        region.put(LogChainFormat.AT, block, 0, block.length);
    }

    /** Nothing follows {@code position} in this file. */
    void endAt(long position) {
        end = position;
    }

    /** Makes everything below {@code position} durable. Requires: leadership. */
    void forceTo(long position) {
        long offset = position - base;
        if (offset > forced) {
            region.force(forced, offset - forced);
            forced = offset;
        }
    }

    Path path() {
        return path;
    }

    long number() {
        return identity.number();
    }

    long bytes() {
        return identity.fileBytes();
    }

    long seed() {
        return identity.seed();
    }

    WritableRegion region() {
        return region;
    }

    long base() {
        return base;
    }

    long end() {
        return end;
    }
}
