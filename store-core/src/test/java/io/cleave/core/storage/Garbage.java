package io.cleave.core.storage;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** What simulated memory holds after its release, so that whoever still reads it finds nothing that looks right. */
final class Garbage {
    static final byte BYTE = (byte) 0xDB;

    private static final byte[] PIECE = new byte[8192];

    static {
        Arrays.fill(PIECE, BYTE);
    }

    private Garbage() {}

    static void fill(ByteBuffer bytes) {
        for (int at = 0; at < bytes.capacity(); at += PIECE.length) {
            bytes.put(at, PIECE, 0, Math.min(PIECE.length, bytes.capacity() - at));
        }
    }
}
