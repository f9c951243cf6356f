package io.cleave.inspect;

/**
 * One field of a file as it stands there. Immutable.
 *
 * @param offset byte offset in the file
 * @param bytes how many bytes it takes
 * @param name its name in the format document; fields of a list carry their place, for instance {@code ranges[2].lower}
 * @param value a number, a text, or a {@code byte[]} that belongs to the reader, for keys
 */
public record FileField(long offset, int bytes, String name, Object value) {}
