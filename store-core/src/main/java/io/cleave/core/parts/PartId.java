package io.cleave.core.parts;

import java.util.Comparator;

/**
 * Which part of a store. Immutable; ordered as the lines of the ledger are: by index, then by kind, then by segment.
 *
 * @param kind what it is
 * @param indexId the index it belongs to, 0 for the catalog
 * @param segmentId the segment it belongs to, 0 for all but a manifest
 */
public record PartId(Kind kind, int indexId, long segmentId) implements Comparable<PartId> {
    /** The catalog of a store. */
    public static final PartId CATALOG = new PartId(Kind.CATALOG, 0, 0);

    private static final Comparator<PartId> ORDER =
            Comparator.comparingInt(PartId::indexId).thenComparing(PartId::kind).thenComparingLong(PartId::segmentId);

    /** What a part is, with its code on disk, which is never used for anything else. The order is that of the codes, from 1 on. */
    public enum Kind {
        /** The catalog of the store. */
        CATALOG(1),
        /** The key map of an index. */
        KEY_MAP(2),
        /** The mark of an index's segment ids. */
        SEGMENT_IDS(3),
        /** The manifest of a segment. */
        MANIFEST(4);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    /** The key map of an index. */
    public static PartId keyMap(int indexId) {
        return new PartId(Kind.KEY_MAP, indexId, 0);
    }

    /** The mark of an index's segment ids. */
    public static PartId segmentIds(int indexId) {
        return new PartId(Kind.SEGMENT_IDS, indexId, 0);
    }

    /** The manifest of a segment. */
    public static PartId manifest(int indexId, long segmentId) {
        return new PartId(Kind.MANIFEST, indexId, segmentId);
    }

    @Override
    public int compareTo(PartId other) {
        return ORDER.compare(this, other);
    }

    /** By hand: the equality that the compiler makes leaves its class in a cache of the JDK (ADR 0035). */
    @Override
    public boolean equals(Object other) {
        return other instanceof PartId part
                && kind == part.kind
                && indexId == part.indexId
                && segmentId == part.segmentId;
    }

    @Override
    public int hashCode() {
        return (31 * kind.code() + indexId) * 31 + Long.hashCode(segmentId);
    }

    /** For people. */
    @Override
    public String toString() {
        return switch (kind) {
            case CATALOG -> "catalog";
            case KEY_MAP -> "key map of index " + indexId;
            case SEGMENT_IDS -> "segment ids of index " + indexId;
            case MANIFEST -> "manifest of segment " + segmentId + " of index " + indexId;
        };
    }
}
