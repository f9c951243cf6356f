package io.cleave.log;

import java.nio.file.Path;

/**
 * A log file as its header tells it.
 *
 * @param path where it is
 * @param number the number in its name
 * @param bytes its length
 * @param identity its identity block; null when that was never completed, or is damaged
 * @param chain its chain block; null when the file was never started, or the block is damaged
 */
public record LogFileInfo(Path path, long number, long bytes, LogIdentity identity, LogChain chain) {
    /** Position of the file's byte 0. Requires: a chain block. */
    long base() {
        return chain.base();
    }
}
