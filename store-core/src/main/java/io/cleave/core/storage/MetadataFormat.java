package io.cleave.core.storage;

import io.cleave.core.bytes.Checksum;
import io.cleave.error.StoreException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The frame around every small file that is replaced whole: magic, format version, length, store identity, body, version of
 * the part, checksum. Little-endian. Authority: docs/format/metadata.md, "Frame".
 */
public final class MetadataFormat {
    /** Version of a frame that does not tell the version of its part: that of stores without a ledger. */
    public static final int VERSION_OLDEST = 1;

    /** Version that this build writes into stores with a ledger. */
    public static final int VERSION = 2;

    /** Largest file that is read: bounds the memory a damaged length can ask for. */
    public static final int FILE_BYTES_MAX = 64 << 20;

    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = MAGIC_OFFSET + Long.BYTES;
    static final int LENGTH_OFFSET = VERSION_OFFSET + Integer.BYTES;
    static final int STORE_HIGH_OFFSET = LENGTH_OFFSET + Integer.BYTES;
    static final int STORE_LOW_OFFSET = STORE_HIGH_OFFSET + Long.BYTES;

    /** Offset of the body. */
    public static final int BODY_OFFSET = STORE_LOW_OFFSET + Long.BYTES;

    /** Bytes after the body in a frame of {@link #VERSION_OLDEST}: the checksum. */
    public static final int TRAILER_BYTES = Integer.BYTES;

    /** Bytes between body and checksum in a frame of {@link #VERSION}: the version of the part. */
    static final int PART_VERSION_BYTES = Long.BYTES;

    private MetadataFormat() {}

    /** The eight bytes of a magic name, for instance {@code CLVMANIF}, as they stand in the file. */
    public static long magic(String name) {
        if (name.length() != Long.BYTES) {
            throw new IllegalArgumentException("magic: expected 8 characters, found " + name);
        }
        long magic = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            magic |= (name.charAt(i) & 0xFFL) << (8 * i);
        }
        return magic;
    }

    /** A whole file of {@link #VERSION_OLDEST}. */
    public static byte[] encode(long magic, StoreIdentity identity, byte[] body) {
        return seal(magic, begin(VERSION_OLDEST, magic, identity, body));
    }

    /**
     * A whole file of {@link #VERSION}.
     *
     * @param partVersion how often the part was published, this time included
     */
    public static byte[] encode(long magic, StoreIdentity identity, long partVersion, byte[] body) {
        byte[] file = begin(VERSION, magic, identity, body);
        ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putLong(BODY_OFFSET + body.length, partVersion);
        return seal(magic, file);
    }

    private static byte[] begin(int version, long magic, StoreIdentity identity, byte[] body) {
        byte[] file = new byte[BODY_OFFSET + body.length + trailerBytes(version)];
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(MAGIC_OFFSET, magic);
        bytes.putInt(VERSION_OFFSET, version);
        bytes.putInt(LENGTH_OFFSET, file.length);
        bytes.putLong(STORE_HIGH_OFFSET, identity.high());
        bytes.putLong(STORE_LOW_OFFSET, identity.low());
        System.arraycopy(body, 0, file, BODY_OFFSET, body.length);
        return file;
    }

    private static byte[] seal(long magic, byte[] file) {
        int crcOffset = file.length - TRAILER_BYTES;
        ByteBuffer.wrap(file)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(crcOffset, Checksum.at(magic, 0, file, 0, crcOffset));
        return file;
    }

    /** What stands behind the body in a frame of a version that is known. */
    public static int trailerBytes(int version) {
        return version == VERSION_OLDEST ? TRAILER_BYTES : PART_VERSION_BYTES + TRAILER_BYTES;
    }

    /** The checksum of a whole file. */
    public static int checksum(byte[] file) {
        return ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(file.length - TRAILER_BYTES);
    }

    /**
     * What a file holds once its frame was checked.
     *
     * @param version version of the frame
     * @param store whose it is
     * @param partVersion how often the part was published; 0 in a frame that does not tell it
     * @param checksum of the whole file
     * @param body little-endian, position 0 to the end of the body
     */
    public record Frame(int version, StoreIdentity store, long partVersion, int checksum, ByteBuffer body) {
        /** Where the version of the part stands in the file; where that of the frame does when there is none. */
        public long partVersionOffset() {
            return version == VERSION_OLDEST ? VERSION_OFFSET : BODY_OFFSET + body.capacity();
        }
    }

    /**
     * Checks the frame.
     *
     * @throws StoreException.Corrupt naming the first field that is wrong
     * @throws StoreException.FormatVersion when the version is not known
     */
    public static Frame decode(Path path, long magic, byte[] file) {
        if (file.length < BODY_OFFSET + TRAILER_BYTES) {
            throw new StoreException.Corrupt(
                    path, 0, "file length", "at least " + (BODY_OFFSET + TRAILER_BYTES), file.length);
        }
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        expect(path, MAGIC_OFFSET, "magic", magic, bytes.getLong(MAGIC_OFFSET));
        int version = bytes.getInt(VERSION_OFFSET);
        int crcOffset = file.length - TRAILER_BYTES;
        boolean whole = bytes.getInt(crcOffset) == Checksum.at(magic, 0, file, 0, crcOffset);
        boolean known = version == VERSION || version == VERSION_OLDEST;
        if (!known && whole) {
            throw new StoreException.FormatVersion(path, version, VERSION_OLDEST, VERSION);
        }
        if (!known) {
            throw new StoreException.Corrupt(
                    path, VERSION_OFFSET, "version", VERSION_OLDEST + " to " + VERSION, Integer.toString(version));
        }
        expect(path, LENGTH_OFFSET, "length", file.length, bytes.getInt(LENGTH_OFFSET));
        if (!whole) {
            throw new StoreException.Corrupt(
                    path,
                    crcOffset,
                    "checksum",
                    Integer.toHexString(Checksum.at(magic, 0, file, 0, crcOffset)),
                    Integer.toHexString(bytes.getInt(crcOffset)));
        }
        int bodyEnd = file.length - trailerBytes(version);
        if (bodyEnd < BODY_OFFSET) {
            throw new StoreException.Corrupt(
                    path, 0, "file length", "at least " + (BODY_OFFSET + trailerBytes(version)), file.length);
        }
        long partVersion = version == VERSION_OLDEST ? 0 : bytes.getLong(bodyEnd);
        if (partVersion < 0 || (partVersion == 0 && version != VERSION_OLDEST)) {
            throw new StoreException.Corrupt(path, bodyEnd, "version of the part", "at least 1", partVersion);
        }
        byte[] body = Arrays.copyOfRange(file, BODY_OFFSET, bodyEnd);
        return new Frame(
                version,
                new StoreIdentity(bytes.getLong(STORE_HIGH_OFFSET), bytes.getLong(STORE_LOW_OFFSET)),
                partVersion,
                bytes.getInt(crcOffset),
                ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN));
    }

    /** What would be the body if the frame were whole, for those who check it by other means; null when there is no room. */
    public static ByteBuffer unchecked(byte[] file) {
        if (file.length < BODY_OFFSET + TRAILER_BYTES) {
            return null;
        }
        int version = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(VERSION_OFFSET);
        int bodyEnd = file.length - trailerBytes(version);
        return bodyEnd < BODY_OFFSET
                ? null
                : ByteBuffer.wrap(Arrays.copyOfRange(file, BODY_OFFSET, bodyEnd))
                        .order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void expect(Path path, long offset, String what, long expected, long found) {
        if (expected != found) {
            throw new StoreException.Corrupt(
                    path, offset, what, "0x" + Long.toHexString(expected), "0x" + Long.toHexString(found));
        }
    }
}
