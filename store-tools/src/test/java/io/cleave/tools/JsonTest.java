package io.cleave.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written is JSON, and what is read is JSON to the letter. */
final class JsonTest {
    @Test
    void everyKindOfValueIsWritten() {
        Json json = new Json().object();
        json.field("a", 1)
                .field("b", -2L)
                .field("c", "x\"\\\u0001\u2028")
                .field("d", null)
                .field("e", true);
        json.name("f").array().value(1).value(0.5).value(Double.NaN).endArray();
        json.name("g").bytes(new byte[] {(byte) 0xC3}).field("h", new byte[] {'i'});
        assertEquals(
                "{\"a\":1,\"b\":-2,\"c\":\"x\\\"\\\\\\u0001\\u2028\",\"d\":null,\"e\":true,\"f\":[1,0.5,null],"
                        + "\"g\":{\"hex\":\"c3\"},\"h\":\"i\"}",
                json.endObject().toString());
    }

    @Test
    void anyTextThatIsWrittenIsReadBack() throws JsonObject.SyntaxException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 2000; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(12); n > 0; n--) {
                int code = random.nextInt(random.nextBoolean() ? 0x80 : 0x11_0000);
                text.appendCodePoint(code >= 0xD800 && code < 0xE000 ? 'x' : code);
            }
            String json = new Json()
                    .object()
                    .field("name", text.toString())
                    .endObject()
                    .toString();
            assertEquals(text.toString(), JsonObject.parse(json).get("name").text(), () -> json + ", seed " + seed);
        }
    }

    @Test
    void fieldsAreReadInTheirOrderAndNestedOnesAsText() throws JsonObject.SyntaxException {
        Map<String, JsonObject.Value> fields = JsonObject.parse(
                " {\"a\" : \"\\u00e4\\n\\uD83D\\uDE00\", \"b\":[1, {\"c\":null}] ,\"c\":-1.5e+3, \"d\":true,\"\":{}} ");
        assertEquals("[a, b, c, d, ]", fields.keySet().toString());
        assertEquals("ä\n😀", fields.get("a").text());
        assertTrue(fields.get("a").isString());
        assertEquals("[1, {\"c\":null}]", fields.get("b").text());
        assertFalse(fields.get("b").isString());
        assertEquals("-1.5e+3", fields.get("c").text());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{}x",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{\"a\":1,\"a\":2}",
                "{'a':1}",
                "{\"a\":01}",
                "{\"a\":1.}",
                "{\"a\":.5}",
                "{\"a\":1e}",
                "{\"a\":+1}",
                "{\"a\":nul}",
                "{\"a\":NaN}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12g4\"}",
                "{\"a\":\"\\ud800\"}",
                "{\"a\":\"\\udc00\\ud800\"}",
                "{\"a\":\"",
                "{\"a\":\"\\",
                "{\"a\":[1,]}",
                "{\"a\":[1 2]}",
                "{\"a\":1 \"b\":2}"
            })
    void whatIsNoObjectIsRefusedWithItsColumn(String text) {
        JsonObject.SyntaxException failure =
                assertThrows(JsonObject.SyntaxException.class, () -> JsonObject.parse(text));
        assertTrue(failure.getMessage().matches("column \\d+: expected .*, found .*"), failure::getMessage);
    }

    @Test
    void deepNestingIsRefusedAndDoesNotOverflow() {
        String text = "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
        assertThrows(JsonObject.SyntaxException.class, () -> JsonObject.parse(text));
    }
}
