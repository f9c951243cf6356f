package io.cleave.inspect;

import java.nio.file.Path;
import java.util.List;

/**
 * A file, or the part of one that was asked for, field by field. Immutable.
 *
 * @param file where it is
 * @param bytes length of the file
 * @param fields in the order of their offsets, without a gap where the format has none
 */
public record FileLayout(Path file, long bytes, List<FileField> fields) {
    /** Keeps its own copy of the list. */
    public FileLayout {
        fields = List.copyOf(fields);
    }

    /** The value of the first field of that name, null when there is none. */
    public Object value(String name) {
        return fields.stream()
                .filter(field -> field.name().equals(name))
                .map(FileField::value)
                .findFirst()
                .orElse(null);
    }
}
