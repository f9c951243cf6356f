package io.cleave.catalog;

import io.cleave.core.storage.MetadataFormat;
import io.cleave.error.StoreException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Steps through the body of a catalog and refuses the first field that is wrong. Belongs to one thread. */
final class CatalogReader {
    private static final Pattern FEATURE_NAME = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");

    private final Path path;
    private final ByteBuffer body;
    private int at;

    CatalogReader(Path path, ByteBuffer body) {
        this.path = path;
        this.body = body;
    }

    ByteBuffer body() {
        return body;
    }

    /** Offset of what is read next. */
    int at() {
        return at;
    }

    int left() {
        return body.capacity() - at;
    }

    void skip(int bytes) {
        at += bytes;
    }

    void check(boolean holds, int offset, String what, Object expected, Object found) {
        if (!holds) {
            throw new StoreException.Corrupt(path, MetadataFormat.BODY_OFFSET + offset, what, expected, found);
        }
    }

    /** Refuses a body that ends too early. */
    void require(int bytes, String what) {
        check(left() >= bytes, at, what, "inside the body", "cut off");
    }

    /** A count that the rest of the body has room for. */
    int count(int offset, int bytesEach, String what) {
        int count = body.getInt(offset);
        int most = left() / bytesEach;
        check(count >= 0 && count <= most, offset, what, "0 to " + most, count);
        return count;
    }

    /** The id of an index, which nobody has had before. */
    int id(int offset, int nextIndexId, Set<Integer> before) {
        int id = body.getInt(offset);
        boolean fresh = id >= 1 && id < nextIndexId && !before.contains(id);
        check(fresh, offset, "index id", "1 to " + (nextIndexId - 1) + ", each once", id);
        return id;
    }

    /** The name of an index. */
    String name(int lengthOffset, int length) {
        int most = Math.min(StoreCatalogFormat.NAME_BYTES_MAX, left());
        check(length >= 1 && length <= most, lengthOffset, "length of name", "1 to " + most, length);
        byte[] name = bytes(length);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(name))
                    .toString();
        } catch (CharacterCodingException e) {
            int offset = MetadataFormat.BODY_OFFSET + at - length;
            throw new StoreException.Corrupt(path, offset, "index name", "UTF-8", "other bytes");
        }
    }

    /** The features, in the order of their names. */
    Map<String, FeatureClass> features(int countOffset) {
        int count = count(countOffset, StoreCatalogFormat.FEATURE_NAME_OFFSET, "features");
        Map<String, FeatureClass> features = new TreeMap<>();
        String before = "";
        for (int i = 0; i < count; i++) {
            int start = at;
            require(StoreCatalogFormat.FEATURE_NAME_OFFSET, "feature");
            int code = body.get(start + StoreCatalogFormat.CLASS_OFFSET);
            FeatureClass featureClass = FeatureClass.ofCode(code);
            check(featureClass != null, start, "class of feature", "1 to " + FeatureClass.values().length, code);
            int length = body.get(start + StoreCatalogFormat.FEATURE_LENGTH_OFFSET);
            skip(StoreCatalogFormat.FEATURE_NAME_OFFSET);
            int most = Math.min(StoreCatalogFormat.FEATURE_BYTES_MAX, left());
            int lengthOffset = start + StoreCatalogFormat.FEATURE_LENGTH_OFFSET;
            check(length >= 1 && length <= most, lengthOffset, "length of name", "1 to " + most, length);
            String name = new String(bytes(length), StandardCharsets.ISO_8859_1);
            boolean legal = FEATURE_NAME.matcher(name).matches() && name.compareTo(before) > 0;
            check(
                    legal,
                    at - length,
                    "name of feature",
                    "words and hyphens, above \"" + before + '"',
                    '"' + name + '"');
            Feature known = Feature.ofText(name);
            boolean same = known == null || known.featureClass() == featureClass;
            check(same, start, "class of feature " + name, known == null ? "" : known.featureClass(), featureClass);
            features.put(name, featureClass);
            before = name;
        }
        return features;
    }

    /** Refuses bytes that are left over. */
    void end() {
        check(left() == 0, at, "body length", at, body.capacity());
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        body.get(at, bytes);
        at += length;
        return bytes;
    }
}
