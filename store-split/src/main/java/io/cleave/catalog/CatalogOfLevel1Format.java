package io.cleave.catalog;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The body of a catalog of level 1. Authority: docs/format/metadata.md, "Catalog of level 1". */
final class CatalogOfLevel1Format {
    static final int NEXT_INDEX_ID_OFFSET = 0;
    static final int INDEX_COUNT_OFFSET = NEXT_INDEX_ID_OFFSET + Integer.BYTES;
    static final int INDEXES_OFFSET = INDEX_COUNT_OFFSET + Integer.BYTES;

    /** Within an index: id, length of the name, the name. */
    static final int INDEX_ID_OFFSET = 0;

    static final int NAME_LENGTH_OFFSET = INDEX_ID_OFFSET + Integer.BYTES;
    static final int NAME_OFFSET = NAME_LENGTH_OFFSET + Integer.BYTES;

    private CatalogOfLevel1Format() {}

    static byte[] encode(StoreCatalog catalog) {
        int length = INDEXES_OFFSET;
        for (String name : catalog.indexes().keySet()) {
            length = Math.addExact(length, NAME_OFFSET + StoreCatalogFormat.nameBytes(name).length);
        }
        ByteBuffer body = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        body.putInt(catalog.nextIndexId()).putInt(catalog.indexes().size());
        catalog.indexes().forEach((name, id) -> {
            byte[] bytes = StoreCatalogFormat.nameBytes(name);
            body.putInt(id).putInt(bytes.length).put(bytes);
        });
        return body.array();
    }

    static StoreCatalog decode(CatalogReader reader) {
        ByteBuffer body = reader.body();
        reader.check(
                body.capacity() >= INDEXES_OFFSET, 0, "body length", "at least " + INDEXES_OFFSET, body.capacity());
        int nextIndexId = body.getInt(NEXT_INDEX_ID_OFFSET);
        reader.check(nextIndexId >= 1, NEXT_INDEX_ID_OFFSET, "next index id", "at least 1", nextIndexId);
        reader.skip(INDEXES_OFFSET);
        int count = reader.count(INDEX_COUNT_OFFSET, NAME_OFFSET, "indexes");
        Map<String, Integer> indexes = new TreeMap<>();
        Set<Integer> ids = new HashSet<>();
        for (int i = 0; i < count; i++) {
            int at = reader.at();
            reader.require(NAME_OFFSET, "index");
            int id = reader.id(at, nextIndexId, ids);
            ids.add(id);
            reader.skip(NAME_OFFSET);
            String name = reader.name(at + NAME_LENGTH_OFFSET, body.getInt(at + NAME_LENGTH_OFFSET));
            reader.check(indexes.put(name, id) == null, at + NAME_OFFSET, "name", "each once", "twice");
        }
        reader.end();
        return StoreCatalog.ofLevel1(nextIndexId, indexes);
    }
}
