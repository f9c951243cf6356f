package io.cleave.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reports as JSON, there and back. */
final class ReportJsonTest {
    @Test
    void aReportSurvivesTheRoundTrip() {
        Report report = Samples.report(Samples.everything(EngineKind.CLEAVE, EngineKind.MVSTORE));
        String text = ReportJson.write(report);
        assertEquals(report, ReportJson.read(text));
        assertEquals(text, ReportJson.write(ReportJson.read(text)));
    }

    @Test
    void mediansAndRatiosAreNumbers() {
        Map<?, ?> root = (Map<?, ?>) JsonReader.parse(ReportJson.write(Samples.report(List.of(
                Samples.of(EngineKind.CLEAVE, Workload.SCAN, 1, 3_000),
                Samples.of(EngineKind.LMDB, Workload.SCAN, 1, 2_000)))));
        Map<?, ?> median = (Map<?, ?>) ((List<?>) root.get("medians")).get(0);
        assertEquals(3_000L, median.get("perSecond"));
        assertEquals("cleave", median.get("engine"));
        Map<?, ?> ratio = (Map<?, ?>) ((List<?>) root.get("ratios")).get(0);
        assertEquals(1.5, ratio.get("cleaveToBestRival"));
        Map<?, ?> measurement = (Map<?, ?>) ((List<?>) root.get("measurements")).get(1);
        assertEquals(2_000L, measurement.get("operations"));
    }

    @Test
    void aMissingRatioIsNull() {
        String text = ReportJson.write(Samples.report(List.of(Samples.of(EngineKind.CLEAVE, Workload.SCAN, 1, 3))));
        assertTrue(text.contains("\"cleaveToBestRival\": null"), text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{}", "{\"format\": 2}", "{\"format\": 1, \"machine\": 3}", "nonsense"})
    void whatIsNoReportIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> ReportJson.read(text));
    }

    @Test
    void anIncompleteMeasurementIsRefused() {
        String text = ReportJson.write(Samples.report(List.of(Samples.of(EngineKind.CLEAVE, Workload.SCAN, 1, 3))));
        String cut = text.replaceFirst("\"nanos\": \\d+, ", "");
        assertThrows(IllegalArgumentException.class, () -> ReportJson.read(cut));
    }

    @Test
    void allKindsOfValuesAreRead() {
        String text = " { \"a\" : [ 1, -2.5, 1e3, true, false, null ], \"b\\u0041\\n\\\"\" : {}, \"c\": [] } ";
        Map<?, ?> root = (Map<?, ?>) JsonReader.parse(text);
        assertEquals(java.util.Arrays.asList(1L, -2.5, 1000.0, true, false, null), root.get("a"));
        assertEquals(Map.of(), root.get("bA\n\""));
        assertEquals(List.of(), root.get("c"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "[1, 2|found the end",
                "[1 2]|expected ']', found '2'",
                "{\"a\" 1}|expected ':', found '1'",
                "\"abc|expected a closing quote",
                "\"\\x\"|expected an escape, found 'x'",
                "[1,]|expected a value, found ']'",
                "1 1|expected the end, found '1'",
                "[01x]|expected a value, found '0'"
            })
    void damageIsNamed(String text, String message) {
        IllegalArgumentException failure = assertThrows(IllegalArgumentException.class, () -> JsonReader.parse(text));
        assertTrue(failure.getMessage().contains(message), failure::getMessage);
    }

    @Test
    void deepNestingIsRefused() {
        String deep = "[".repeat(10_000);
        assertThrows(IllegalArgumentException.class, () -> JsonReader.parse(deep));
    }
}
