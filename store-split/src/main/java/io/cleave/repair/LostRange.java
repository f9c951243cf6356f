package io.cleave.repair;

import java.nio.file.Path;
import java.util.HexFormat;

/**
 * Keys of an index of which entries may be lost. Immutable as long as nobody writes into the arrays.
 *
 * @param indexId the index
 * @param file the file that could not be used
 * @param from smallest key, null for no lower bound
 * @param to largest key, null for no upper bound
 */
@SuppressWarnings("ArrayRecordComponent")
public record LostRange(int indexId, Path file, byte[] from, byte[] to) {
    /** Keys in hexadecimal digits: who repairs a store has to know them. */
    @Override
    public String toString() {
        return file + ": entries of index " + indexId + " with keys from " + text(from, "the first") + " to "
                + text(to, "the last");
    }

    private static String text(byte[] key, String unbounded) {
        return key == null ? unbounded : "0x" + HexFormat.of().formatHex(key);
    }
}
