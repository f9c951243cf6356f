package io.cleave.core.storage;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * One kind of framed file, see {@link MetadataFormat}: its name in its directory, its magic, and what its body holds. Immutable,
 * thread-safe. Errors are those of {@link MetadataFile} and of the decoder.
 *
 * @param <T> what the body holds
 */
public final class PartFile<T> {
    /** Reads a body. */
    @FunctionalInterface
    public interface Decoder<T> {
        /** What a body holds; {@code file} is for errors. */
        T decode(Path file, ByteBuffer body);
    }

    /** Writes a body. */
    @FunctionalInterface
    public interface Encoder<T> {
        /** The body for a frame of a version. */
        byte[] encode(T content, int frameVersion);
    }

    /**
     * A file that was read.
     *
     * @param file where it lies
     * @param frame its frame
     * @param content what its body holds
     */
    public record Held<T>(Path file, MetadataFormat.Frame frame, T content) {}

    private final String name;
    private final long magic;
    private final Decoder<T> decoder;
    private final Encoder<T> encoder;

    /** Describes a kind. */
    public PartFile(String name, long magic, Decoder<T> decoder, Encoder<T> encoder) {
        this.name = name;
        this.magic = magic;
        this.decoder = decoder;
        this.encoder = encoder;
    }

    /** Where it lies in a directory. */
    public Path in(Path directory) {
        return directory.resolve(name);
    }

    /** The first bytes of the file. */
    public long magic() {
        return magic;
    }

    /** Its frame, whatever store it belongs to; the body is not looked at. */
    public MetadataFormat.Frame frame(Storage storage, Path directory) {
        return MetadataFile.read(storage, in(directory), magic);
    }

    /** Reads the one in a directory, whatever store it belongs to. */
    public Held<T> read(Storage storage, Path directory) {
        return readAt(storage, in(directory));
    }

    /** Reads the one in a directory and checks that it belongs to a store. */
    public Held<T> read(Storage storage, Path directory, StoreIdentity identity) {
        return readAt(storage, in(directory), identity);
    }

    /** Reads one that lies somewhere, whatever store it belongs to. */
    public Held<T> readAt(Storage storage, Path file) {
        return held(file, MetadataFile.read(storage, file, magic));
    }

    /** Reads one that lies somewhere and checks that it belongs to a store. */
    public Held<T> readAt(Storage storage, Path file, StoreIdentity identity) {
        return held(file, MetadataFile.read(storage, file, magic, identity));
    }

    /** What a file holds whose frame was read before. */
    public Held<T> held(Path file, MetadataFormat.Frame frame) {
        return new Held<>(file, frame, decoder.decode(file, frame.body()));
    }

    /** The body that says this, for a frame of a version. */
    public byte[] encode(T content, int frameVersion) {
        return encoder.encode(content, frameVersion);
    }

    /** Publishes one in a frame that tells no version of the part, as {@link MetadataFile#publish(Storage, Path, byte[])} does. */
    public void publish(Storage storage, Path directory, StoreIdentity identity, T content) {
        byte[] body = encoder.encode(content, MetadataFormat.VERSION_OLDEST);
        MetadataFile.publish(storage, in(directory), MetadataFormat.encode(magic, identity, body));
    }
}
