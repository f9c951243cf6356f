import static java.nio.charset.StandardCharsets.UTF_8;

import io.cleave.Cursor;
import io.cleave.KeyRange;
import io.cleave.SegmentIndex;
import io.cleave.SegmentStore;
import io.cleave.WriteBatch;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Towns by name, and their names by population: two indexes that one batch keeps in step. After a crash both are there, or none. One
 * thread writes.
 */
class SecondaryIndex {
    public static void main(String[] arguments) {
        try (SegmentStore store = SegmentStore.open(Path.of(arguments[0]))) {
            SegmentIndex towns = store.index("towns");
            SegmentIndex bySize = store.index("towns-by-size");
            put(store, towns, bySize, "Bern", 134_000);
            put(store, towns, bySize, "Oulu", 214_000);
            put(store, towns, bySize, "Bern", 137_000);
            try (Cursor cursor = bySize.cursor(KeyRange.all().descending())) {
                while (cursor.next()) {
                    ByteBuffer key = cursor.key();
                    int size = key.getInt();
                    System.out.println(UTF_8.decode(key) + " " + size);
                }
            }
        }
    }

    private static void put(SegmentStore store, SegmentIndex towns, SegmentIndex bySize, String name, int size) {
        byte[] key = name.getBytes(UTF_8);
        try (WriteBatch batch = store.batch()) {
            byte[] before = towns.get(key);
            if (before != null) {
                batch.delete(bySize, sizeKey(ByteBuffer.wrap(before).getInt(), key));
            }
            batch.put(towns, key, ByteBuffer.allocate(Integer.BYTES).putInt(size).array());
            batch.put(bySize, sizeKey(size, key), new byte[0]);
            batch.commit();
        }
    }

    /** Keys are compared as unsigned bytes: numbers stand with their highest byte first, and the name makes each key its own. */
    private static byte[] sizeKey(int size, byte[] name) {
        return ByteBuffer.allocate(Integer.BYTES + name.length)
                .putInt(size)
                .put(name)
                .array();
    }
}
// Prints:
// Oulu 214000
// Bern 137000
