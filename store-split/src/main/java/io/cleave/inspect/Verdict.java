package io.cleave.inspect;

import io.cleave.log.LogInspection;
import java.util.List;

/**
 * What a verification has seen. Immutable.
 *
 * @param findings what does not hold, in the order in which it was found
 * @param indexes indexes that the catalog names
 * @param segments segments checked
 * @param runs runs checked
 * @param entries entries of the runs by their properties, all versions and tombstones counted
 * @param bytes bytes checked; those of runs and log only when entries were read
 * @param log what the log is, null when it is damaged or was not read
 */
public record Verdict(
        List<Finding> findings,
        int indexes,
        long segments,
        long runs,
        long entries,
        long bytes,
        LogInspection.Continuity log) {
    /** Keeps its own copy of the list. */
    public Verdict {
        findings = List.copyOf(findings);
    }

    /** True when everything within the depth could be read and nothing is damaged; warnings may be there. */
    public boolean healthy() {
        return findings.stream().allMatch(finding -> finding.severity() == Finding.Severity.WARNING);
    }

    /** True when something is damaged. */
    public boolean damaged() {
        return findings.stream().anyMatch(finding -> finding.severity() == Finding.Severity.ERROR);
    }
}
