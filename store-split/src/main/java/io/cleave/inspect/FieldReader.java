package io.cleave.inspect;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Takes one field after the other from the bytes of a file, little-endian. Belongs to one thread. */
final class FieldReader {
    private final ByteBuffer source;
    private final long base;
    private final List<FileField> fields = new ArrayList<>();
    private int at;

    /**
     * @param bytes the whole part
     * @param base file offset of its first byte
     */
    FieldReader(byte[] bytes, long base) {
        this.source = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        this.base = base;
    }

    /** Bytes that were taken. */
    int taken() {
        return at;
    }

    /** What was taken so far. */
    List<FileField> fields() {
        return fields;
    }

    int number1(String name) {
        int value = Byte.toUnsignedInt(source.get(at));
        return (int) add(name, Byte.BYTES, value);
    }

    int number2(String name) {
        int value = Short.toUnsignedInt(source.getShort(at));
        return (int) add(name, Short.BYTES, value);
    }

    int number4(String name) {
        int value = source.getInt(at);
        return (int) add(name, Integer.BYTES, value);
    }

    /** The low seven bytes of a word. */
    long number7(String name) {
        long value = source.getLong(at) & 0x00FF_FFFF_FFFF_FFFFL;
        return add(name, 7, value);
    }

    long number8(String name) {
        long value = source.getLong(at);
        return add(name, Long.BYTES, value);
    }

    /** A number that people know by its hexadecimal digits: a checksum or an identity. */
    void hex(String name, int length) {
        long value = length == Long.BYTES ? source.getLong(at) : Integer.toUnsignedLong(source.getInt(at));
        String digits = HexFormat.of().toHexDigits(value, 2 * length);
        add(name, length, "0x" + digits);
    }

    /** Bytes that are a name, as text. */
    String text(String name, int length) {
        byte[] bytes = copy(length);
        String text = new String(bytes, StandardCharsets.UTF_8);
        add(name, length, text);
        return text;
    }

    /** Bytes that are a key. */
    void key(String name, int length) {
        byte[] bytes = copy(length);
        add(name, length, bytes);
    }

    /** Leaves bytes out. */
    void skip(int length) {
        at += length;
    }

    private byte[] copy(int length) {
        byte[] bytes = new byte[length];
        source.get(at, bytes);
        return bytes;
    }

    private long add(String name, int length, long value) {
        Object boxed = length <= Integer.BYTES ? (Object) (int) value : (Object) value;
        add(name, length, boxed);
        return value;
    }

    private void add(String name, int length, Object value) {
        fields.add(new FileField(base + at, length, name, value));
        at += length;
    }
}
