package io.cleave.catalog;

import io.cleave.core.storage.MetadataFormat;
import io.cleave.core.storage.PartFile;
import io.cleave.error.StoreException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** The body of a catalog. Authority: docs/format/metadata.md, "Catalog". */
public final class StoreCatalogFormat {
    /** First bytes of the file. */
    public static final long MAGIC = MetadataFormat.magic("CLVCATLG");

    /** The file, in the store's directory. */
    public static final PartFile<StoreCatalog> FILE = new PartFile<>(
            StoreCatalog.FILE_NAME, MAGIC, StoreCatalogFormat::decode, (catalog, frameVersion) -> encode(catalog));

    /** Longest name of an index, in bytes of UTF-8. */
    public static final int NAME_BYTES_MAX = 255;

    /** Longest name of a feature. */
    public static final int FEATURE_BYTES_MAX = 64;

    /** In the place where a catalog of level 1 begins with the next index id, which is never 0. */
    static final int LEVEL_MARK = 0;

    static final int MARK_OFFSET = 0;
    static final int LEVEL_OFFSET = MARK_OFFSET + Integer.BYTES;
    static final int FEATURE_COUNT_OFFSET = LEVEL_OFFSET + Integer.BYTES;
    static final int NEXT_INDEX_ID_OFFSET = FEATURE_COUNT_OFFSET + Integer.BYTES;
    static final int INDEX_COUNT_OFFSET = NEXT_INDEX_ID_OFFSET + Integer.BYTES;
    static final int FEATURES_OFFSET = INDEX_COUNT_OFFSET + Integer.BYTES;

    /** Within a feature: class, length of the name, the name. */
    static final int CLASS_OFFSET = 0;

    static final int FEATURE_LENGTH_OFFSET = CLASS_OFFSET + Byte.BYTES;
    static final int FEATURE_NAME_OFFSET = FEATURE_LENGTH_OFFSET + Byte.BYTES;

    /** Within an index: id, length of the name, length of the options, the name, the options. */
    static final int INDEX_ID_OFFSET = 0;

    static final int NAME_LENGTH_OFFSET = INDEX_ID_OFFSET + Integer.BYTES;
    static final int OPTIONS_LENGTH_OFFSET = NAME_LENGTH_OFFSET + Integer.BYTES;
    static final int NAME_OFFSET = OPTIONS_LENGTH_OFFSET + Integer.BYTES;

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
        if (catalog.level() == StoreCatalog.LEVEL_OLDEST) {
            return CatalogOfLevel1Format.encode(catalog);
        }
        int length = FEATURES_OFFSET;
        for (String name : catalog.features().keySet()) {
            length += FEATURE_NAME_OFFSET + name.length();
        }
        for (Map.Entry<String, Integer> index : catalog.indexes().entrySet()) {
            int options = StoredOptionsFormat.length(catalog.options().get(index.getValue()));
            length = Math.addExact(length, NAME_OFFSET + nameBytes(index.getKey()).length + options);
        }
        ByteBuffer body = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        body.putInt(LEVEL_MARK)
                .putInt(catalog.level())
                .putInt(catalog.features().size());
        body.putInt(catalog.nextIndexId()).putInt(catalog.indexes().size());
        catalog.features().forEach((name, featureClass) -> {
            byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
            body.put((byte) featureClass.code()).put((byte) bytes.length).put(bytes);
        });
        catalog.indexes().forEach((name, id) -> {
            byte[] bytes = nameBytes(name);
            StoredOptions options = catalog.options().get(id);
            body.putInt(id).putInt(bytes.length).putInt(StoredOptionsFormat.length(options));
            body.put(bytes);
            StoredOptionsFormat.encode(options, body);
        });
        return body.array();
    }

    /**
     * @throws StoreException.Corrupt naming the first field that is wrong
     * @throws StoreException.FormatVersion for another level, or a feature without which the store cannot be read
     */
    public static StoreCatalog decode(Path path, ByteBuffer body) {
        CatalogReader reader = new CatalogReader(path, body);
        boolean marked = body.capacity() >= LEVEL_OFFSET && body.getInt(MARK_OFFSET) == LEVEL_MARK;
        if (!marked) {
            return CatalogOfLevel1Format.decode(reader);
        }
        reader.check(
                body.capacity() >= FEATURES_OFFSET, 0, "body length", "at least " + FEATURES_OFFSET, body.capacity());
        int level = body.getInt(LEVEL_OFFSET);
        if (level > StoreCatalog.LEVEL) {
            throw new StoreException.FormatVersion(path, level, StoreCatalog.LEVEL_OLDEST, StoreCatalog.LEVEL);
        }
        reader.check(level == StoreCatalog.LEVEL, LEVEL_OFFSET, "level", StoreCatalog.LEVEL, level);
        reader.skip(FEATURES_OFFSET);
        Map<String, FeatureClass> features = reader.features(FEATURE_COUNT_OFFSET);
        StoreCatalog.requireKnown(path, features, featureClass -> featureClass == FeatureClass.READ);
        int nextIndexId = body.getInt(NEXT_INDEX_ID_OFFSET);
        reader.check(nextIndexId >= 1, NEXT_INDEX_ID_OFFSET, "next index id", "at least 1", nextIndexId);
        boolean known = features.keySet().stream().allMatch(name -> Feature.ofText(name) != null);
        Map<String, Integer> indexes = new TreeMap<>();
        Map<Integer, StoredOptions> options = new TreeMap<>();
        int count = reader.count(INDEX_COUNT_OFFSET, NAME_OFFSET, "indexes");
        for (int i = 0; i < count; i++) {
            int at = reader.at();
            reader.require(NAME_OFFSET, "index");
            int nameLength = body.getInt(at + NAME_LENGTH_OFFSET);
            int optionsLength = body.getInt(at + OPTIONS_LENGTH_OFFSET);
            int id = reader.id(at, nextIndexId, options.keySet());
            reader.skip(NAME_OFFSET);
            String name = reader.name(at + NAME_LENGTH_OFFSET, nameLength);
            reader.check(indexes.put(name, id) == null, at + NAME_OFFSET, "name", "each once", "twice");
            int optionsMax = known ? StoredOptionsFormat.LENGTH : reader.left();
            boolean fits =
                    optionsLength >= StoredOptionsFormat.LENGTH && optionsLength <= Math.min(optionsMax, reader.left());
            String range = StoredOptionsFormat.LENGTH + (known ? "" : " to " + optionsMax);
            reader.check(fits, at + OPTIONS_LENGTH_OFFSET, "length of options", range, optionsLength);
            options.put(id, StoredOptionsFormat.decode(reader, optionsLength));
        }
        reader.end();
        return new StoreCatalog(level, features, nextIndexId, indexes, options);
    }
}
