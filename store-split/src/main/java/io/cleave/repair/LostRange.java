package io.cleave.repair;

import io.cleave.core.bytes.KeyOrder;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * Keys of an index of which entries may be lost, and since when. Immutable as long as nobody writes into the arrays.
 *
 * @param indexId the index
 * @param file the file that could not be used
 * @param from smallest key, null for no lower bound
 * @param to largest key, null for no upper bound
 * @param afterSequence entries up to this sequence number are not among them; 0 when any may be
 */
@SuppressWarnings("ArrayRecordComponent")
public record LostRange(int indexId, Path file, byte[] from, byte[] to, long afterSequence) {
    /** True for a key of which entries may be lost, if it is one of the index. */
    public boolean contains(byte[] key) {
        boolean below = from != null && KeyOrder.compare(key, from) < 0;
        boolean above = to != null && KeyOrder.compare(key, to) > 0;
        return !below && !above;
    }

    /** Keys in hexadecimal digits: who repairs a store has to know them. */
    @Override
    public String toString() {
        return file + ": entries of index " + indexId + " with keys from " + text(from, "the first") + " to "
                + text(to, "the last") + (afterSequence == 0 ? "" : ", written after sequence number " + afterSequence);
    }

    private static String text(byte[] key, String unbounded) {
        return key == null ? unbounded : "0x" + HexFormat.of().formatHex(key);
    }
}
