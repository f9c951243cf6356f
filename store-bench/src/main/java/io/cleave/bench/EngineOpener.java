package io.cleave.bench;

import java.nio.file.Path;

/** Opens a store in a directory, creating it when the directory is empty. */
@FunctionalInterface
interface EngineOpener {
    BenchEngine open(Path directory) throws Exception;

    /**
     * Native code is loaded at once, so that unpacking it counts in no measurement.
     *
     * @param memoryMib memory that a run may use whose data do not fit in it, 0 when they do
     */
    static EngineOpener of(EngineKind kind, Corpus corpus, int memoryMib) {
        return switch (kind) {
            case CLEAVE, CLEAVE_PLAIN, CLEAVE_LZ4 -> directory -> CleaveEngine.open(kind, directory, memoryMib);
            case ROCKSDB -> {
                RocksEngine.loadLibrary();
                yield directory -> RocksEngine.open(directory, memoryMib);
            }
            case LMDB -> {
                LmdbEngine.loadLibrary();
                yield directory -> LmdbEngine.open(directory, corpus.bytes(), memoryMib);
            }
            case MVSTORE -> directory -> MvStoreEngine.open(directory, memoryMib);
        };
    }
}
