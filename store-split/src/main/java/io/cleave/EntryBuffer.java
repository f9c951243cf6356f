package io.cleave;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Bytes of a cursor's entry as a buffer that is handed out again and again: the same object until a longer entry needs a larger one, empty
 * from a move to the next time that it is asked for. Belongs to one thread.
 */
final class EntryBuffer {
    private static final int BYTES_MAX = Integer.MAX_VALUE - 8;

    private byte[] bytes;
    private ByteBuffer buffer;

    EntryBuffer(int bytesFirst) {
        bytes = new byte[bytesFirst];
        buffer = ByteBuffer.wrap(bytes).asReadOnlyBuffer().limit(0);
    }

    /** Where to put so many bytes of the entry; {@link #show} has them then. */
    byte[] room(int length) {
        if (bytes.length < length) {
            bytes = new byte[Math.max(length, (int) Math.min(BYTES_MAX, 2L * bytes.length))];
            buffer = ByteBuffer.wrap(bytes).asReadOnlyBuffer();
        }
        buffer.order(ByteOrder.BIG_ENDIAN);
        return bytes;
    }

    /** The buffer, from position 0 to a limit. */
    ByteBuffer show(int length) {
        return buffer.limit(length).position(0);
    }

    /** The entry is no longer the one that it shows. */
    void empty() {
        buffer.limit(0);
    }
}
