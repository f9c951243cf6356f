package io.cleave.core.run;

import io.cleave.core.entry.EntryLimits;
import java.nio.file.Path;
import java.util.Arrays;

/** The properties of a run. Authority: docs/format/run.md, "Properties". Stateless, thread-safe. */
final class RunPropertiesFormat {
    static final int ENTRIES_OFFSET = 0;
    static final int DISTINCT_KEYS_OFFSET = ENTRIES_OFFSET + Long.BYTES;
    static final int TOMBSTONES_OFFSET = DISTINCT_KEYS_OFFSET + Long.BYTES;
    static final int KEY_BYTES_OFFSET = TOMBSTONES_OFFSET + Long.BYTES;
    static final int VALUE_BYTES_OFFSET = KEY_BYTES_OFFSET + Long.BYTES;
    static final int SMALLEST_SEQUENCE_OFFSET = VALUE_BYTES_OFFSET + Long.BYTES;
    static final int LARGEST_SEQUENCE_OFFSET = SMALLEST_SEQUENCE_OFFSET + Long.BYTES;
    static final int SMALLEST_KEY_LENGTH_OFFSET = LARGEST_SEQUENCE_OFFSET + Long.BYTES;
    static final int LARGEST_KEY_LENGTH_OFFSET = SMALLEST_KEY_LENGTH_OFFSET + Integer.BYTES;
    static final int KEYS_OFFSET = LARGEST_KEY_LENGTH_OFFSET + Integer.BYTES;
    static final int CRC_BYTES = Integer.BYTES;
    static final int LENGTH_MIN = KEYS_OFFSET + 2 * EntryLimits.KEY_BYTES_MIN + CRC_BYTES;
    static final int LENGTH_MAX = KEYS_OFFSET + 2 * EntryLimits.KEY_BYTES_MAX + CRC_BYTES;

    private RunPropertiesFormat() {}

    static int length(RunProperties properties) {
        return KEYS_OFFSET + properties.smallestKey().length + properties.largestKey().length + CRC_BYTES;
    }

    static byte[] encode(RunProperties properties, long seed, long offset) {
        byte[] smallest = properties.smallestKey();
        byte[] largest = properties.largestKey();
        byte[] target = new byte[length(properties)];
        LittleEndian.putLong(target, ENTRIES_OFFSET, properties.entries());
        LittleEndian.putLong(target, DISTINCT_KEYS_OFFSET, properties.distinctKeys());
        LittleEndian.putLong(target, TOMBSTONES_OFFSET, properties.tombstones());
        LittleEndian.putLong(target, KEY_BYTES_OFFSET, properties.keyBytes());
        LittleEndian.putLong(target, VALUE_BYTES_OFFSET, properties.valueBytes());
        LittleEndian.putLong(target, SMALLEST_SEQUENCE_OFFSET, properties.smallestSequence());
        LittleEndian.putLong(target, LARGEST_SEQUENCE_OFFSET, properties.largestSequence());
        LittleEndian.putInt(target, SMALLEST_KEY_LENGTH_OFFSET, smallest.length);
        LittleEndian.putInt(target, LARGEST_KEY_LENGTH_OFFSET, largest.length);
        System.arraycopy(smallest, 0, target, KEYS_OFFSET, smallest.length);
        System.arraycopy(largest, 0, target, KEYS_OFFSET + smallest.length, largest.length);
        int crcOffset = target.length - CRC_BYTES;
        LittleEndian.putInt(target, crcOffset, PieceChecksum.of(seed, offset, target, 0, crcOffset));
        return target;
    }

    /** Decodes and checks the properties; {@code source} is the whole part that the footer names. */
    static RunProperties decode(Path file, RunHeader header, RunFooter footer, byte[] source) {
        RunFooterFormat.Check check = new RunFooterFormat.Check(file, footer.propertiesOffset());
        int crcOffset = source.length - CRC_BYTES;
        int crc = PieceChecksum.of(header.identity().seed(), footer.propertiesOffset(), source, 0, crcOffset);
        check.same(crcOffset, "properties checksum", crc, LittleEndian.getInt(source, crcOffset));
        int smallestLength = LittleEndian.getInt(source, SMALLEST_KEY_LENGTH_OFFSET);
        int largestLength = LittleEndian.getInt(source, LARGEST_KEY_LENGTH_OFFSET);
        int keysLength = crcOffset - KEYS_OFFSET;
        check.within(SMALLEST_KEY_LENGTH_OFFSET, "smallest key length", smallestLength, 1, EntryLimits.KEY_BYTES_MAX);
        check.within(LARGEST_KEY_LENGTH_OFFSET, "largest key length", largestLength, 1, EntryLimits.KEY_BYTES_MAX);
        check.same(SMALLEST_KEY_LENGTH_OFFSET, "length of both keys", keysLength, smallestLength + largestLength);
        RunProperties properties = new RunProperties(
                LittleEndian.getLong(source, ENTRIES_OFFSET),
                LittleEndian.getLong(source, DISTINCT_KEYS_OFFSET),
                LittleEndian.getLong(source, TOMBSTONES_OFFSET),
                LittleEndian.getLong(source, KEY_BYTES_OFFSET),
                LittleEndian.getLong(source, VALUE_BYTES_OFFSET),
                Arrays.copyOfRange(source, KEYS_OFFSET, KEYS_OFFSET + smallestLength),
                Arrays.copyOfRange(source, KEYS_OFFSET + smallestLength, crcOffset),
                LittleEndian.getLong(source, SMALLEST_SEQUENCE_OFFSET),
                LittleEndian.getLong(source, LARGEST_SEQUENCE_OFFSET),
                footer.indexOffset() - RunHeaderFormat.LENGTH,
                footer.fileBytes(),
                footer.blocks(),
                header.options().compression(),
                header.options().filter());
        checkNumbers(check, properties);
        return properties;
    }

    private static void checkNumbers(RunFooterFormat.Check check, RunProperties properties) {
        long entries = properties.entries();
        check.within(ENTRIES_OFFSET, "entries", entries, properties.blocks(), Long.MAX_VALUE);
        check.within(DISTINCT_KEYS_OFFSET, "distinct keys", properties.distinctKeys(), 1, entries);
        check.within(TOMBSTONES_OFFSET, "tombstones", properties.tombstones(), 0, entries);
        check.within(KEY_BYTES_OFFSET, "key bytes", properties.keyBytes(), entries, Long.MAX_VALUE);
        check.within(VALUE_BYTES_OFFSET, "value bytes", properties.valueBytes(), 0, Long.MAX_VALUE);
        check.within(
                SMALLEST_SEQUENCE_OFFSET,
                "smallest sequence",
                properties.smallestSequence(),
                0,
                EntryLimits.SEQUENCE_MAX);
        check.within(
                LARGEST_SEQUENCE_OFFSET,
                "largest sequence",
                properties.largestSequence(),
                properties.smallestSequence(),
                EntryLimits.SEQUENCE_MAX);
    }
}
