package io.cleave.core.resource;

import java.nio.file.Path;

/** A mapped file as {@link MappedResources} sees it. Thread-safe. */
public interface MappedResource {
    /** The file. */
    Path path();

    /** Bytes that are mapped. */
    long mappedBytes();

    /** Whether the file goes when the last holder lets go. Never becomes false again. */
    boolean isDeleted();

    /** Unmaps it. Called once nobody can be reading; again only after it has thrown. */
    void unmap();
}
