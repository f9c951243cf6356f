package io.cleave.repair;

import io.cleave.core.bytes.KeyOrder;
import io.cleave.inspect.KeyText;
import java.nio.file.Path;

/**
 * Keys of an index of which entries are lost, or may be, and what reads show there instead. Immutable as long as nobody writes
 * into the arrays.
 *
 * @param index name of the index, as it is after the repair
 * @param indexId its id
 * @param file the file that could not be used, or not whole
 * @param from smallest key, null for no lower bound
 * @param to largest key, null for no upper bound
 * @param afterSequence entries up to this sequence number are not among them; 0 when any may be
 * @param entries how many are lost
 * @param shown what reads find
 */
@SuppressWarnings("ArrayRecordComponent")
public record LostRange(
        String index,
        int indexId,
        Path file,
        byte[] from,
        byte[] to,
        long afterSequence,
        LostEntries entries,
        Shown shown) {
    /** What reads find for the keys whose entries are lost. */
    public enum Shown {
        /** Nothing older is there: lost keys are absent. */
        NOTHING("lost keys are absent now, the others in this range are kept"),
        /** Something older is there: it shows again where what replaced or deleted it is lost. */
        OLDER("older values of these keys may show again, and deleted keys may be back");

        private final String text;

        Shown(String text) {
            this.text = text;
        }
    }

    /** True for a key of which entries may be lost, if it is one of the index. */
    public boolean contains(byte[] key) {
        boolean below = from != null && KeyOrder.compare(key, from) < 0;
        boolean above = to != null && KeyOrder.compare(key, to) > 0;
        return !below && !above;
    }

    /** The range for people, keys included: who repairs a store has to know them. */
    @Override
    public String toString() {
        return "index " + KeyText.ofName(index) + ": keys from " + text(from, "the first") + " to "
                + text(to, "the last")
                + (afterSequence == 0 ? "" : ", written after sequence number " + afterSequence) + ": " + entries + "; "
                + shown.text + " (" + file + ")";
    }

    private static String text(byte[] key, String unbounded) {
        return key == null ? unbounded : KeyText.of(key);
    }
}
