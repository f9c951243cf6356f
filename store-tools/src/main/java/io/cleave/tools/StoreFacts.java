package io.cleave.tools;

import io.cleave.core.storage.Storage;
import io.cleave.core.storage.StoreIdentity;
import io.cleave.error.StoreException;
import io.cleave.inspect.FileField;
import io.cleave.inspect.Finding;
import io.cleave.inspect.IndexLook;
import io.cleave.inspect.LogDebt;
import io.cleave.inspect.RunLayout;
import io.cleave.inspect.SegmentLook;
import io.cleave.inspect.StoreInspection;
import io.cleave.inspect.StoreVerification;
import io.cleave.inspect.Verdict;
import io.cleave.inspect.VerificationDepth;
import io.cleave.log.LogFileInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a report says of a store, looked up once. Immutable.
 *
 * @param directory its directory
 * @param identity its identity in hexadecimal digits
 * @param versions format versions of the kinds of files that are there
 * @param indexes its indexes, all or the one that was asked for
 * @param log its log files, lowest number first
 * @param verdict what a verification found, in the whole store, and what could not be read of the indexes
 * @param depth how far that went
 * @param operationsNotInRuns about how many operations are only in the log
 * @param times when run files were written, and when all of this was looked up
 */
record StoreFacts(
        Path directory,
        String identity,
        String versions,
        List<IndexLook> indexes,
        List<LogFileInfo> log,
        Verdict verdict,
        VerificationDepth depth,
        long operationsNotInRuns,
        Times times) {
    /**
     * When files were written, and when that was asked, in milliseconds since 1970.
     *
     * @param written by run file; one whose time could not be read is left out
     * @param taken when all the facts were looked up
     */
    record Times(Map<Path, Long> written, long taken) {
        Times {
            written = Map.copyOf(written);
        }

        /** When a file was written, 0 when nobody knows. */
        long writtenMillis(Path file) {
            return written.getOrDefault(file, 0L);
        }
    }

    /** Keeps its own copies of the lists. */
    StoreFacts {
        indexes = List.copyOf(indexes);
        log = List.copyOf(log);
    }

    /** Looks at a store; {@code indexes} are what was seen of it already. */
    static StoreFacts of(
            Storage storage, StoreInspection inspection, List<IndexLook> indexes, VerificationDepth depth) {
        Map<Path, Long> written = new HashMap<>();
        for (IndexLook look : indexes) {
            for (SegmentLook segment : look.segments()) {
                segment.runs().forEach(run -> putWritten(run.file(), written));
            }
        }
        // What can't be read is a finding of the verification.
        List<LogFileInfo> log = readable(inspection::logFiles, List.of());
        Verdict verdict = new StoreVerification(storage, inspection.directory(), (done, total) -> {}, depth).verify();
        return new StoreFacts(
                inspection.directory(),
                readable(() -> identity(inspection), "not readable"),
                readable(() -> versions(inspection, indexes, log), "not readable"),
                indexes,
                log,
                withUnread(verdict, indexes),
                depth,
                LogDebt.of(storage, log, indexes).operations(),
                new Times(written, storage.wallMillis()));
    }

    /** A writer that was always faster than the look at an index is nothing that a verification finds. */
    private static Verdict withUnread(Verdict verdict, List<IndexLook> indexes) {
        List<Finding> findings = new ArrayList<>(verdict.findings());
        indexes.stream()
                .flatMap(look -> look.unread().stream())
                .filter(unread -> unread.severity() == Finding.Severity.UNREAD)
                .filter(unread -> verdict.findings().stream()
                        .noneMatch(found -> found.file().equals(unread.file())))
                .forEach(findings::add);
        return new Verdict(
                findings,
                verdict.indexes(),
                verdict.segments(),
                verdict.runs(),
                verdict.entries(),
                verdict.bytes(),
                verdict.log());
    }

    private static String identity(StoreInspection inspection) {
        StoreIdentity identity = inspection.identity();
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(identity.high()) + "-" + hex.toHexDigits(identity.low());
    }

    private static <T> T readable(Supplier<T> look, T otherwise) {
        try {
            return look.get();
        } catch (StoreException.Corrupt | StoreException.Io e) {
            return otherwise;
        }
    }

    long entries() {
        return indexes.stream().mapToLong(IndexLook::entries).sum();
    }

    long tombstones() {
        return indexes.stream()
                .flatMap(look -> look.segments().stream())
                .mapToLong(SegmentLook::tombstones)
                .sum();
    }

    long segments() {
        return indexes.stream().mapToLong(look -> look.segments().size()).sum();
    }

    long runs() {
        return indexes.stream().mapToLong(IndexLook::runs).sum();
    }

    long runBytes() {
        return indexes.stream().mapToLong(IndexLook::runBytes).sum();
    }

    long logBytes() {
        return log.stream().mapToLong(LogFileInfo::bytes).sum();
    }

    private static void putWritten(Path run, Map<Path, Long> written) {
        try {
            written.put(run, Files.getLastModifiedTime(run).toMillis());
        } catch (IOException e) {
            // A live writer has merged it into another meanwhile: its time is then unknown, which the page says.
            written.remove(run);
        }
    }

    private static String versions(StoreInspection inspection, List<IndexLook> indexes, List<LogFileInfo> log) {
        StringBuilder versions =
                new StringBuilder("metadata " + inspection.catalogLayout().value("version"));
        runVersion(inspection, indexes)
                .ifPresent(version -> versions.append(", runs ").append(version));
        log.stream()
                .filter(file -> file.identity() != null)
                .findFirst()
                .flatMap(file ->
                        optional(() -> inspection.log(file.number()).blocks().value("version")))
                .ifPresent(version -> versions.append(", log ").append(version));
        return versions.toString();
    }

    /** That of the first run there is: all are of a version that this program reads, or looking would have failed. */
    private static Optional<Object> runVersion(StoreInspection inspection, List<IndexLook> indexes) {
        for (IndexLook look : indexes) {
            for (SegmentLook segment : look.segments()) {
                for (SegmentLook.RunLook run : segment.runs()) {
                    return optional(() ->
                            inspection.run(look.name(), segment.segmentId(), run.runNumber(), StoreFacts::version));
                }
            }
        }
        return Optional.empty();
    }

    private static Object version(RunLayout layout) {
        return layout.header().stream()
                .filter(field -> field.name().equals("version"))
                .map(FileField::value)
                .findFirst()
                .orElse(null);
    }

    /** What a file says, nothing when a live writer has removed it meanwhile. */
    private static Optional<Object> optional(Supplier<Object> look) {
        try {
            return Optional.ofNullable(look.get());
        } catch (StoreException.NotFound e) {
            return Optional.empty();
        }
    }
}
