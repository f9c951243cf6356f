package io.cleave.core.bytes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

final class ChecksumTest {
    private static final byte[] DIGITS = "123456789".getBytes(StandardCharsets.US_ASCII);

    @Test
    void isCrc32cOfThePlaceAndTheBytes() {
        RandomCases.check(2_000, (random, seed) -> {
            byte[] bytes = new byte[random.nextInt(100)];
            random.nextBytes(bytes);
            long file = random.nextLong();
            long offset = random.nextLong();
            int from = random.nextInt(bytes.length + 1);
            int length = random.nextInt(bytes.length - from + 1);
            CRC32C crc = new CRC32C();
            crc.update(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(0, file + offset * 0x9E3779B97F4A7C15L));
            crc.update(bytes, from, length);
            assertEquals((int) crc.getValue(), Checksum.at(file, offset, bytes, from, length));
        });
    }

    @Test
    void hasTheValuesThatStandInFilesOfVersionOne() {
        assertEquals(0x820E59C9, Checksum.at(0, 0, DIGITS, 0, 9));
        assertEquals(0x357454A0, Checksum.at(1, 4096, DIGITS, 0, 9));
        assertEquals(0x7FDE8D4A, Checksum.at(-1, 1L << 40, DIGITS, 0, 0));
    }

    @Test
    void differsForTheSameBytesElsewhere() {
        RandomCases.check(2_000, (random, seed) -> {
            long file = random.nextLong();
            long offset = random.nextLong(1L << 40);
            int here = Checksum.at(file, offset, DIGITS, 0, 9);
            assertNotEquals(here, Checksum.at(file, offset + 1 + random.nextInt(1 << 20), DIGITS, 0, 9));
            assertNotEquals(here, Checksum.at(file + 1 + random.nextInt(1000), offset, DIGITS, 0, 9));
        });
    }

    @Test
    void differsForEveryFlippedBit() {
        byte[] bytes = DIGITS.clone();
        int whole = Checksum.at(7, 7, bytes, 0, 9);
        for (int bit = 0; bit < 72; bit++) {
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            assertNotEquals(whole, Checksum.at(7, 7, bytes, 0, 9), "bit " + bit);
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
        }
    }
}
