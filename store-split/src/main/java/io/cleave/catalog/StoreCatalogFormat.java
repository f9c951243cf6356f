package io.cleave.catalog;

import io.cleave.core.storage.MetadataFormat;
import io.cleave.error.StoreException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The body of a catalog. Authority: docs/format/metadata.md, "Catalog". */
public final class StoreCatalogFormat {
    /** First bytes of the file. */
    public static final long MAGIC = MetadataFormat.magic("CLVCATLG");

    /** Longest name of an index, in bytes of UTF-8. */
    public static final int NAME_BYTES_MAX = 255;

    static final int NEXT_INDEX_ID_OFFSET = 0;
    static final int INDEX_COUNT_OFFSET = NEXT_INDEX_ID_OFFSET + Integer.BYTES;
    static final int INDEXES_OFFSET = INDEX_COUNT_OFFSET + Integer.BYTES;

    /** Within an index: id, length of the name, the name. */
    static final int INDEX_ID_OFFSET = 0;

    static final int NAME_LENGTH_OFFSET = INDEX_ID_OFFSET + Integer.BYTES;
    static final int NAME_OFFSET = NAME_LENGTH_OFFSET + Integer.BYTES;

    private StoreCatalogFormat() {}

    /** Checks the name of an index and gives its bytes. */
    public static byte[] nameBytes(String name) {
        ByteBuffer encoded;
        try {
            encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(name));
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("index name: expected text, found unpaired surrogates", e);
        }
        if (encoded.remaining() < 1 || encoded.remaining() > NAME_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "index name: expected 1 to " + NAME_BYTES_MAX + " bytes of UTF-8, found " + encoded.remaining());
        }
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }

    /** The body of the file. */
    public static byte[] encode(StoreCatalog catalog) {
        int length = INDEXES_OFFSET;
        for (String name : catalog.indexes().keySet()) {
            length = Math.addExact(length, NAME_OFFSET + nameBytes(name).length);
        }
        ByteBuffer body = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        body.putInt(catalog.nextIndexId()).putInt(catalog.indexes().size());
        catalog.indexes().forEach((name, id) -> {
            byte[] bytes = nameBytes(name);
            body.putInt(id).putInt(bytes.length).put(bytes);
        });
        return body.array();
    }

    /** @throws StoreException.Corrupt naming the first field that is wrong */
    public static StoreCatalog decode(Path path, ByteBuffer body) {
        check(path, body.capacity() >= INDEXES_OFFSET, 0, "body length", "at least " + INDEXES_OFFSET, body.capacity());
        int nextIndexId = body.getInt(NEXT_INDEX_ID_OFFSET);
        int count = body.getInt(INDEX_COUNT_OFFSET);
        int countMax = (body.capacity() - INDEXES_OFFSET) / NAME_OFFSET;
        check(path, nextIndexId >= 1, NEXT_INDEX_ID_OFFSET, "next index id", "at least 1", nextIndexId);
        check(path, count >= 0 && count <= countMax, INDEX_COUNT_OFFSET, "indexes", "0 to " + countMax, count);
        Map<String, Integer> indexes = new TreeMap<>();
        Set<Integer> ids = new HashSet<>();
        int at = INDEXES_OFFSET;
        for (int i = 0; i < count; i++) {
            check(path, at + NAME_OFFSET <= body.capacity(), at, "index", "inside the body", "cut off");
            int id = body.getInt(at + INDEX_ID_OFFSET);
            int nameLength = body.getInt(at + NAME_LENGTH_OFFSET);
            int lengthMax = Math.min(NAME_BYTES_MAX, body.capacity() - at - NAME_OFFSET);
            boolean fits = nameLength >= 1 && nameLength <= lengthMax;
            check(path, fits, at + NAME_LENGTH_OFFSET, "length of name", "1 to " + lengthMax, nameLength);
            boolean fresh = id >= 1 && id < nextIndexId && ids.add(id);
            check(path, fresh, at, "index id", "1 to " + (nextIndexId - 1) + ", each once", id);
            byte[] name = new byte[nameLength];
            body.get(at + NAME_OFFSET, name);
            Integer before = indexes.put(decodeName(path, at + NAME_OFFSET, name), id);
            check(path, before == null, at + NAME_OFFSET, "name", "each once", "twice");
            at += NAME_OFFSET + nameLength;
        }
        check(path, at == body.capacity(), at, "body length", at, body.capacity());
        return new StoreCatalog(nextIndexId, indexes);
    }

    private static String decodeName(Path path, int offset, byte[] name) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(name))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new StoreException.Corrupt(
                    path, MetadataFormat.BODY_OFFSET + offset, "index name", "UTF-8", "other bytes");
        }
    }

    private static void check(Path path, boolean holds, int offset, String what, Object expected, Object found) {
        if (!holds) {
            throw new StoreException.Corrupt(path, MetadataFormat.BODY_OFFSET + offset, what, expected, found);
        }
    }
}
