package io.cleave.tools;

import io.cleave.catalog.StoreCatalog;
import io.cleave.catalog.StoredOptions;
import io.cleave.core.run.Compression;
import java.util.Locale;

/** How a store and its indexes are kept, for people and as JSON: level, features, options. Stateless. */
final class KeptText {
    private KeptText() {}

    /** Level and features in one line. */
    static String format(StoreCatalog catalog) {
        String features = catalog.features().isEmpty()
                ? ""
                : ": " + String.join(", ", catalog.features().keySet());
        String hint = catalog.isCurrent() ? "" : "; \"cleave upgrade\" makes it one that this version writes";
        return "level " + catalog.level() + features + hint;
    }

    /** The options of an index in one line; empty when the store has none. */
    static String options(StoreCatalog catalog, int indexId) {
        StoredOptions options = catalog.options().get(indexId);
        if (options == null) {
            return "";
        }
        String compression = options.run().compression() == Compression.NONE
                ? "no compression"
                : options.run().compression().name();
        String filter = switch (options.run().filter()) {
            case NONE -> "no filter";
            case BLOOM -> "bloom filter";
            case POINT_INDEX -> "point index";
        };
        String entries = options.segmentEntriesMax() == StoredOptions.SEGMENT_ENTRIES_MOST
                ? ""
                : " and " + Figures.count(options.segmentEntriesMax()) + " entries";
        return compression + ", " + filter + ", blocks of "
                + Figures.bytes(options.run().blockBytes()) + ", segments up to "
                + Figures.bytes(options.segmentBytesMax()) + entries;
    }

    /** Level and features as fields. */
    static void format(Json json, StoreCatalog catalog) {
        json.field("level", catalog.level()).name("features").array();
        catalog.features().keySet().forEach(json::value);
        json.endArray();
    }

    /** The options of an index as a field; nothing when the store has none. */
    static void options(Json json, StoreCatalog catalog, int indexId) {
        StoredOptions options = catalog.options().get(indexId);
        if (options == null) {
            return;
        }
        json.name("options").object();
        json.field("compression", options.run().compression().name().toLowerCase(Locale.ROOT));
        json.field("filter", options.run().filter().name().toLowerCase(Locale.ROOT));
        json.field("blockBytes", options.run().blockBytes());
        json.field("segmentBytesMax", options.segmentBytesMax());
        json.field("segmentEntriesMax", options.segmentEntriesMax());
        json.endObject();
    }
}
