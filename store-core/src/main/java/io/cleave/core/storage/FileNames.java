package io.cleave.core.storage;

import java.net.URI;
import java.nio.file.Path;

/**
 * Names of files as text. A name on the disk is bytes; one that is no text in the encoding of this process is shown as {@value
 * #NO_TEXT} and its bytes, those that are not plain letters as {@code %} and two hexadecimal digits. From that the file is found again,
 * which it is not from what Java makes of such a name. Stateless, thread-safe.
 */
final class FileNames {
    /** How the text begins that stands for a name which is none. */
    static final String NO_TEXT = "no-text:";

    /** What Java puts in place of bytes that it can't decode. */
    private static final char REPLACED = '\uFFFD';

    private FileNames() {}

    /** The text for the last name of a path that a directory was asked for. */
    static String nameOf(Path path) {
        String name = path.getFileName().toString();
        if (name.indexOf(REPLACED) < 0 && !name.startsWith(NO_TEXT)) {
            return name;
        }
        String encoded = withoutSlash(path.toUri().getRawPath());
        return NO_TEXT + encoded.substring(encoded.lastIndexOf('/') + 1);
    }

    /** The path on the disk that a path with such texts in it stands for. */
    static Path pathOf(Path path) {
        if (!path.toString().contains(NO_TEXT)) {
            return path;
        }
        Path found = path.toAbsolutePath().getRoot();
        for (Path part : path.toAbsolutePath()) {
            String name = part.toString();
            found = name.startsWith(NO_TEXT)
                    ? Path.of(URI.create("file://" + withoutSlash(found.toUri().getRawPath()) + "/"
                            + name.substring(NO_TEXT.length())))
                    : found.resolve(part);
        }
        return found;
    }

    private static String withoutSlash(String path) {
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }
}
