package io.cleave.fuzz;

import static io.cleave.core.fuzz.FuzzVerdict.succeeds;
import static io.cleave.core.fuzz.FuzzVerdict.withinMemory;

import io.cleave.catalog.StoreCatalogFormat;
import io.cleave.core.fuzz.FuzzInput;
import io.cleave.core.registry.SegmentIdAllocator;
import io.cleave.core.segment.SegmentManifestFormat;
import io.cleave.core.storage.MetadataFormat;
import io.cleave.route.KeyMapFormat;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;

/**
 * Catalog, key map, mark and manifest with changed bodies in frames whose checksums fit: what is accepted must be encoded again
 * as the same bytes. A target of docs/security.md.
 */
public final class MetadataFuzz {
    private static final Path FILE = Path.of("/sim/file");
    private static final List<byte[]> FILES = files();

    private MetadataFuzz() {}

    /** One case. */
    public static void fuzzerTestOneInput(byte[] bytes) {
        withinMemory(() -> check(bytes));
    }

    private static void check(byte[] bytes) {
        FuzzInput input = new FuzzInput(bytes);
        byte[] original = FILES.get(input.choice(FILES.size()));
        boolean sealed = input.choice(8) != 0;
        byte[] file = input.edit(original);
        if (sealed) {
            StoreImage.sealFrame(file);
        }
        long magic = ByteBuffer.wrap(original)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .getLong(0);
        succeeds(() -> decode(file, magic));
    }

    private static void decode(byte[] file, long magic) {
        ByteBuffer body = MetadataFormat.decode(FILE, magic, file).body();
        Function<ByteBuffer, byte[]> again;
        if (magic == StoreCatalogFormat.MAGIC) {
            again = read -> StoreCatalogFormat.encode(StoreCatalogFormat.decode(FILE, read));
        } else if (magic == KeyMapFormat.MAGIC) {
            again = read -> KeyMapFormat.encode(KeyMapFormat.decode(FILE, read));
        } else if (magic == SegmentManifestFormat.MAGIC) {
            boolean tellsEntries = body.capacity() >= Long.BYTES && (body.getInt(Integer.BYTES) & 4) != 0;
            int version = tellsEntries ? MetadataFormat.VERSION : MetadataFormat.VERSION_OLDEST;
            again = read -> SegmentManifestFormat.encode(SegmentManifestFormat.decode(FILE, read), version);
        } else {
            return;
        }
        byte[] encoded = again.apply(body);
        // The catalog is a set: its names may have stood in another order.
        boolean same = magic == StoreCatalogFormat.MAGIC
                ? encoded.length == body.capacity()
                : ByteBuffer.wrap(encoded).equals(body.rewind());
        if (!same) {
            byte[] read = new byte[body.capacity()];
            body.get(0, read);
            HexFormat hex = HexFormat.of();
            throw new AssertionError("accepted, but encoded as other bytes: " + Long.toHexString(magic) + " read "
                    + hex.formatHex(read) + ", encoded " + hex.formatHex(encoded));
        }
    }

    private static List<byte[]> files() {
        StoreImage image = SampleStore.image(0);
        return image.files().stream()
                .filter(path -> path.matches("catalog|.*/(key-map|segment-ids|manifest)"))
                .map(image::content)
                .filter(content -> ByteBuffer.wrap(content)
                                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                                .getLong(0)
                        != SegmentIdAllocator.MAGIC)
                .toList();
    }
}
