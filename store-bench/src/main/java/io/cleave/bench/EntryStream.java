package io.cleave.bench;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Makes keys and values out of the numbers of entries, in arrays of its own: what a method returns is valid until it is
 * called again. Not thread-safe.
 *
 * <p>A key of fixed length is ten times the number in 16 decimal digits; the five between two of them is absent. Of the
 * others {@code region-17/customer-000123456/order-7}, each customer has ten orders, {@code order-75} is absent, and
 * customers come in regions in the order of the regions' names.
 */
final class EntryStream {
    static final int KEY_BYTES_MAX = 40;
    /** Entries below one prefix, but for the last prefix. */
    static final int PREFIX_ENTRIES = 1000;

    /** How many entries' keys differ in their last digits alone: those below one prefix. */
    private static final int PREFIX_DIGITS = 3;

    private static final int FIXED_DIGITS = 16;
    /** What eight digits cannot say any more. */
    private static final int EIGHT_DIGITS = 100_000_000;

    private static final int CUSTOMER_DIGITS = 9;
    private static final int CUSTOMER_ORDERS = 10;
    private static final int REGIONS = 64;
    private static final byte ABSENT = '5';

    private static final byte[] DIGIT_PAIRS = digitPairs();
    private static final byte[][] REGION_NAMES = regionNames();
    private static final byte[] POOL = pool();

    private final long entries;
    private final long prefixes;
    private final KeyForm form;
    private final byte[] value;

    EntryStream(EntryShape shape, long entries) {
        this.entries = entries;
        this.prefixes = (entries + PREFIX_ENTRIES - 1) / PREFIX_ENTRIES;
        this.form = shape.keyBytes() == 0 ? new OrderKeys(prefixes) : new FixedKeys(shape.keyBytes());
        this.value = new byte[shape.valueBytes()];
    }

    byte[] key(long number) {
        return form.key(number);
    }

    /** A key that lies above that of the entry and below the next, and is never written. */
    byte[] absentKey(long number) {
        return form.absentKey(number);
    }

    long prefixes() {
        return prefixes;
    }

    /** What the keys of the entries from {@code number * PREFIX_ENTRIES} on begin with, and no others. */
    byte[] prefix(long number) {
        return form.prefix(number * PREFIX_ENTRIES);
    }

    /** How many entries begin with a prefix. */
    long prefixEntries(long number) {
        return Math.min(PREFIX_ENTRIES, entries - number * PREFIX_ENTRIES);
    }

    /** A value whose first half is random and whose second is zeros; each generation of an entry has another. */
    byte[] value(long number, int generation) {
        int half = value.length / 2;
        long bits = RandomSequence.stir(number * 31 + generation);
        System.arraycopy(POOL, (int) RandomSequence.scale(bits, POOL.length - half), value, 0, half);
        return value;
    }

    private interface KeyForm {
        byte[] key(long number);

        byte[] absentKey(long number);

        byte[] prefix(long number);
    }

    private static final class FixedKeys implements KeyForm {
        private final byte[] key;
        private final byte[] prefix;

        private FixedKeys(int length) {
            key = new byte[length];
            prefix = new byte[length - PREFIX_DIGITS - 1];
        }

        @Override
        public byte[] key(long number) {
            long ten = number * 10;
            long high = ten / EIGHT_DIGITS;
            eightDigits((int) high, key, 0);
            eightDigits((int) (ten - high * EIGHT_DIGITS), key, FIXED_DIGITS / 2);
            return key;
        }

        @Override
        public byte[] absentKey(long number) {
            key(number);
            key[FIXED_DIGITS - 1] = ABSENT;
            return key;
        }

        @Override
        public byte[] prefix(long number) {
            System.arraycopy(key(number), 0, prefix, 0, prefix.length);
            return prefix;
        }
    }

    private static final class OrderKeys implements KeyForm {
        private final long prefixes;
        /** The three arrays of each region, by its place among the names. */
        private final byte[][] keys = new byte[REGIONS][];

        private final byte[][] absentKeys = new byte[REGIONS][];
        private final byte[][] prefixKeys = new byte[REGIONS][];

        private OrderKeys(long prefixes) {
            this.prefixes = prefixes;
            for (int region = 0; region < REGIONS; region++) {
                String start = "region-" + new String(REGION_NAMES[region], StandardCharsets.US_ASCII) + "/customer-";
                keys[region] = ascii(start + "000000000/order-0");
                absentKeys[region] = ascii(start + "000000000/order-0" + (char) ABSENT);
                prefixKeys[region] = ascii(start + "0000000");
            }
        }

        @Override
        public byte[] key(long number) {
            int region = region(number);
            return write(number, region, keys[region]);
        }

        @Override
        public byte[] absentKey(long number) {
            int region = region(number);
            return write(number, region, absentKeys[region]);
        }

        @Override
        public byte[] prefix(long number) {
            int region = region(number);
            byte[] key = write(number, region, keys[region]);
            byte[] prefix = prefixKeys[region];
            System.arraycopy(key, 0, prefix, 0, prefix.length);
            return prefix;
        }

        /** Regions hold whole prefixes, so that no prefix lies in two. */
        private int region(long number) {
            return (int) (number / PREFIX_ENTRIES * REGIONS / prefixes);
        }

        private static byte[] write(long number, int region, byte[] key) {
            int customerAt = REGION_NAMES[region].length + "region-/customer-".length();
            long customer = number / CUSTOMER_ORDERS;
            long high = customer / EIGHT_DIGITS;
            key[customerAt] = (byte) ('0' + high);
            eightDigits((int) (customer - high * EIGHT_DIGITS), key, customerAt + 1);
            key[customerAt + CUSTOMER_DIGITS + "/order-".length()] = (byte) ('0' + number % CUSTOMER_ORDERS);
            return key;
        }
    }

    /** Cuts the number in halves, which a processor works at side by side, in place of digit after digit. */
    private static void eightDigits(int number, byte[] target, int from) {
        int high = number / 10_000;
        fourDigits(high, target, from);
        fourDigits(number - high * 10_000, target, from + 4);
    }

    private static void fourDigits(int number, byte[] target, int from) {
        int high = number / 100;
        int low = number - high * 100;
        target[from] = DIGIT_PAIRS[2 * high];
        target[from + 1] = DIGIT_PAIRS[2 * high + 1];
        target[from + 2] = DIGIT_PAIRS[2 * low];
        target[from + 3] = DIGIT_PAIRS[2 * low + 1];
    }

    private static byte[] digitPairs() {
        byte[] pairs = new byte[200];
        for (int number = 0; number < 100; number++) {
            pairs[2 * number] = (byte) ('0' + number / 10);
            pairs[2 * number + 1] = (byte) ('0' + number % 10);
        }
        return pairs;
    }

    /** Numbers without leading zeros, in the order of their digits: 1, 10, 11, ..., 2, 20, ... */
    private static byte[][] regionNames() {
        byte[][] names = new byte[REGIONS][];
        for (int region = 0; region < REGIONS; region++) {
            names[region] = ascii(Integer.toString(region + 1));
        }
        // A slash, which follows the name, is lower than any digit, so a shorter name comes first here as in the key.
        Arrays.sort(names, Arrays::compare);
        return names;
    }

    private static byte[] pool() {
        byte[] pool = new byte[1 << 20];
        RandomSequence random = new RandomSequence(4);
        for (int at = 0; at < pool.length; at++) {
            pool[at] = (byte) random.next();
        }
        return pool;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
