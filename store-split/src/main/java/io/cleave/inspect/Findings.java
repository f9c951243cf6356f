package io.cleave.inspect;

import io.cleave.catalog.StoreLayout;
import io.cleave.core.parts.PartId;
import io.cleave.core.parts.PartLine;
import io.cleave.core.parts.Parts;
import io.cleave.core.storage.PartFile;
import io.cleave.core.storage.Storage;
import io.cleave.error.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a verification collects on its way. Belongs to one thread. */
final class Findings {
    private final Storage storage;
    private final VerificationProgress progress;
    private final VerificationDepth depth;
    private final List<Finding> all = new ArrayList<>();
    private final long bytesTotal;

    /** The index that what comes is about; null for none. */
    private String index;

    private long segments;
    private long runs;
    private long entries;
    private long bytes;

    /** Highest sequence number in a run or manifest, and where. */
    private long sequence;

    private Path sequenceFile;

    /** Null while it is not known which store it is. */
    private Parts parts;

    /** Parts that were told to be of another age. */
    private final Set<PartId> told = new HashSet<>();

    Findings(Storage storage, Path store, VerificationProgress progress, VerificationDepth depth) {
        this.storage = storage;
        this.progress = progress;
        this.depth = depth;
        this.bytesTotal = bytesBelow(store);
    }

    /** For a second look, which counts nothing for anybody. */
    private Findings(Findings first) {
        parts = first.parts;
        this.storage = first.storage;
        this.progress = (done, total) -> {};
        this.depth = first.depth;
        this.bytesTotal = 0;
        this.index = first.index;
    }

    /** A place for what a second look at the same index finds. */
    Findings forSecondLook() {
        return new Findings(this);
    }

    /** What comes from now on is about an index of that name; null for none, or for one whose name is not known. */
    void about(String indexName) {
        index = indexName;
    }

    /** What was found since there were so many. */
    List<Finding> since(int count) {
        return List.copyOf(all.subList(count, all.size()));
    }

    /** Of what was found since there were so many, keeps what a second look has found as well. */
    void keepConfirmed(int count, Findings second) {
        all.subList(count, all.size()).removeIf(finding -> second.all.stream().noneMatch(finding::isAbout));
    }

    /** How far the verification goes. */
    VerificationDepth depth() {
        return depth;
    }

    void add(Finding finding) {
        all.add(index == null ? finding : finding.of(index));
    }

    void add(StoreException failure, Path file) {
        add(Finding.of(failure, file));
    }

    /** What stands at a path; absent, and a finding, when that can't be told. */
    Storage.PathKind kind(Path path) {
        try {
            return storage.kind(path);
        } catch (StoreException e) {
            add(e, path);
            return Storage.PathKind.ABSENT;
        }
    }

    /** What parts are compared with from now on. */
    void track(Parts itsParts) {
        parts = itsParts;
    }

    /** Compares the age of a part that was read; another age than the store's is a finding, once. */
    void compare(PartId part, PartFile.Held<?> held, PartLine.Contents contents) {
        try {
            if (parts != null && !told.contains(part)) {
                parts.compare(part, held, contents);
            }
        } catch (StoreException e) {
            told.add(part);
            add(e, held.file());
        }
    }

    /** A part that something names is not there. */
    void missing(PartId part, Path where) {
        add(parts.missing(part, where), where);
    }

    /** How many there are. */
    int count() {
        return all.size();
    }

    /** Some bytes are checked, right or wrong. */
    void checked(long more) {
        bytes += more;
        progress.checked(bytes, Math.max(bytes, bytesTotal));
    }

    /** What nobody reads must be a file all the same, or absent: it will be locked or written over. */
    void checkKind(Path file) {
        Storage.PathKind kind = kind(file);
        if (kind != Storage.PathKind.FILE && kind != Storage.PathKind.ABSENT) {
            add(Finding.error(file, 0, "kind of path", "a regular file", "something else"));
        }
    }

    /** True unless something else than a directory stands there, such as a link, which nobody follows; that is a finding then. */
    boolean checkDirectory(Path directory) {
        Storage.PathKind kind = kind(directory);
        boolean right = kind == Storage.PathKind.DIRECTORY || kind == Storage.PathKind.ABSENT;
        if (!right) {
            add(Finding.error(directory, 0, "kind of path", "a directory", "something else"));
        }
        return right;
    }

    /** Counts a file that was read whole. */
    void checkedFile(Path file) {
        checked(sizeOf(file));
    }

    void countSegment() {
        segments++;
    }

    void countRun(long itsEntries) {
        runs++;
        entries += itsEntries;
    }

    /** Something durable holds a sequence number. */
    void sawSequence(long number, Path where) {
        if (number > sequence) {
            sequence = number;
            sequenceFile = where;
        }
    }

    long sequence() {
        return sequence;
    }

    Path sequenceFile() {
        return sequenceFile;
    }

    Verdict verdict(int indexes, io.cleave.log.LogInspection.Continuity log) {
        progress.checked(Math.max(bytes, bytesTotal), Math.max(bytes, bytesTotal));
        return new Verdict(all, indexes, segments, runs, entries, bytes, log);
    }

    /** The names in a directory; none when it can't be read, which is a finding unless the directory has gone. */
    List<String> list(Path directory) {
        try {
            return storage.list(directory);
        } catch (StoreException.NotFound e) {
            return List.of();
        } catch (StoreException e) {
            add(e, directory);
            return List.of();
        }
    }

    private long sizeOf(Path file) {
        try {
            return storage.size(file);
        } catch (StoreException e) {
            // It has gone meanwhile, or is no file; what that means is judged elsewhere.
            return 0;
        }
    }

    private long bytesBelow(Path path) {
        try {
            return switch (storage.kind(path)) {
                case FILE -> storage.size(path);
                case DIRECTORY ->
                    storage.list(path).stream()
                            .filter(name -> !StoreLayout.isAside(name))
                            .mapToLong(name -> bytesBelow(path.resolve(name)))
                            .sum();
                case ABSENT, OTHER -> 0;
            };
        } catch (StoreException e) {
            return 0;
        }
    }
}
