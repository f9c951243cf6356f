package io.cleave.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The SVG picture. */
final class RatioChartTest {
    private static Document parsed(List<Measurement> measurements) throws Exception {
        byte[] bytes = RatioChart.of(Samples.report(measurements)).getBytes(StandardCharsets.UTF_8);
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(bytes));
    }

    private static List<String> texts(Document document) {
        List<String> texts = new ArrayList<>();
        NodeList nodes = document.getElementsByTagName("text");
        for (int at = 0; at < nodes.getLength(); at++) {
            texts.add(nodes.item(at).getTextContent());
        }
        return texts;
    }

    /** Lengths of the bars, in the order in which they are drawn. */
    private static List<Integer> bars(Document document) {
        List<Integer> lengths = new ArrayList<>();
        NodeList nodes = document.getElementsByTagName("rect");
        for (int at = 0; at < nodes.getLength(); at++) {
            Element element = (Element) nodes.item(at);
            if (element.getAttribute("x").equals("250")) {
                lengths.add(Integer.valueOf(element.getAttribute("width")));
            }
        }
        return lengths;
    }

    @Test
    void everyWorkloadHasItsGroup() throws Exception {
        List<String> texts = texts(parsed(Samples.everything(EngineKind.values())));
        for (Workload workload : Workload.values()) {
            assertTrue(texts.contains(workload.title()), () -> workload.title() + " is not in " + texts);
        }
        assertTrue(texts.contains("random read, hit, 2 threads"), texts::toString);
        assertTrue(texts.contains("point: 16-byte keys, 100-byte values, 1,000,000 entries"), texts::toString);
        assertTrue(
                texts.stream().anyMatch(text -> text.startsWith("Some <fast> CPU & more, 2 cores")), texts::toString);
        for (String engine : List.of("Cleave", "RocksDB", "LMDB", "H2 MVStore")) {
            assertTrue(texts.contains(engine), () -> engine + " is not in " + texts);
        }
    }

    @Test
    void barsAreMeasuredByTheBestRivalAndCut() throws Exception {
        Document document = parsed(List.of(
                Samples.of(EngineKind.CLEAVE, Workload.SCAN, 1, 3_000_000),
                Samples.of(EngineKind.CLEAVE_LZ4, Workload.SCAN, 1, 20_000_000),
                Samples.of(EngineKind.ROCKSDB, Workload.SCAN, 1, 1_000_000),
                Samples.of(EngineKind.LMDB, Workload.SCAN, 1, 2_000_000)));
        assertEquals(List.of(240, 480, 80, 160), bars(document));
        List<String> texts = texts(document);
        for (String label : List.of("3.00 M/s  1.50×", "20.0 M/s  10.0×", "1.00 M/s  0.50×", "2.00 M/s  1.00×")) {
            assertTrue(texts.contains(label), () -> label + " is not in " + texts);
        }
    }

    @Test
    void aShorterOpeningHasTheLongerBar() throws Exception {
        WorkloadRow open = new WorkloadRow(Workload.OPEN_CLEAN, 1);
        Document document = parsed(List.of(
                Samples.of(EngineKind.CLEAVE, open, 1, 10, 200_000_000),
                Samples.of(EngineKind.LMDB, open, 1, 10, 100_000_000)));
        assertEquals(List.of(80, 160), bars(document));
    }

    @Test
    void withoutARivalTheBestIsTheMeasure() throws Exception {
        Document document = parsed(List.of(
                Samples.of(EngineKind.CLEAVE, Workload.SCAN, 1, 1_000_000),
                Samples.of(EngineKind.CLEAVE_LZ4, Workload.SCAN, 1, 2_000_000)));
        assertEquals(List.of(80, 160), bars(document));
        assertTrue(texts(document).contains("1.00 M/s"), () -> texts(document).toString());
    }
}
