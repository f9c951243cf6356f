package io.cleave;

import java.util.Arrays;
import java.util.NavigableMap;
import java.util.SplittableRandom;

/** Keys and values of a randomized test, all from one random source. Not thread-safe. */
final class KeySpace {
    private static final byte[] ODD_BYTES = {0, 1, 'a', 'b', (byte) 0x7F, (byte) 0x80, (byte) 0xFE, (byte) 0xFF};

    private final SplittableRandom random;
    private final byte[][] keys;
    private long stamp;

    /** A space of at most {@code count} keys: short odd ones, ones like names, long ones with a common prefix. */
    KeySpace(SplittableRandom random, int count) {
        this.random = random;
        NavigableMap<byte[], byte[]> distinct = StoreHistory.newMap();
        for (int i = 0; i < count; i++) {
            distinct.put(newKey(), ODD_BYTES);
        }
        keys = distinct.keySet().toArray(new byte[0][]);
    }

    /** One of the keys. */
    byte[] key() {
        return keys[random.nextInt(keys.length)];
    }

    /** A key, or something near one that no entry has. */
    byte[] bound() {
        byte[] key = key();
        int kind = random.nextInt(6);
        return switch (kind) {
            case 0 -> key.length == 1 ? key : Arrays.copyOf(key, random.nextInt(1, key.length));
            case 1 -> Arrays.copyOf(key, key.length + 1);
            case 2 -> newKey();
            default -> key;
        };
    }

    KeyRange range() {
        KeyRange range = switch (random.nextInt(8)) {
            case 0 -> KeyRange.all();
            case 1 -> KeyRange.prefix(Arrays.copyOf(key(), random.nextInt(0, 3)));
            case 2 -> KeyRange.from(bound());
            case 3 -> KeyRange.above(bound());
            case 4 -> KeyRange.from(bound()).to(bound());
            case 5 -> KeyRange.above(bound()).through(bound());
            case 6 -> KeyRange.all().to(bound());
            default -> KeyRange.from(bound()).through(bound());
        };
        return random.nextInt(3) == 0 ? range.descending() : range;
    }

    /** A value that no other write of this space has, unless it is shorter than 8 bytes. */
    byte[] value() {
        int kind = random.nextInt(100);
        int length = kind < 70 ? random.nextInt(40) : kind < 97 ? random.nextInt(40, 200) : random.nextInt(200, 2_500);
        byte[] value = new byte[length];
        long mark = ++stamp * 0x9E37_79B9_7F4A_7C15L;
        for (int i = 0; i < length; i++) {
            value[i] = (byte) (i < Long.BYTES ? mark >>> (8 * i) : 'v' + (mark >>> 60) + i / 16);
        }
        return value;
    }

    private byte[] newKey() {
        int kind = random.nextInt(100);
        if (kind < 60) {
            return ("user/" + random.nextInt(100_000)).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        }
        if (kind < 95) {
            byte[] key = new byte[random.nextInt(1, 12)];
            for (int i = 0; i < key.length; i++) {
                key[i] = ODD_BYTES[random.nextInt(ODD_BYTES.length)];
            }
            return key;
        }
        byte[] key = new byte[random.nextInt(60, 300)];
        Arrays.fill(key, (byte) 'p');
        key[key.length - 1 - random.nextInt(3)] = (byte) random.nextInt(256);
        return key;
    }
}
