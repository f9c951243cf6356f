package io.cleave.bench.micro;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Keys of 16 bytes, spread over the whole key space, and values of 100 bytes, half of them random. The arrays are the same
 * each time, so that making them allocates nothing. One for each thread.
 */
@State(Scope.Thread)
public class EntryKeys {
    static final int KEY_BYTES = 16;
    static final int VALUE_BYTES = 100;

    /** Values are cut out of this at random offsets. */
    private static final byte[] RANDOM_BYTES = randomBytes();

    private final SplittableRandom random = new SplittableRandom(17);
    private final byte[] key = new byte[KEY_BYTES];
    private final ByteBuffer keyWords = ByteBuffer.wrap(key);
    private final byte[] value = new byte[VALUE_BYTES];

    /** The key of an entry that the store has. */
    byte[] present(long number) {
        return fill(number, 0);
    }

    /** A key right above that of an entry, which the store does not have. */
    byte[] absent(long number) {
        return fill(number, 1);
    }

    /** The number of any of so many entries. */
    long any(long entries) {
        return random.nextLong(entries);
    }

    byte[] value(long number) {
        int from = (int) (mix(number) & (RANDOM_BYTES.length / 2 - 1));
        System.arraycopy(RANDOM_BYTES, from, value, 0, VALUE_BYTES / 2);
        return value;
    }

    private byte[] fill(long number, long last) {
        keyWords.putLong(0, mix(number)).putLong(Long.BYTES, last);
        return key;
    }

    /** A bijection that scatters: neighbours in number are none in key order. */
    private static long mix(long number) {
        long mixed = (number + 1) * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 32)) * 0xD6E8FEB86659FD93L;
        return mixed ^ (mixed >>> 32);
    }

    private static byte[] randomBytes() {
        byte[] bytes = new byte[1 << 16];
        new SplittableRandom(5).nextBytes(bytes);
        return bytes;
    }
}
